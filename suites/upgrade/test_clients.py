"""A client that was in the middle of its work when the system went down goes on with what it had read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.dsl import Epj
from epjgate.drivers.fhir import FhirClient
from epjgate.model.person import Person
from population.fhir_r4 import observation, patient

if TYPE_CHECKING:
    from suites.upgrade.conftest import Walk

pytestmark = [pytest.mark.needs("patients", "laboratory"), pytest.mark.severity("critical")]


@pytest.mark.requirement(
    "FHIR R4 4.0.1",
    "RESTful API 3.1.0.5",
    url="https://hl7.org/fhir/R4/http.html#concurrency",
)
def test_a_version_read_before_is_changed_after(epj: Epj, fhir: FhirClient, person: Person) -> Walk:
    """The ETag of the old release still stands for the version: the first change by it is taken, the second is not."""
    whose = fhir.create(patient(person)).expect(201).id
    stored = fhir.create(observation(f"Patient/{whose}")).expect(201)
    known = fhir.read("Observation", stored.id).expect(200)
    assert known.etag, "the server names no version"
    assert epj.find_patient_by_cpr(person.cpr) is not None
    yield
    again = fhir.read("Observation", stored.id).expect(200)
    assert again.etag == known.etag, "the upgrade made a new version of what nobody changed"
    assert again.resource == known.resource, "the record reads otherwise than before"
    changed = fhir.update({**known.resource, "status": "amended"}, if_match=known.etag).expect(200)
    late = fhir.update({**known.resource, "status": "cancelled"}, if_match=known.etag)
    assert late.status in (409, 412), late.describe()
    yield
    last = fhir.read("Observation", stored.id).expect(200)
    assert (last.etag, last.resource["status"]) == (changed.etag, "amended"), "what the candidate wrote is lost"
    corrected = fhir.update({**last.resource, "status": "corrected"}, if_match=changed.etag).expect(200)
    entries = fhir.history("Observation", stored.id).expect(200).entries
    assert sorted((entry["resource"]["meta"]["versionId"], entry["resource"]["status"]) for entry in entries) == [
        (known.version, "final"),
        (changed.version, "amended"),
        (corrected.version, "corrected"),
    ]
