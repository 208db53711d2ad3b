"""As many answers as there are persons reach each of them (INC-0014)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl import Epj, LabMessage, LabResult
from epjgate.model.person import Person
from population import cpr_number

GLUCOSE = ("NPU02192", "P-Glukose")


def test_every_answer_stands_with_its_person(
    epj: Epj, people: Callable[[int], list[Person]], at: Callable[[str], datetime]
) -> None:
    """Twins among them; once all in one packet, as a laboratory sends that has caught up, and once one by one."""
    persons = people(6)
    persons.append(twin_of(persons[0]))
    morning = [LabResult(*GLUCOSE, Decimal(n), "mmol/L", at("2026-02-03 07:00")) for n, _ in enumerate(persons, 1)]
    evening = [replace(one, value=one.value + 100, taken_at=one.taken_at + timedelta(hours=12)) for one in morning]
    patients = [epj.register_patient(person) for person in persons]

    messages = [LabMessage(person, result) for person, result in zip(persons, morning, strict=True)]
    told = epj.laboratory_sends_together(messages)
    told += [epj.laboratory_sends_result(person, result) for person, result in zip(persons, evening, strict=True)]
    charts = [epj.lab_results_of(patient) for patient in patients]

    assert all(answer.accepted for answer in told), "an answer about a known patient was refused"
    expected = [[early, late] for early, late in zip(morning, evening, strict=True)]
    assert charts == expected, "an answer does not stand with the person whom it is about"


def twin_of(person: Person) -> Person:
    """Return somebody of the same name, birth date and sex; only the CPR number tells them apart."""
    numbers = (cpr_number(person.birth_date, person.sex, serial) for serial in range(2))
    return replace(person, cpr=next(number for number in numbers if number != person.cpr))
