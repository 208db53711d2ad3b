"""Patients: the desk finds whom it registered, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from epjgate.drivers.dsl import Epj, PatientRef
from epjgate.model.person import Address, Person

pytestmark = pytest.mark.needs("patients")


@pytest.mark.severity("blocker")
def test_a_registered_patient_is_read_back_as_entered(epj: Epj, patient: PatientRef, person: Person) -> None:
    """Name with æ, ø and å, CPR number, sex, date of birth and address are what was entered."""
    assert epj.read_patient(patient) == person


@pytest.mark.severity("blocker")
def test_a_cpr_number_finds_its_patient_and_no_other(
    epj: Epj, patient: PatientRef, bystander: PatientRef, person: Person
) -> None:
    """Each CPR number leads to the patient who bears it."""
    assert epj.find_patient_by_cpr(person.cpr) == patient
    assert epj.find_patient_by_cpr(epj.read_patient(bystander).cpr) == bystander


@pytest.mark.severity("critical")
def test_an_unknown_cpr_number_finds_nobody(
    epj: Epj, patient: PatientRef, person: Person, people: Callable[[int], list[Person]]
) -> None:
    """A number that was never registered leads to nobody, on a system that finds the one that was."""
    (stranger,) = people(1)
    assert epj.find_patient_by_cpr(person.cpr) == patient
    assert epj.find_patient_by_cpr(stranger.cpr) is None


@pytest.mark.severity("normal")
def test_a_change_of_address_changes_the_address_only(
    epj: Epj, patient: PatientRef, bystander: PatientRef, person: Person
) -> None:
    """After a move the new address is read, everything else is as before, and the neighbour has not moved."""
    neighbour = epj.read_patient(bystander)
    new = Address(line="Ærøgade 12, 3. tv.", postal_code="5970", city="Ærøskøbing")
    epj.change_address(patient, new)
    assert epj.read_patient(patient) == replace(person, address=new)
    assert epj.read_patient(bystander) == neighbour
