"""Words about who somebody is, on the reference EPJ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest

from epjgate.drivers.dsl import Allergy, Epj, Issuer, Prescription, Refused, ReplacementCpr
from epjgate.evidence.recorder import Recorder
from epjgate.model.person import Person, Sex
from population.cpr import ReplacementKind, replacement_cpr

Somebody = Callable[[], Person]
PENICILLIN = Allergy("J01C", "Penicillin", "udslæt")


def test_a_person_is_registered_once(clinic: Epj, somebody: Somebody) -> None:
    """Whoever is known is found, and not registered again."""
    person = somebody()
    patient = clinic.register_patient_if_unknown(person)
    assert clinic.register_patient_if_unknown(person) == patient
    assert clinic.find_patient_by_cpr(person.cpr) == patient


def test_an_earlier_version_is_read_back(clinic: Epj, somebody: Somebody) -> None:
    """The reference that registration returned names the version before the move."""
    person = somebody()
    registered = clinic.register_patient(person)
    moved = clinic.change_address(registered, replace(person.address, line="Ærøgade 12"))
    assert clinic.read_patient_version(registered) == person
    assert clinic.read_patient_version(moved).address.line == "Ærøgade 12"


def test_a_merge_moves_the_record_and_names_the_survivor(
    clinic: Epj, somebody: Somebody, amoxicillin: Prescription
) -> None:
    """What one had, the other has; who went up is no longer found."""
    gone, kept = somebody(), somebody()
    source, into = clinic.register_patient(gone), clinic.register_patient(kept)
    clinic.record_allergy(source, PENICILLIN)
    order = clinic.prescribe(source, amoxicillin)
    assert clinic.merge_patients(source, into) == into
    assert (clinic.survivor_of(source), clinic.survivor_of(into)) == (into, None)
    assert clinic.allergies_of(into) == [PENICILLIN]
    assert [one.ref for one in clinic.medication_orders_of(into)] == [order]
    assert clinic.find_patient_by_cpr(gone.cpr) is None


def test_a_merge_that_makes_no_sense_is_refused(clinic: Epj, somebody: Somebody) -> None:
    """Nobody goes up in themselves."""
    patient = clinic.register_patient(somebody())
    with pytest.raises(Refused):
        clinic.merge_patients(patient, patient)


def test_an_unknown_person_gets_a_number_and_later_a_name(clinic: Epj, somebody: Somebody) -> None:
    """Two of the same sex and age get different numbers; an identified one keeps the number as an old one."""
    first, second = (clinic.register_unknown_patient(Sex.FEMALE, date(1970, 5, 1), "Ukendt") for _ in range(2))
    (number,), (other,) = clinic.replacement_numbers_of(first), clinic.replacement_numbers_of(second)
    assert number.number != other.number
    assert (number.issuer, bool(number.issued_by), number.old) == (Issuer.LOCAL, True, False)
    assert clinic.find_patients_by_replacement_cpr(number.number) == [first]
    person = somebody()
    assert clinic.identify_patient(first, person.cpr) == first
    assert clinic.replacement_numbers_of(first) == [replace(number, old=True)]
    assert clinic.find_patient_by_cpr(person.cpr) == first


def test_an_unknown_person_who_is_known_after_all_goes_up_in_the_known_one(clinic: Epj, somebody: Somebody) -> None:
    """The number still leads to them, and to nobody else."""
    person = somebody()
    known, unknown = clinic.register_patient(person), clinic.register_unknown_patient(Sex.MALE, date(1980, 1, 2))
    (number,) = clinic.replacement_numbers_of(unknown)
    assert clinic.identify_patient(unknown, person.cpr) == known
    assert clinic.find_patients_by_replacement_cpr(number.number) == [known]
    assert clinic.survivor_of(unknown) == known


def test_a_number_of_two_issuers_is_two_persons(clinic: Epj, somebody: Somebody) -> None:
    """The issuer is kept with each."""
    person = somebody()
    number = replacement_cpr(person.birth_date, person.sex, 3, kind=ReplacementKind.LOCAL)
    issued = [ReplacementCpr(number, issued_by=region) for region in ("Region Nord", "Region Syd")]
    patients = [clinic.register_patient_with_replacement_cpr(person, one) for one in issued]
    assert sorted(found.id for found in clinic.find_patients_by_replacement_cpr(number)) == sorted(
        patient.id for patient in patients
    )
    assert [clinic.replacement_numbers_of(patient) for patient in patients] == [[one] for one in issued]


def test_a_protected_address_shows_to_those_who_may_see_it(clinic: Epj, somebody: Somebody, morning: datetime) -> None:
    """Whoever may see it sees it by every way of asking; whoever may not, by none."""
    person = somebody()
    patient = clinic.register_patient(person)
    clinic.admit(patient, morning, "Ø3")
    assert clinic.address_of(patient) == person.address
    clinic.protect_address(patient)
    secretary = clinic.signed_in_as("secretary")
    assert (clinic.address_of(patient), secretary.address_of(patient)) == (None, person.address)
    assert clinic.where_address_shows(patient, person.address) == []
    assert len(secretary.where_address_shows(patient, person.address)) == 9
    assert patient not in clinic.find_patients_by_address(person.address)
    assert patient in secretary.find_patients_by_address(person.address)


def test_no_step_and_no_exchange_holds_a_number_or_a_token(
    clinic: Epj, somebody: Somebody, recorder: Recorder, steps: list[str]
) -> None:
    """Replacement numbers are patients' numbers too."""
    person = somebody()
    patient = clinic.register_unknown_patient(person.sex, person.birth_date)
    (number,) = clinic.replacement_numbers_of(patient)
    clinic.find_patients_by_replacement_cpr(number.number)
    clinic.identify_patient(patient, person.cpr)
    told = f"{steps} {recorder.exchanges}"
    assert "[cpr " in told
    assert [secret for secret in (person.cpr, number.number, "doctor-token") if secret in told] == []
