"""A clinic with a patient in it, and one beside whom nothing may happen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from epjgate.drivers.dsl import Epj, PatientRef
from epjgate.model.person import Person

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


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
