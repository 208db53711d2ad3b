"""All steps together against the change window."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.forecast.rehearsals import PRODUCTION, rehearsal, rehearsed

from epjgate.errors import UsageError
from epjgate.forecast.refusal import ForecastRefused
from epjgate.forecast.window import forecast_step, forecast_window, interval_of, latest_rollback_start
from epjgate.model.forecast import Family, Phase, Timing, WindowForecast

LINEAR = rehearsal(lambda n: 10 + 1.8e-3 * n)
# Three steps at three sizes, to be forecast many times.
SMALL = [timing for timing in LINEAR if timing.step != "backup" and timing.patients in {1_000, 10_000, 100_000}]


def forecast(timings: Sequence[Timing] = LINEAR, **asked: float) -> WindowForecast:
    question: dict[str, Any] = {"window_min": 180.0, **asked}
    return forecast_window(timings, production_patients=PRODUCTION, **question)


def test_the_abort_minute_of_the_change_window_promise() -> None:
    """With 180 minutes and 50 + 20 + 20 the rollback starts by minute 90."""
    assert latest_rollback_start(180, rollback_min=50, verification_min=20, margin_min=20) == 90


def test_the_forecast_keeps_that_promise() -> None:
    """Where rollback and verification are measured at production size, it says the same, on the cautious side."""
    minutes = {Phase.UPGRADE: 30.0, Phase.VERIFICATION: 20.0, Phase.ROLLBACK: 50.0}
    timings = [
        timing
        for phase, duration_min in minutes.items()
        for timing in rehearsed(
            lambda n, s=duration_min * 60: s * (0.5 + n / PRODUCTION / 2),  # type: ignore[misc]
            step=phase.value,
            phase=phase,
            sizes=(10_000, 100_000, 300_000, PRODUCTION),
            noise=0.003,
        )
    ]
    told = forecast(timings)
    assert told.latest_rollback_start_min.estimate == pytest.approx(90, abs=3)
    assert told.abort_minute is not None
    assert 75 <= told.abort_minute <= 90
    assert told.abort_minute == math.floor(told.latest_rollback_start_min.low)


def test_an_upgrade_that_fits_is_let_in() -> None:
    """Half an hour foretold, three hours given: even the cautious bound fits, and a rollback after the last check."""
    told = forecast()
    assert told.upgrade_s.low < (7 + 30 + 5) * 60 < told.upgrade_s.high < 180 * 60
    assert told.fits_p.low > 0.95
    assert told.rollback_fits_p.low > 0.5
    assert told.extrapolation_factor == 10
    assert (told.timings, told.counted) == (60, None)


@pytest.mark.parametrize("seed", range(4))
def test_a_quadratic_migration_is_not_let_in_although_each_rehearsal_was_fast(seed: int) -> None:
    """No rehearsal of it takes over four minutes; in production it takes five hours of a window of three."""
    timings = rehearsal(lambda n: 10 + 1.8e-8 * n**2, seed=10 * seed)
    assert max(timing.duration_s for timing in timings) < 4 * 60
    told = forecast(timings)
    assert told.upgrade_s.high > 180 * 60
    assert told.fits_p.low < 0.05
    migration = next(step for step in told.steps if step.step == "migrate")
    assert migration.family in {Family.POWER_LAW, Family.QUADRATIC_PART}
    assert migration.growth.high > 1.9


def test_where_no_rollback_fits_there_is_no_minute_for_it() -> None:
    """A window shorter than its rollback has no abort minute; that is not minute 0."""
    told = forecast(window_min=20.0)
    assert told.abort_minute is None
    assert told.latest_rollback_start_min.low < 0


def test_runs_at_production_size_are_counted_exactly() -> None:
    """Three of three runs that fit bound the share from below by no more than 0.05 ** (1/3)."""
    told = forecast_window(LINEAR, production_patients=100_000, window_min=180.0)
    assert told.counted is not None
    assert (told.counted.fitted, told.counted.runs) == (3, 3)
    assert told.counted.share.low == pytest.approx(0.05 ** (1 / 3))
    shorter = forecast_window(LINEAR, production_patients=100_000, window_min=2.0)
    assert shorter.counted is not None
    assert shorter.counted.fitted == 0


def test_production_out_of_reach_is_refused() -> None:
    """Ten times the largest size is the end; the refusal names the size that would do, and that one does."""
    with pytest.raises(ForecastRefused, match="rehearse at 100001 patients or more"):
        forecast_window(LINEAR, production_patients=1_000_001, window_min=180.0)
    with pytest.raises(ForecastRefused, match="rehearse at 500000 patients or more"):
        forecast(max_factor=2.0)


@pytest.mark.parametrize(("scale", "refused"), [(1e-5, False), (1.0, True)], ids=["negligible", "weighty"])
def test_noise_is_refused_where_the_step_matters(scale: float, *, refused: bool) -> None:
    """A stop of milliseconds may vary as it likes; a step that may fill the window may not."""
    noisy = rehearsed(lambda n: scale * (5 + 2e-3 * n), seed=9, step="stop", noise=0.9)
    timings = [*rehearsal(lambda n: 1 + 1e-4 * n), *noisy]
    with pytest.raises(ForecastRefused, match="repeats of stop") if refused else nullcontext():
        forecast_window(timings, production_patients=PRODUCTION, window_min=180)


@pytest.mark.parametrize(
    "asked",
    [
        {"window_min": 0.0},
        {"window_min": math.nan},
        {"window_min": math.inf},
        {"margin_min": -1.0},
        {"confidence": 0.999},
        {"confidence": math.nan},
        {"max_factor": 11.0},
        {"max_factor": 0.5},
    ],
    ids=str,
)
def test_a_question_out_of_range_is_refused(asked: dict[str, float]) -> None:
    """Above all a larger factor than the forecast was shown to hold for."""
    with pytest.raises(UsageError, match="no forecast for"):
        forecast(LINEAR, **asked)
    with pytest.raises(UsageError, match="no forecast for"):
        forecast_window(LINEAR, production_patients=0, window_min=180.0)


@pytest.mark.parametrize("scale", [1e-160, 1e160])
def test_what_cannot_be_computed_is_refused(scale: float) -> None:
    """Numbers that overflow end as unknown, never as a window that is kept."""
    timings = [timing.model_copy(update={"duration_s": timing.duration_s * scale}) for timing in LINEAR]
    with pytest.raises(ForecastRefused):
        forecast(timings)


def test_the_order_of_timings_does_not_matter() -> None:
    """Not in the last digit."""
    shuffled = random.Random(1).sample(LINEAR, len(LINEAR))  # noqa: S311 - an order, not a secret
    assert forecast(shuffled) == forecast()


def test_a_step_alone_is_foretold_as_within_the_window() -> None:
    """Other steps change neither its curve nor its draws."""
    migration = [timing for timing in LINEAR if timing.step == "migrate"]
    alone = forecast_step(migration, production_patients=PRODUCTION)
    assert alone == next(step for step in forecast().steps if step.step == "migrate")


@settings(max_examples=4)
@given(st.integers(100_000, 900_000), st.integers(1, 100_000))
def test_more_patients_never_take_less(patients: int, more: int) -> None:
    """Every bound of the duration rises with production, and the bounds of what fits fall."""
    one, other = (
        forecast_window(SMALL, production_patients=size, window_min=60.0) for size in (patients, patients + more)
    )
    for bound in ("low", "estimate", "high"):
        assert getattr(one.upgrade_s, bound) <= getattr(other.upgrade_s, bound)
        assert getattr(one.fits_p, bound) >= getattr(other.fits_p, bound)


@settings(max_examples=4)
@given(st.floats(10, 300), st.floats(0.1, 100))
def test_a_longer_window_is_never_worse(window_min: float, more: float) -> None:
    """What fits is likelier in it, and the rollback may start later by just as much."""
    one, other = forecast(SMALL, window_min=window_min), forecast(SMALL, window_min=window_min + more)
    assert one.fits_p.low <= other.fits_p.low
    assert one.rollback_fits_p.low <= other.rollback_fits_p.low
    later = other.latest_rollback_start_min.low - one.latest_rollback_start_min.low
    assert later == pytest.approx(more)
    assert one.upgrade_s == other.upgrade_s


@pytest.mark.parametrize("unit", [0.001, 60.0])
def test_the_unit_of_time_does_not_matter(unit: float) -> None:
    """Steps that take so many times as long, in a window so many times as long, fit as likely."""
    slower = [timing.model_copy(update={"duration_s": timing.duration_s * unit}) for timing in SMALL]
    one, other = forecast(SMALL), forecast(slower, window_min=180.0 * unit, margin_min=20.0 * unit)
    assert other.upgrade_s.high == pytest.approx(one.upgrade_s.high * unit, rel=1e-6)
    assert other.fits_p.low == pytest.approx(one.fits_p.low, rel=1e-6)
    assert other.rollback_fits_p.low == pytest.approx(one.rollback_fits_p.low, rel=1e-6)


def test_no_probability_is_surer_than_the_draws() -> None:
    """A window of a day is kept in each of 1,000 draws; of that, 0.997 can be told at 95 %."""
    told = forecast(SMALL, window_min=24 * 60.0)
    assert told.fits_p.estimate == pytest.approx(1)
    assert told.fits_p.low == pytest.approx(0.05 ** (1 / told.draws))


def test_a_probability_holds_its_estimate() -> None:
    """Where one draw in 25 is hopeless, the lower bound does not stand above the mean."""
    drawn = np.array([0.0] * 4 + [1.0] * 96)
    interval = interval_of(drawn, low=drawn, high=drawn, confidence=0.9, centre=np.mean)
    assert (interval.low, interval.estimate, interval.high) == (0.96, 0.96, 1.0)
