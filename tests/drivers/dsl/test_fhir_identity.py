"""Merges and replacement numbers on FHIR R4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from epjgate.drivers.dsl.fhir_identity import FhirPatientMerge, FhirReplacementNumbers
from epjgate.drivers.dsl.identity import Issuer, ReplacementCpr
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirClient
from epjgate.errors import CandidateFault

if TYPE_CHECKING:
    from tests.drivers.conftest import StandIn

PATIENT = PatientRef("7")
LINK = {"link": [{"type": "replaced-by", "other": {"reference": "Patient/8"}}]}


def patient(**elements: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": "7", **elements}


@pytest.mark.parametrize(
    ("record", "survivor"),
    [
        (patient(active=False, **LINK), PatientRef("8")),
        (patient(active=True), None),
        (patient(link=[{"type": "seealso", "other": {"reference": "Patient/8"}}]), None),
    ],
)
def test_a_link_names_the_survivor(
    stand_in: StandIn, client: FhirClient, record: dict[str, Any], survivor: PatientRef | None
) -> None:
    """Only the link of a merge counts."""
    stand_in.answers(record)
    assert FhirPatientMerge(client).survivor_of(PATIENT) == survivor


def test_a_merged_patient_who_is_still_active_is_the_candidates_fault(stand_in: StandIn, client: FhirClient) -> None:
    """Two live records of one person."""
    stand_in.answers(patient(active=True, **LINK))
    with pytest.raises(CandidateFault, match="still active"):
        FhirPatientMerge(client).survivor_of(PATIENT)


def test_numbers_of_both_issuers_are_told_apart(stand_in: StandIn, client: FhirClient) -> None:
    """Other identifiers are none; an old number says so."""
    identifiers = [
        {"system": "urn:oid:1.2.208.176.1.2", "value": "0203754321"},
        {"system": "urn:oid:1.2.208.176.1.6.1.1", "value": "0203751AA1", "use": "official"},
        {"system": "urn:oid:1.2.208.176.1.6.1.3", "value": "0203750AA1", "use": "old", "assigner": {"display": "X"}},
    ]
    stand_in.answers(patient(identifier=identifiers))
    assert FhirReplacementNumbers(client).replacements_of(PATIENT) == [
        ReplacementCpr("0203751AA1", Issuer.NATIONAL),
        ReplacementCpr("0203750AA1", Issuer.LOCAL, "X", old=True),
    ]


def test_whoever_was_merged_away_is_not_found(stand_in: StandIn, client: FhirClient) -> None:
    """The number leads to the living record only."""
    records = [patient(active=False), {**patient(active=True), "id": "8"}]
    stand_in.answers({"resourceType": "Bundle", "entry": [{"resource": record} for record in records]})
    assert FhirReplacementNumbers(client).find("0203750AA1") == [PatientRef("8")]
