"""One person who is registered at many desks at once is one patient (INC-0039)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from epjgate.drivers.dsl import Epj, PatientRef, Refused
from epjgate.model.person import Person

DESKS = 8
PERSONS = 6


def test_parallel_registrations_of_one_person_make_one_patient(epj: Epj, people: Callable[[int], list[Person]]) -> None:
    """Whoever registers somebody unless they are known gets the same patient as all others who do so at that moment."""
    answers = {person.cpr: registered_at_once(epj, person) for person in people(PERSONS)}
    made = {cpr: {patient for patient in patients if patient is not None} for cpr, patients in answers.items()}
    doubled = [cpr for cpr, patients in made.items() if len(patients) > 1]
    assert doubled == [], "registrations at the same moment made several patients of one person"
    assert all(None not in patients for patients in answers.values()), "a registration was refused"

    found = {cpr: {epj.find_patient_by_cpr(cpr)} for cpr in made}
    assert found == made, "another patient is found than the one registered"
    assert len(set().union(*made.values())) == PERSONS, "several persons were registered as one patient"


def registered_at_once(epj: Epj, person: Person) -> list[PatientRef | None]:
    """Register `person` at all desks at the same moment; returns the answers, None for one that was refused."""

    def register(_desk: int) -> PatientRef | None:
        try:
            return epj.register_patient_if_unknown(person)
        except Refused:  # who comes late, when several are known already
            return None

    with ThreadPoolExecutor(DESKS) as desks:
        return list(desks.map(register, range(DESKS)))
