"""What the FHIR implementations share."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.dsl.fhir_records import (
    change,
    code_of,
    records_of,
    resource_version,
    state_at,
    subject,
    version_of,
)
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirClient, Resource
from epjgate.errors import CandidateFault

if TYPE_CHECKING:
    from tests.drivers.conftest import StandIn
    from tests.drivers.dsl.conftest import FhirMemory

PATIENT = PatientRef("7")


class Light(StrEnum):
    """A state of one thing."""

    RED = "red"


def rename(record: Resource) -> None:
    record["name"] = "new"


@pytest.mark.parametrize(
    ("body", "headers", "version"),
    [
        ({"resourceType": "Patient", "meta": {"versionId": "3"}}, {"ETag": 'W/"9"'}, "3"),
        ({"resourceType": "Patient"}, {"ETag": 'W/"9"'}, "9"),
        (b"", {"ETag": '"9"'}, "9"),
        (b"", {}, ""),
    ],
)
def test_the_version_is_what_the_server_said(
    client: FhirClient, stand_in: StandIn, body: object, headers: dict[str, str], version: str
) -> None:
    """Taken from the body, else from the ETag; nothing is made up."""
    stand_in.answers(body, headers=headers)
    assert version_of(client.read("Patient", "7")) == version


def test_a_resource_without_a_version_has_none() -> None:
    """Servers without versions leave it out."""
    assert (resource_version({"meta": {"versionId": "3"}}), resource_version({}), resource_version({"meta": {}})) == (
        "3",
        "",
        "",
    )


def test_a_change_keeps_everything_else_and_guards_the_version(
    client: FhirClient, stand_in: StandIn, memory: FhirMemory
) -> None:
    """What was not edited is written back as it was read, under the version that was read."""
    memory.records["Patient/7"] = {"resourceType": "Patient", "id": "7", "meta": {"versionId": "4"}, "extra": ["æ"]}
    changed = change(client, "Patient", "7", rename)
    assert (changed.version, memory.records["Patient/7"]["extra"], memory.records["Patient/7"]["name"]) == (
        "5",
        ["æ"],
        "new",
    )
    assert stand_in.asked[1].headers["If-Match"] == 'W/"4"'


def test_a_change_in_between_is_not_overwritten(client: FhirClient, stand_in: StandIn, memory: FhirMemory) -> None:
    """The server's refusal is reported and nothing is tried again."""
    memory.records["Patient/7"] = {"resourceType": "Patient", "id": "7", "meta": {"versionId": "4"}}
    stand_in.answers(memory.records["Patient/7"], headers={"ETag": 'W/"3"'})
    with pytest.raises(CandidateFault, match=r"expected 200: PUT .* -> 412"):
        change(client, "Patient", "7", rename)
    assert len(stand_in.asked) == 2
    assert "name" not in memory.records["Patient/7"]


@pytest.mark.parametrize("reference", ["Patient/7", "http://epj.example/fhir/Patient/7", "Patient/7/_history/2"])
def test_records_of_a_patient_are_found(client: FhirClient, stand_in: StandIn, reference: str) -> None:
    """However the server writes the reference."""
    record = {"resourceType": "Encounter", "subject": {"reference": reference}}
    stand_in.answers({"resourceType": "Bundle", "entry": [{"resource": record}]})
    assert records_of(client, "Encounter", PATIENT, ("status", "finished")) == [record]
    assert stand_in.asked[0].path == "/fhir/Encounter?patient=7&status=finished"


@pytest.mark.parametrize("reference", ["Patient/77", "Patient/8", "Group/7", "7"])
def test_another_patients_record_is_the_candidates_fault(client: FhirClient, stand_in: StandIn, reference: str) -> None:
    """A search that hands out somebody else's record is the worst answer of all."""
    record = {"resourceType": "Encounter", "subject": {"reference": reference}}
    stand_in.answers({"resourceType": "Bundle", "entry": [{"resource": record}]})
    with pytest.raises(CandidateFault, match=f"of Patient/7 returned one of {reference}"):
        records_of(client, "Encounter", PATIENT)


def test_a_record_says_whose_it_is() -> None:
    """A literal reference to the patient."""
    assert subject(PATIENT) == {"reference": "Patient/7"}


def test_the_code_of_a_known_system_is_chosen() -> None:
    """Local codes beside it do not matter."""
    codings = [{"code": "local"}, {"system": "b", "code": "B"}, {"system": "a", "code": "A"}]
    assert code_of({"code": {"coding": codings}}, {1: "a", 2: "b"}, "code") == (2, "B")


@pytest.mark.parametrize("concept", [{}, {"coding": []}, {"coding": [{"system": "c", "code": "C"}]}])
def test_a_concept_without_a_known_code_is_the_candidates_fault(concept: Resource) -> None:
    """The systems that were looked for are named."""
    with pytest.raises(CandidateFault, match="has no code of a or b"):
        code_of({"code": concept}, {1: "a", 2: "b"}, "code")


def test_a_state_is_looked_up_and_an_unknown_one_is_the_candidates_fault() -> None:
    """Unknown is never taken for something known."""
    assert state_at({"status": "r"}, {"r": Light.RED}, "status") is Light.RED
    with pytest.raises(CandidateFault, match="'blue'; R4 knows r"):
        state_at({"status": "blue"}, {"r": Light.RED}, "status")
