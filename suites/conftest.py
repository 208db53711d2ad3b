"""What every suite stands on: synthetic persons, each test with its own, and a patient beside a bystander."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

import population
from epjgate.model.person import Person

if TYPE_CHECKING:
    from epjgate.drivers.dsl import Epj, PatientRef

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


@pytest.fixture
def person(clinic_seed: int) -> Person:
    """A synthetic person whom no other test of this run knows."""
    return population.person(clinic_seed, 0)


@pytest.fixture
def people(clinic_seed: int) -> Callable[[int], list[Person]]:
    """Call it with n for n more synthetic persons, none of them `person` and none given before."""
    index = count(1)
    return lambda n: [population.person(clinic_seed, next(index)) for _ in range(n)]


@pytest.fixture
def at() -> Callable[[str], datetime]:
    """Call it with a Danish wall-clock time, `2026-03-28 22:30`, for that moment."""
    return lambda text: datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=COPENHAGEN)


@pytest.fixture
def patient(epj: Epj, person: Person) -> PatientRef:
    """A registered patient."""
    return epj.register_patient(person)


@pytest.fixture
def bystander(epj: Epj, people: Callable[[int], list[Person]]) -> PatientRef:
    """Another registered patient, to whom nothing may happen."""
    (other,) = people(1)
    return epj.register_patient(other)
