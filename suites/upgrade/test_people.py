"""Who is who across the upgrade: found by what they are called, protected, merged, and numbered once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.dsl import Epj, Issuer, PatientRef, Prescription, Refused, ReplacementCpr
from epjgate.model.person import Address, Person, Sex
from population import ReplacementKind, replacement_cpr

if TYPE_CHECKING:
    from suites.upgrade.conftest import Walk

pytestmark = [pytest.mark.needs("patients"), pytest.mark.severity("critical")]

People = Callable[[int], list[Person]]
HOME = Address(line="Ærøgade 12, 3. tv.", postal_code="4800", city="Nykøbing Falster Ø")
MOVED = Address(line="Østre Allé 1 B, st.", postal_code="8000", city="Aarhus C")


@pytest.fixture
def named(person: Person, clinic_seed: int) -> Person:
    """A person with letters that get lost easily, and a family name that nobody else in this run has."""
    family = f"Ågård-Sørensen é {clinic_seed:x}"
    return replace(person, given_names=("Åse", "Bjørg"), family_name=family, address=HOME)


@pytest.mark.severity("blocker")
def test_a_patient_reads_and_is_found_as_before(epj: Epj, named: Person) -> Walk:
    """By number and by family name to the letter; the version that was read before is still the one that was read."""
    patient = epj.register_patient(named)

    def found(epj: Epj) -> Person:
        assert epj.find_patient_by_cpr(named.cpr) == patient
        assert epj.find_patients_by_name(named.family_name) == [patient], "not found by name, or more than once"
        return epj.read_patient(patient)

    assert found(epj) == named
    epj = yield
    assert found(epj) == named
    assert epj.register_patient_if_unknown(named) == patient, "a known person was registered again"
    moved = epj.change_address(patient, MOVED)
    assert epj.read_patient_version(patient) == named, "the version before the upgrade is no longer what it was"
    assert found(epj) == replace(named, address=MOVED)
    epj = yield
    assert found(epj) == replace(named, address=MOVED), "what the candidate wrote is lost"
    assert epj.read_patient_version(patient) == named
    assert epj.read_patient_version(moved) == replace(named, address=MOVED)


@pytest.mark.severity("blocker")
def test_whoever_the_candidate_registers_outlasts_the_rollback(epj: Epj, named: Person) -> Walk:
    """A newcomer is known to the old release, once, by number and by name."""
    assert epj.find_patient_by_cpr(named.cpr) is None
    epj = yield
    registered = epj.register_patient(named)
    assert epj.read_patient(registered) == named
    epj = yield
    assert epj.find_patient_by_cpr(named.cpr) == registered, "the newcomer is lost"
    assert epj.find_patients_by_name(named.family_name) == [registered]
    assert epj.read_patient(registered) == named


@pytest.mark.needs("address_protection", "access_control")
@pytest.mark.severity("blocker")
def test_a_protected_address_stays_protected(epj: Epj, people: People) -> Walk:
    """No way of asking shows the street to the ward, nobody finds the patient by it, and the secretary still has it."""
    (someone,) = people(1)
    hidden = replace(someone, address=replace(HOME, line=f"Hemmelig Sti {someone.cpr[:4]}, 2. mf."))
    patient = epj.register_patient(hidden)
    epj.protect_address(patient)

    def shown(epj: Epj) -> list[str]:
        assert epj.address_of(patient) is None, "the address is shown"
        assert patient not in epj.find_patients_by_address(hidden.address), "the patient is found by the address"
        assert epj.signed_in_as("secretary").address_of(patient) == hidden.address
        return epj.where_address_shows(patient, hidden.address)

    assert shown(epj) == []
    epj = yield
    assert shown(epj) == []
    epj = yield
    assert shown(epj) == []


@pytest.mark.needs("patient_merge", "medication")
@pytest.mark.severity("blocker")
def test_merged_patients_stay_merged(epj: Epj, patient: PatientRef, people: People, weekly: Prescription) -> Walk:
    """The survivor has the whole chart, the other record leads there, and nobody takes the merge back."""
    (twin,) = people(1)
    gone = epj.register_patient(twin)
    order = epj.prescribe(gone, weekly)
    assert epj.merge_patients(gone, into=patient) == patient

    def survivor(epj: Epj) -> PatientRef | None:
        assert [one.ref for one in epj.medication_orders_of(patient)] == [order]
        assert epj.medication_orders_of(gone) == []
        assert epj.survivor_of(patient) is None
        return epj.survivor_of(gone)

    assert survivor(epj) == patient
    epj = yield
    assert survivor(epj) == patient
    with pytest.raises(Refused):
        epj.merge_patients(patient, into=gone)
    epj = yield
    assert survivor(epj) == patient


@pytest.mark.needs("replacement_cpr")
def test_replacement_numbers_are_given_out_once(epj: Epj, people: People, clinic_seed: int) -> Walk:
    """Unknown persons of one sex and age, registered on each release in turn: every one has a number of their own."""
    born = date(1950 + clinic_seed % 40, 5, 5)
    (stranger,) = people(1)
    theirs = replacement_cpr(stranger.birth_date, stranger.sex, 3000, kind=ReplacementKind.LOCAL)
    other = epj.register_patient_with_replacement_cpr(stranger, ReplacementCpr(theirs, Issuer.LOCAL, "Sygehus Nord"))
    unknown = [epj.register_unknown_patient(Sex.FEMALE, born) for _ in range(2)]

    def distinct(epj: Epj) -> bool:
        numbers = [one.number for ref in unknown for one in epj.replacement_numbers_of(ref)]
        found = [epj.find_patients_by_replacement_cpr(number) for number in numbers]
        assert found == [[ref] for ref in unknown], "a replacement number leads to somebody else, or to several"
        assert other in epj.find_patients_by_replacement_cpr(theirs)
        return len(set(numbers)) == len(unknown)

    assert distinct(epj)
    epj = yield
    assert distinct(epj)
    unknown += [epj.register_unknown_patient(Sex.FEMALE, born) for _ in range(2)]
    assert distinct(epj), "the candidate gives out a number that somebody has"
    epj = yield
    unknown += [epj.register_unknown_patient(Sex.FEMALE, born) for _ in range(2)]
    assert distinct(epj), "the old release gives out a number that somebody has"


@pytest.mark.needs("replacement_cpr")
def test_an_unknown_person_is_identified_after_the_upgrade(epj: Epj, people: People) -> Walk:
    """Whoever came in without a name before it gets the real number after it, and keeps both."""
    (person,) = people(1)
    patient = epj.register_unknown_patient(person.sex, person.birth_date)
    (number,) = epj.replacement_numbers_of(patient)
    assert not number.old
    epj = yield
    identified = epj.identify_patient(patient, person.cpr)
    assert epj.find_patient_by_cpr(person.cpr) == identified == patient
    epj = yield
    assert epj.find_patient_by_cpr(person.cpr) == patient, "the real number is lost"
    assert [(one.number, one.old) for one in epj.replacement_numbers_of(patient)] == [(number.number, True)]
