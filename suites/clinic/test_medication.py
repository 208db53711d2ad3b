"""Medication: which drug, how much, how often, until when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from epjgate.drivers.dsl import Drug, Epj, OrderState, PatientRef, Prescription

pytestmark = pytest.mark.needs("patients", "medication")


def thyroid_hormone(start: datetime) -> Prescription:
    """Return levothyroxine, two tablets of 50 micrograms every morning, until further notice."""
    return Prescription(
        drug=Drug(atc_code="H03AA01", name="Levothyroxinnatrium"),
        strength_mg=Decimal("0.05"),
        dose=Decimal(2),
        dose_unit="{tablet}",
        interval=timedelta(days=1),
        start=start,
        text="2 tabletter hver morgen på tom mave; må ikke ændres uden aftale med lægen.",
    )


@pytest.mark.severity("blocker")
def test_an_order_is_read_back_as_prescribed(
    epj: Epj, patient: PatientRef, bystander: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Drug, strength, dose, interval, start and label are what the doctor ordered, for this patient only."""
    ordered = thyroid_hormone(at("2026-02-03 08:00"))
    reference = epj.prescribe(patient, ordered)
    (order,) = epj.medication_orders_of(patient)
    assert order.ref == reference
    assert (order.state, order.prescription) == (OrderState.ACTIVE, ordered)
    assert order.prescription.dose_mg == Decimal("0.1")
    assert epj.medication_orders_of(bystander) == []


@pytest.mark.severity("critical")
def test_an_order_without_an_end_stays_without_one(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Until further notice means just that; an order with an end keeps the one it was given."""
    lasting = thyroid_hormone(at("2026-02-03 08:00"))
    short = replace(lasting, start=at("2026-02-04 08:00"), end=at("2026-02-11 08:00"))
    epj.prescribe(patient, lasting)
    epj.prescribe(patient, short)
    ends = [order.prescription.end for order in epj.medication_orders_of(patient)]
    assert ends == [None, at("2026-02-11 08:00")]


@pytest.mark.severity("blocker")
@pytest.mark.parametrize("interval", [timedelta(hours=6), timedelta(days=1), timedelta(days=7), timedelta(weeks=12)])
def test_the_interval_survives(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime], interval: timedelta
) -> None:
    """Weekly stays weekly and never becomes daily."""
    epj.prescribe(patient, replace(thyroid_hormone(at("2026-02-03 08:00")), interval=interval))
    (order,) = epj.medication_orders_of(patient)
    assert order.prescription.interval == interval


@pytest.mark.severity("critical")
def test_a_stopped_order_ends_and_the_others_go_on(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Stopping one order stops that one, at that time."""
    stopped = epj.prescribe(patient, thyroid_hormone(at("2026-02-03 08:00")))
    epj.prescribe(patient, thyroid_hormone(at("2026-02-04 08:00")))
    epj.stop_medication(stopped, at("2026-02-10 09:15"))
    first, second = epj.medication_orders_of(patient)
    assert (first.ref, first.state, first.prescription.end) == (stopped, OrderState.STOPPED, at("2026-02-10 09:15"))
    assert (second.state, second.prescription.end) == (OrderState.ACTIVE, None)
