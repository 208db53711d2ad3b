"""From a rehearsal to a night, as a whole."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cutover.nights import PRODUCTION, SIZES, forecast, interval, plan

from epjgate.cutover.clock import cutover_of
from epjgate.errors import UsageError
from epjgate.forecast.window import forecast_window
from epjgate.model.forecast import Timing
from epjgate.model.rehearsal import StepKind


def test_the_night_of_the_change_window_promise() -> None:
    """180 minutes, a rollback of 50, a check of 20, a margin of 20: abort by minute 90, which is 02:30."""
    told = cutover_of(plan(), forecast(latest_rollback_start_min=interval(90), abort_minute=90))
    assert told.abort is not None
    assert told.abort.at is not None
    assert (f"{told.abort.at:%H:%M %z}", told.no_return) == ("02:30 +0200", StepKind.MIGRATE)
    assert told.rollback[0].begins.latest.at == told.abort.at


def test_the_abort_time_lies_on_the_right_side_of_the_clock_change() -> None:
    """Minute 127 of the night with an hour twice is 02:07 for the second time."""
    told = cutover_of(plan(date="2026-10-25"), forecast())
    assert told.abort is not None
    assert told.abort.at is not None
    assert f"{told.abort.at:%H:%M %z}" == "02:07 +0100"


@given(minute=st.integers(0, 160), day=st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_a_rollback_from_the_abort_time_is_told_from_there(minute: int, day: date) -> None:
    """Its steps follow the abort on the real time line; a window too short for the forecast has neither."""
    told = cutover_of(
        plan(date=day.isoformat()), forecast(latest_rollback_start_min=interval(minute), abort_minute=minute)
    )
    if told.window.shorter:
        assert told.abort is None
        assert {step.ends.latest.at for step in told.rollback} == {None}
        return
    begins = told.rollback[0].begins.latest.at
    assert told.abort is not None
    assert told.window.begin is not None
    assert told.abort.at is not None
    assert begins is not None
    assert begins == told.abort.at
    assert (begins - told.window.begin).total_seconds() == minute * 60
    ends = told.rollback[-1].ends.latest
    assert ends.at is not None
    assert (ends.at - begins).total_seconds() == pytest.approx(ends.after_s)


def test_a_forecast_from_real_timings_becomes_a_night() -> None:
    """The forecast's own figures, with names, phases and sizes as they come from a rehearsal."""
    timings = [
        Timing(step=step.kind.value, phase=step.phase, patients=size, repeat=repeat, duration_s=seconds)
        for size in SIZES
        for repeat, noise in enumerate((1.0, 1.02, 0.99))
        for number, step in enumerate(plan().trials[1].steps)
        if step.phase is not None
        for seconds in [(5 + number + 2e-4 * size) * noise * (1 + size % 7 / 1000)]
    ]
    foretold = forecast_window(timings, production_patients=PRODUCTION, window_min=180, margin_min=20)
    told = cutover_of(plan(), foretold)
    assert told.go, told.reasons
    assert told.upgrade[-1].ends.expected.after_s == pytest.approx(foretold.upgrade_s.estimate, rel=0.05)
    assert told.upgrade[-1].ends.latest.after_s >= foretold.upgrade_s.high * 0.9
    assert told.rollback[-1].ends.expected.after_s == pytest.approx(foretold.rollback_s.estimate, rel=0.05)


@pytest.mark.parametrize("least", [0.0, -0.1, 1.1, float("nan")])
def test_what_is_no_probability_cannot_be_asked_for(least: float) -> None:
    """A threshold of zero would let everything in."""
    with pytest.raises(UsageError, match="no probability"):
        cutover_of(plan(), forecast(), least_fits_p=least)
    with pytest.raises(UsageError, match="no probability"):
        cutover_of(plan(), forecast(), least_rollback_fits_p=least)


def test_a_forecast_of_another_hospital_makes_no_runbook() -> None:
    """Nor does a date that is none."""
    with pytest.raises(UsageError, match="does not belong"):
        cutover_of(plan(), forecast(production_patients=400_000))
    with pytest.raises(UsageError, match="no date"):
        cutover_of(plan(date="tomorrow"), forecast())


def test_equal_input_gives_an_equal_night() -> None:
    """No clock is read."""
    assert cutover_of(plan(), forecast()) == cutover_of(plan(), forecast())
