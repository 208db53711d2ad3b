"""What the tests across the upgrade share: orders and results with everything that gets lost easily."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count, islice
from typing import TYPE_CHECKING

import pytest

import population
from epjgate.drivers.dsl import Drug, LabResult, Prescription
from epjgate.model.person import Person

if TYPE_CHECKING:
    from epjgate.drivers.dsl import Epj

    # What a test yields is the way to the next release; it gets the system back as it is there.
    Walk = Generator[None, Epj, None]

Moment = Callable[[str], datetime]


@pytest.fixture
def strangers(epj: Epj, clinic_seed: int) -> Iterator[Person]:
    """Synthetic persons whom the record does not know: the one that is upgraded is full of others."""
    persons = (population.person(clinic_seed, index) for index in count())
    return (one for one in persons if epj.find_patient_by_cpr(one.cpr) is None)


@pytest.fixture
def person(strangers: Iterator[Person]) -> Person:
    """A synthetic person whom neither another test of this run nor the record knows."""
    return next(strangers)


@pytest.fixture
def people(strangers: Iterator[Person]) -> Callable[[int], list[Person]]:
    """Call it with n for n more such persons, none of them given before."""
    return lambda n: list(islice(strangers, n))


@pytest.fixture
def weekly(at: Moment) -> Prescription:
    """Methotrexate, three tablets of 2.5 mg once a week: every day would be deadly."""
    return Prescription(
        drug=Drug(atc_code="L04AX03", name="Methotrexat"),
        strength_mg=Decimal("2.50"),
        dose=Decimal(3),
        dose_unit="{tablet}",
        interval=timedelta(weeks=1),
        start=at("2026-02-02 08:00"),
        text="3 tabletter HVER MANDAG – må ikke tages dagligt.\nSvælges hele; à 2,5 mg.",  # noqa: RUF001
    )


@pytest.fixture
def hourly(weekly: Prescription, at: Moment) -> Prescription:
    """Levothyroxine, one and a half tablets of 50 micrograms every eight hours, for three weeks."""
    return replace(
        weekly,
        drug=Drug(atc_code="H03AA01", name="Levothyroxinnatrium"),
        strength_mg=Decimal("0.05"),
        dose=Decimal("1.50"),
        interval=timedelta(hours=8),
        start=at("2026-02-03 08:00"),
        end=at("2026-02-24 08:00"),
        text="1½ tablet på tom mave; må ikke ændres uden aftale.",
    )


@pytest.fixture
def potassium(at: Moment) -> LabResult:
    """A potassium with unit, reference range and comment, and a digit that says how exact it is."""
    return LabResult(
        code="NPU03230",
        name="P-Kalium",
        value=Decimal("3.90"),
        unit="mmol/L",
        taken_at=at("2026-02-03 06:45"),
        reference_low=Decimal("3.50"),
        reference_high=Decimal("4.4"),
        comment="Let hæmolyse; prøven er ikke gentaget.",
    )
