"""Laboratory: a value without its unit, its range or its patient is no result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest

from epjgate.drivers.dsl import Epj, LabResult, PatientRef

pytestmark = pytest.mark.needs("patients", "laboratory")


def potassium(taken_at: datetime, value: str = "3.9") -> LabResult:
    """Return a potassium of plasma; NPU03230, reference range of adults."""
    return LabResult(
        code="NPU03230",
        name="P-Kalium",
        value=Decimal(value),
        unit="mmol/L",
        taken_at=taken_at,
        reference_low=Decimal("3.5"),
        reference_high=Decimal("4.4"),
        comment="Let hæmolyse; prøven er ikke gentaget.",
    )


@pytest.mark.severity("blocker")
def test_value_unit_and_range_survive(
    epj: Epj, patient: PatientRef, bystander: PatientRef, at: Callable[[str], datetime]
) -> None:
    """A result is read back with its value, unit, reference range, time and comment, at its own patient only."""
    result = potassium(at("2026-02-03 06:45"))
    epj.report_lab_result(patient, result)
    assert epj.lab_results_of(patient) == [result]
    assert epj.lab_results_of(bystander) == []


@pytest.mark.severity("critical")
def test_results_stand_in_the_order_of_their_samples(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Results that arrive out of order are all there, and the trend reads right."""
    times = ["2026-02-03 06:45", "2026-02-03 12:10", "2026-02-04 06:40"]
    series = [potassium(at(time), value) for time, value in zip(times, ("5.9", "4.8", "4.1"), strict=True)]
    for result in (series[1], series[2], series[0]):
        epj.report_lab_result(patient, result)
    assert [result.value for result in epj.lab_results_of(patient)] == [Decimal("5.9"), Decimal("4.8"), Decimal("4.1")]


@pytest.mark.severity("blocker")
def test_each_result_reaches_its_own_patient(
    epj: Epj, patient: PatientRef, bystander: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Two patients with a sample of the same minute keep their own values."""
    epj.report_lab_result(patient, potassium(at("2026-02-03 06:45"), "2.9"))
    epj.report_lab_result(bystander, potassium(at("2026-02-03 06:45"), "4.2"))
    assert [result.value for result in epj.lab_results_of(patient)] == [Decimal("2.9")]
    assert [result.value for result in epj.lab_results_of(bystander)] == [Decimal("4.2")]
