"""A CPR number is not refused for its check digit, nor a national replacement number for its letters (INC-0023)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from epjgate.drivers.dsl import Epj, Issuer, Refused, ReplacementCpr
from epjgate.model.person import Person
from population import ReplacementKind, replacement_cpr


def test_every_possible_number_is_accepted(
    epj: Epj, people: Callable[[int], list[Person]], at: Callable[[str], datetime]
) -> None:
    """At the desk, by the admission system, and when somebody is identified; the numbers here all fail modulus 11."""
    for number in range(3):
        registered, came_first, arrived, unknown, foreign = people(5)
        nobody_yet = epj.register_unknown_patient(unknown.sex, unknown.birth_date)
        ways = [
            partial(epj.register_patient, registered),
            partial(epj.register_patient_if_unknown, came_first),
            partial(epj.identify_patient, nobody_yet, unknown.cpr),
        ]
        assert not any(map(is_refused, ways)), "a CPR number was refused for its check digit"
        admission = epj.admission_system_admits(arrived, at("2026-02-03 08:00"), "Medicinsk modtagelse")
        assert admission.accepted, "the admission system's CPR number was refused for its check digit"
        for person in (registered, came_first, arrived, unknown):
            assert epj.find_patient_by_cpr(person.cpr), "nobody is found by a CPR number that was accepted"

        national = national_number(foreign, number)
        register = partial(epj.register_patient_with_replacement_cpr, foreign, national)
        assert not is_refused(register), "a national replacement number was refused"
        assert epj.find_patients_by_replacement_cpr(national.number), "nobody is found by a national replacement number"


def is_refused(act: Callable[[], object]) -> bool:
    """Whether a rule of the record stands against `act`."""
    try:
        act()
    except Refused:
        return True
    return False


def national_number(person: Person, number: int) -> ReplacementCpr:
    """Return an X-eCPR number for `person`."""
    text = replacement_cpr(person.birth_date, person.sex, number, kind=ReplacementKind.NATIONAL)
    return ReplacementCpr(text, Issuer.NATIONAL)
