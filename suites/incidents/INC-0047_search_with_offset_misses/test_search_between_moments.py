"""A search between two moments finds the same, whatever offsets they are written with (INC-0047)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from epjgate.drivers.dsl import Epj, LabResult, PatientRef

FEW = settings(
    max_examples=12, deadline=None, database=None, phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False
)
OFFSETS_MIN = [0, 60, 120, -300, 330]
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
HOURS = 5


def test_results_between_two_moments_are_found(epj: Epj, patient: PatientRef) -> None:
    """One result each hour around midnight; the limits are the moments of results, so that none is near enough."""
    results = [
        LabResult("NPU02192", "P-Glukose", Decimal(hour), "mmol/L", moment(hour, offset_min))
        for hour, offset_min in enumerate(OFFSETS_MIN)
    ]
    for result in results:
        epj.report_lab_result(patient, result)

    @FEW
    @given(
        begin=st.integers(0, HOURS - 1),
        length=st.integers(1, HOURS),
        from_min=st.sampled_from(OFFSETS_MIN),
        before_min=st.sampled_from(OFFSETS_MIN),
    )
    @example(begin=1, length=2, from_min=60, before_min=-300)
    def holds(begin: int, length: int, from_min: int, before_min: int) -> None:
        limits = moment(begin, from_min), moment(begin + length, before_min)
        found = epj.lab_results_of(patient, taken_from=limits[0], taken_before=limits[1])
        assert found == results[begin : begin + length], "a search between two moments does not find just their results"

    holds()


def moment(hour: int, offset_min: int) -> datetime:
    """Return the moment `hour` hours after 22:00 UTC, as a clock at that offset shows it."""
    return (MIDNIGHT + timedelta(hours=hour - 2)).astimezone(timezone(timedelta(minutes=offset_min)))
