"""Shares and percentiles by counting alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epjgate.forecast.exact import percentile_of, runs_needed, share_of
from epjgate.forecast.refusal import ForecastRefused


@pytest.mark.parametrize(
    ("hits", "runs", "low", "high"),
    [(0, 10, 0.0, 0.2589), (10, 10, 0.7411, 1.0), (7, 50, 0.0675, 0.2477)],
)
def test_a_share_has_the_interval_of_clopper_and_pearson(hits: int, runs: int, low: float, high: float) -> None:
    """All of ten bounds from below by 0.05 ** 0.1: ten good runs are no proof of a good eleventh."""
    share = share_of(hits, runs, 0.9)
    assert (share.low, share.estimate, share.high) == pytest.approx((low, hits / runs, high), abs=1e-3)
    assert share_of(10, 10, 0.9).low == pytest.approx(0.05**0.1)


@pytest.mark.parametrize(("hits", "runs"), [(0, 0), (3, 2), (-1, 2)])
def test_no_runs_are_no_evidence(hits: int, runs: int) -> None:
    """Nor are more hits than runs."""
    with pytest.raises(ForecastRefused):
        share_of(hits, runs, 0.9)


@pytest.mark.parametrize(
    ("percentile", "confidence", "runs"), [(95, 0.9, 59), (99, 0.9, 299), (50, 0.9, 5), (95, 0.98, 90)]
)
def test_the_number_of_runs_that_bound_a_percentile(percentile: float, confidence: float, runs: int) -> None:
    """The published tables say 59 for the 95th and 299 for the 99th at 95 % on one side."""
    assert runs_needed(percentile, confidence) == runs


def test_a_percentile_of_too_few_runs_is_refused() -> None:
    """58 runs bound no 95th percentile, 59 do: by the longest of them."""
    with pytest.raises(ForecastRefused, match="time 59 runs"):
        percentile_of([float(n) for n in range(1, 59)], 95, 0.9)
    assert percentile_of([float(n) for n in range(1, 60)], 95, 0.9).high == 59.0


def test_low_percentiles_need_as_many() -> None:
    """The shortest of 58 runs does not bound the 5th from below."""
    with pytest.raises(ForecastRefused, match="time 59 runs"):
        percentile_of([float(n) for n in range(1, 59)], 5, 0.9)


def test_a_duration_that_is_no_number_is_refused() -> None:
    """Sorting would hide it anywhere."""
    with pytest.raises(ForecastRefused, match="not a finite number"):
        percentile_of([*(float(n) for n in range(1, 60)), float("nan")], 95, 0.9)


def test_bounds_hold_the_truth_as_often_as_promised() -> None:
    """Of 400 samples of 100 uniform durations at least 90 % bound the true 95th percentile."""
    random = np.random.default_rng(1)
    bounds = [percentile_of(list(random.random(100)), 95, 0.9) for _ in range(400)]
    assert sum(each.low <= 0.95 <= each.high for each in bounds) >= 0.9 * 400


RUNS = st.lists(st.floats(0.1, 1e4), min_size=60, max_size=90)


@settings(max_examples=20)
@given(RUNS.flatmap(lambda runs: st.tuples(st.just(runs), st.permutations(runs))))
def test_the_order_of_runs_does_not_matter(runs: tuple[list[float], list[float]]) -> None:
    """A percentile of the same runs is the same."""
    in_order, shuffled = runs
    assert percentile_of(shuffled, 95, 0.9) == percentile_of(in_order, 95, 0.9)
