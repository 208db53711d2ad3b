"""Least squares of a constant and a growing part."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import nnls

from epjgate.forecast.curves import Floats
from epjgate.forecast.fitting import fit

G = np.array([0.01, 0.1, 1.0, 3.0])
SAME = np.full(4, 0.01)
ALL = np.ones(4)
SECONDS = st.lists(st.floats(0.1, 1e4), min_size=4, max_size=4).map(np.array)


@given(st.floats(0, 100), st.floats(0.01, 100))
def test_an_exact_curve_is_found(a: float, b: float) -> None:
    """Without noise both parts come out as they went in."""
    fitted = fit(G, a + b * G, SAME, ALL)
    assert fitted.at(G) == pytest.approx(a + b * G, rel=1e-6)


@given(SECONDS)
def test_it_is_the_best_of_those_that_are_not_negative(duration_s: Floats) -> None:
    """At the weights it ended with, scipy's general solver finds the same curve."""
    fitted = fit(G, duration_s, SAME, ALL)
    assert min(fitted.a_s, fitted.b_s) >= 0
    once = fit(G, duration_s, fitted.at(G) ** 0 * SAME, ALL)
    assert once.at(G) == pytest.approx(fitted.at(G))
    weights = 1 / _before_last(duration_s)
    parts, _ = nnls(np.column_stack([weights, weights * G]), weights * duration_s)
    assert parts[0] + parts[1] * G == pytest.approx(fitted.at(G), rel=1e-6)


def _before_last(duration_s: Floats) -> Floats:
    """Return what the last of the rounds divides by: the curve of two rounds of scipy's solver."""
    predicted = duration_s
    for _ in range(2):
        weights = 1 / predicted
        parts, _rest = nnls(np.column_stack([weights, weights * G]), weights * duration_s)
        predicted = parts[0] + parts[1] * G
    return np.asarray(predicted, dtype=np.float64)


def test_a_size_that_is_left_out_says_nothing() -> None:
    """Its duration may be anything."""
    used = np.array([1.0, 1.0, 1.0, 0.0])
    one = fit(G, np.array([1.0, 2.0, 5.0, 9.0]), SAME, used)
    other = fit(G, np.array([1.0, 2.0, 5.0, 900.0]), SAME, used)
    assert (one.a_s, one.b_s) == (other.a_s, other.b_s)


def test_its_error_is_that_of_many_experiments() -> None:
    """The variance told is the one seen when the same rehearsal is repeated 20,000 times."""
    truth = 50 + 100 * G
    noise = 0.02
    durations_s = truth * (1 + noise * np.random.default_rng(1).standard_normal((20_000, 4)))
    fitted = fit(np.broadcast_to(G, durations_s.shape), durations_s, np.full(4, noise**2), ALL)
    seen = fitted.at(np.broadcast_to(np.array([10.0]), (20_000, 1))).var()
    told = fit(G, truth, np.full(4, noise**2), ALL).variance_at(np.array([10.0]))[0]
    assert told == pytest.approx(seen, rel=0.05)
