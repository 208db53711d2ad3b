"""Allergies on FHIR R4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from epjgate.drivers.dsl.allergies import Allergy
from epjgate.drivers.dsl.fhir_allergies import FhirAllergies, FhirAllergyAlerts
from epjgate.drivers.dsl.medication import Drug
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirClient
from epjgate.errors import CandidateFault

if TYPE_CHECKING:
    from tests.drivers.conftest import StandIn

PATIENT = PatientRef("7")
RECORD: dict[str, Any] = {
    "resourceType": "AllergyIntolerance",
    "id": "1",
    "clinicalStatus": {"coding": [{"code": "active"}]},
    "code": {"coding": [{"system": "http://www.whocc.no/atc", "code": "J01C"}], "text": "Penicillin"},
    "patient": {"reference": "Patient/7"},
}


def coded(code: str) -> dict[str, Any]:
    return {"coding": [{"code": code}]}


def bundle(*records: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "entry": [{"resource": record} for record in records]}


def test_what_was_recorded_is_read_back(stand_in: StandIn, client: FhirClient) -> None:
    """As active and confirmed, with its reaction; equal entries stay two."""
    allergies = FhirAllergies(client)
    stand_in.answers({**RECORD, "meta": {"versionId": "1"}}, status=201)
    ref = allergies.record(PATIENT, Allergy("J01C", "Penicillin", "udslæt"))
    sent = stand_in.asked[0].body.decode()
    assert ('"active"' in sent, '"confirmed"' in sent, '"udslæt"' in sent) == (True, True, True)
    stand_in.answers(bundle(RECORD, RECORD))
    assert (ref.id, allergies.of(PATIENT)) == ("1", [Allergy("J01C", "Penicillin")] * 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"clinicalStatus": coded("inactive")},
        {"clinicalStatus": coded("resolved")},
        {"verificationStatus": coded("entered-in-error")},
    ],
)
def test_what_no_longer_holds_is_left_out(stand_in: StandIn, client: FhirClient, changes: dict[str, Any]) -> None:
    """Inactive, resolved and erroneous ones warn nobody."""
    stand_in.answers(bundle({**RECORD, **changes}))
    assert FhirAllergies(client).of(PATIENT) == []


def test_another_patients_allergy_is_the_candidates_fault(stand_in: StandIn, client: FhirClient) -> None:
    """A search that hands it out mixes up two persons."""
    stand_in.answers(bundle({**RECORD, "patient": {"reference": "Patient/8"}}))
    with pytest.raises(CandidateFault, match="returned one of Patient/8"):
        FhirAllergies(client).of(PATIENT)


def test_an_alert_without_a_text_is_the_candidates_fault(stand_in: StandIn, client: FhirClient) -> None:
    """A warning that says nothing warns nobody."""
    alerts = FhirAllergyAlerts(client)
    stand_in.answers({"resourceType": "Parameters", "parameter": [{"name": "alert", "valueString": "Penicillin"}]})
    assert alerts.alerts(PATIENT, Drug("J01CA04", "Amoxicillin")) == ["Penicillin"]
    stand_in.answers({"resourceType": "Parameters", "parameter": [{"name": "alert"}]})
    with pytest.raises(CandidateFault, match="valueString is missing"):
        alerts.alerts(PATIENT, Drug("J01CA04", "Amoxicillin"))
