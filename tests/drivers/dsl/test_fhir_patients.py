"""Patients on FHIR R4."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.drivers.dsl.fhir_patients import CPR_SYSTEM, FhirPatients
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirClient
from epjgate.errors import CandidateFault
from epjgate.model.person import Address
from population.persons import people, person

if TYPE_CHECKING:
    from tests.drivers.conftest import StandIn
    from tests.drivers.dsl.conftest import FhirMemory

PERSON = person(1, 0)


@pytest.fixture
def patients(client: FhirClient) -> FhirPatients:
    return FhirPatients(client)


def test_a_registered_person_reads_back_the_same(patients: FhirPatients) -> None:
    """Every part of every person survives, and the reference is what the server said."""
    for one in people(2, 20):
        ref = patients.register(one)
        assert patients.read(ref) == one
        assert ref.version == "1"


def test_the_cpr_number_is_the_official_identifier(patients: FhirPatients, memory: FhirMemory) -> None:
    """dk-core: system urn:oid:1.2.208.176.1.2, ten digits."""
    patients.register(PERSON)
    assert memory.only("Patient")["identifier"] == [{"use": "official", "system": CPR_SYSTEM, "value": PERSON.cpr}]
    assert CPR_SYSTEM == "urn:oid:1.2.208.176.1.2"


def test_registration_that_is_not_a_creation_is_the_candidates_fault(patients: FhirPatients, stand_in: StandIn) -> None:
    """R4 http.html#create: 201; a 200 would mean that somebody else was there before."""
    stand_in.answers({"resourceType": "Patient", "id": "1"}, status=200)
    with pytest.raises(CandidateFault, match="expected 201"):
        patients.register(PERSON)


def test_a_patient_is_found_by_cpr_number(patients: FhirPatients) -> None:
    """The one who has it, and nobody for a number that nobody has."""
    refs = [patients.register(one) for one in people(3, 3)]
    assert patients.find_by_cpr(person(3, 1).cpr) == refs[1]
    assert patients.find_by_cpr(person(3, 7).cpr) is None


def test_two_patients_with_one_number_are_the_candidates_fault(patients: FhirPatients) -> None:
    """Both ids are named and the number is not."""
    first, second = patients.register(PERSON), patients.register(PERSON)
    with pytest.raises(CandidateFault, match=f"2 patients .*: {first.id}, {second.id}") as caught:
        patients.find_by_cpr(PERSON.cpr)
    assert PERSON.cpr not in str(caught.value)


def test_a_patient_with_another_number_is_the_candidates_fault(patients: FhirPatients, stand_in: StandIn) -> None:
    """A search that ignores the identifier finds the wrong patient, not a patient."""
    wrong = {"resourceType": "Patient", "id": "1", "identifier": [{"system": CPR_SYSTEM, "value": person(1, 9).cpr}]}
    stand_in.answers({"resourceType": "Bundle", "entry": [{"resource": wrong}]})
    with pytest.raises(CandidateFault, match="another number"):
        patients.find_by_cpr(PERSON.cpr)


def test_an_unknown_patient_is_the_candidates_fault(patients: FhirPatients) -> None:
    """A reference that the server gave must lead somewhere."""
    with pytest.raises(CandidateFault, match="-> 404"):
        patients.read(PatientRef("nobody"))


@pytest.mark.parametrize("lost", ["identifier", "name", "gender", "birthDate", "address"])
def test_a_lost_element_is_the_candidates_fault(patients: FhirPatients, memory: FhirMemory, lost: str) -> None:
    """What registration wrote must be there when it is read."""
    ref = patients.register(PERSON)
    del memory.only("Patient")[lost]
    with pytest.raises(CandidateFault, match=rf"Patient\.{lost}"):
        patients.read(ref)


@pytest.mark.parametrize(("element", "value"), [("gender", "unknown"), ("birthDate", "1975"), ("name", "Åse")])
def test_a_changed_element_is_the_candidates_fault(
    patients: FhirPatients, memory: FhirMemory, element: str, value: Any
) -> None:
    """A value that nobody registered is named."""
    ref = patients.register(PERSON)
    memory.only("Patient")[element] = value
    with pytest.raises(CandidateFault, match=rf"Patient\.{element} is "):
        patients.read(ref)


def test_a_new_address_replaces_the_old_one_only(patients: FhirPatients, memory: FhirMemory) -> None:
    """Temporary addresses and everything else stay, in a new version."""
    ref = patients.register(PERSON)
    temporary = {"use": "temp", "city": "Rønne"}
    memory.only("Patient")["address"].append(temporary)
    moved = patients.change_address(ref, Address("Ny Ø-vej 1, 2. tv.", "9000", "Aalborg"))
    assert (moved, moved.version) == (ref, "2")
    assert patients.read(ref) == replace(PERSON, address=Address("Ny Ø-vej 1, 2. tv.", "9000", "Aalborg"))
    assert memory.only("Patient")["address"][1:] == [temporary]


def test_whoever_was_merged_away_is_not_found(patients: FhirPatients, memory: FhirMemory) -> None:
    """A Patient who is no longer active is not the one with the number."""
    patients.register(PERSON)
    memory.only("Patient")["active"] = False
    assert patients.find_by_cpr(PERSON.cpr) is None


@pytest.mark.parametrize("status", [200, 201])
def test_a_person_is_registered_on_condition_of_being_unknown(
    patients: FhirPatients, stand_in: StandIn, status: int
) -> None:
    """R4 http.html#ccreate: the condition is the CPR number; known or new, the patient comes back."""
    stand_in.answers({"resourceType": "Patient", "id": "4"}, status=status)
    assert patients.register_if_unknown(PERSON) == PatientRef("4")
    assert stand_in.asked[0].headers["If-None-Exist"] == f"identifier={CPR_SYSTEM}|{PERSON.cpr}"


def test_an_earlier_version_is_asked_for_by_its_number(patients: FhirPatients, stand_in: StandIn) -> None:
    """The version in the reference, and no other."""
    stand_in.answers({"resourceType": "Patient", "id": "4"}, status=404)
    with pytest.raises(CandidateFault):
        patients.read_version(PatientRef("4", "2"))
    assert stand_in.asked[0].path == "/fhir/Patient/4/_history/2"
