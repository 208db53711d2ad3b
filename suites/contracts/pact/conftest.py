"""Provider states: what a consumer finds at the candidate, made for this test with persons of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from epjgate.drivers.fhir import FhirClient
from epjgate.drivers.http import RecordedSession, bearer
from epjgate.drivers.openapi_replay import ALL_RIGHTS
from epjgate.drivers.pact_provider import Provider, SetUp
from epjgate.evidence.recorder import Recorder
from epjgate.model.person import Person
from epjgate.model.target import Target
from population import fhir_r4

METOPROLOL: dict[str, Any] = {
    "medicationCodeableConcept": {
        "coding": [{"system": "http://www.whocc.no/atc", "code": "C07AB02"}],
        "text": "Metoprolol",
    },
    "dosageInstruction": [
        {"text": "1 tablet dagligt", "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}]}
    ],
}
POTASSIUM: dict[str, Any] = {
    "code": {"coding": [{"system": "urn:oid:1.2.208.176.2.1", "code": "NPU03230"}], "text": "P-Kalium"},
    "valueQuantity": {"value": 3.9, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L"},
    "referenceRange": [{"low": {"value": 3.5, "unit": "mmol/L"}, "high": {"value": 4.4, "unit": "mmol/L"}}],
}


@pytest.fixture
def states(fhir: FhirClient, person: Person, clinic_seed: int) -> dict[str, SetUp]:
    """What the candidate can be brought into, by the names that the pacts give it."""

    def registered() -> dict[str, str]:
        made = fhir.create(fhir_r4.patient(person)).expect(201)
        return {"patientId": made.id, "cpr": person.cpr}

    def with_one(kind: str, make: Callable[[str], dict[str, Any]]) -> SetUp:
        def set_up() -> dict[str, str]:
            values = registered()
            return {**values, kind: fhir.create(make(f"Patient/{values['patientId']}")).expect(201).id}

        return set_up

    nobodys_id = str(UUID(int=clinic_seed))
    return {
        "a patient is registered": registered,
        "nobody has the CPR number": lambda: {"cpr": person.cpr},
        "no patient has the id": lambda: {"patientId": nobodys_id},
        "no order has the id": lambda: {"orderId": nobodys_id},
        "a patient is admitted": with_one("encounterId", _stay),
        "a patient has an active order": with_one("orderId", lambda of: fhir_r4.medication_request(of, **METOPROLOL)),
        "a patient has a result": with_one("resultId", lambda of: fhir_r4.observation(of, **POTASSIUM)),
    }


def _stay(patient: str) -> dict[str, Any]:
    kind = {"system": fhir_r4.ACT_CODE, "code": "IMP", "display": "inpatient encounter"}
    begun = {"start": "2026-02-03T08:00:00+01:00"}
    return fhir_r4.encounter(patient, **{"status": "in-progress", "class": kind, "period": begun})


@pytest.fixture
def provider(target: Target, recorder: Recorder, states: dict[str, SetUp]) -> Iterator[Provider]:
    """The candidate as the verifier sees it, signed in as the one who may do everything."""
    url = target.url("fhir_r4") or ""
    token = target.users.get(ALL_RIGHTS)
    with (
        RecordedSession(
            url, recorder, timeout_s=target.timeout_s, headers=bearer(token), alterations=target.alterations
        ) as session,
        Provider(session, states) as provider,
    ):
        yield provider
