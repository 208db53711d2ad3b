"""Both times round, what is measured from 02 to 03 is kept and stands in order (INC-0037)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl import Epj, LabMessage, LabResult, PatientRef
from epjgate.model.person import Person

LACTATE, GLUCOSE = ("NPU03943", "P-Laktat"), ("NPU02192", "P-Glukose")
QUARTERS = 11
"""From 01:30 summer time to 03:00 winter time there are two and a half hours."""


def test_the_hour_that_comes_twice_is_kept_twice(
    epj: Epj, person: Person, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """A value each quarter of an hour, one analysis by message and one written in the record."""
    night = quarters_from(at("2026-10-25 01:30"))
    sent = [LabResult(*LACTATE, Decimal(n), "mmol/L", moment) for n, moment in enumerate(night, 1)]
    written = [LabResult(*GLUCOSE, Decimal(n), "mmol/L", moment) for n, moment in enumerate(night, 1)]

    told = epj.laboratory_sends_together([LabMessage(person, result) for result in sent])
    for result in written:
        epj.report_lab_result(patient, result)
    chart = epj.lab_results_of(patient)

    assert all(answer.accepted for answer in told), "a value of the night was refused"
    assert of(chart, LACTATE) == sent, "a value of the hour that comes twice is missing, or not at its moment"
    assert of(chart, GLUCOSE) == written, "a value written in that hour is missing, or not at its moment"


def quarters_from(start: datetime) -> list[datetime]:
    """Return moments a quarter of an hour apart as the clock on the wall shows them, with the offset of each."""
    moments = (start.astimezone(UTC) + timedelta(minutes=15) * n for n in range(QUARTERS))
    return [moment.astimezone(start.tzinfo) for moment in moments]


def of(chart: list[LabResult], analysis: tuple[str, str]) -> list[LabResult]:
    """Return the results of one analysis, in the order of the chart."""
    return [result for result in chart if (result.code, result.name) == analysis]
