"""Curves weigh by how well they foretell a size from the others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from epjgate.forecast.curves import Floats
from epjgate.forecast.heldout import MISFITS, held_out_score, weigh_curves
from epjgate.model.forecast import Family

SIZES = np.array([1e3, 3e3, 1e4, 3e4, 1e5])
EXACT = np.full(5, 1e-6)


@pytest.mark.parametrize(
    ("curve", "family"),
    [
        (lambda n: 5 + 2e-3 * n, Family.LINEAR),
        (lambda n: 3 + 1e-4 * n * np.log1p(n), Family.N_LOG_N),
        (lambda n: 2 + 1e-3 * n**1.5, Family.POWER_LAW),
        (lambda n: 2 + 1e-3 * n + 1e-8 * n**2, Family.QUADRATIC_PART),
        (lambda n: 2 + 1e-3 * n * np.where(n > 2e4, 3, 1), Family.THRESHOLD_STEP),
    ],
    ids=lambda value: value.value if isinstance(value, Family) else "",
)
def test_a_curve_without_noise_is_recognised(curve: Callable[[Floats], Floats], family: Family) -> None:
    """The family that made it has most of the weight."""
    shares = weigh_curves(SIZES, curve(SIZES), EXACT).shares()
    assert max(shares, key=lambda each: shares[each]) is family
    assert sum(shares.values()) == pytest.approx(1)


def test_noise_leaves_it_open() -> None:
    """Where repeats differ by 30 %, no family is sure."""
    shares = weigh_curves(SIZES, 5 + 2e-3 * SIZES, np.full(5, 0.09)).shares()
    assert max(shares.values()) < 0.6


def test_the_largest_size_counts_most() -> None:
    """A curve that misses it scores worse than one that misses another by as much."""
    g = (SIZES / SIZES[-1])[None]
    even = 1 + 100 * g[0]
    missed = [even * np.where(np.arange(5) == size, 1.1, 1.0) for size in (2, 4)]
    middle, last = (held_out_score(g, centre_s, np.full(5, 1e-3))[0, 0] for centre_s in missed)
    assert last < middle


def test_what_is_drawn_is_of_the_family_and_by_weight() -> None:
    """Draws of the power law come from it alone, near the exponent that made the timings."""
    curves = weigh_curves(SIZES, 2 + 1e-3 * SIZES**1.5, EXACT)
    chosen, misfit = curves.draw(Family.POWER_LAW, 500, np.random.default_rng(1))
    assert {curves.strands[strand].family for strand in curves.strand[chosen]} == {Family.POWER_LAW}
    assert np.median(curves.u[chosen]) == pytest.approx(1.5, abs=0.02)
    assert set(misfit) <= set(MISFITS)


def test_a_family_without_any_weight_is_still_drawn() -> None:
    """Evenly, so that nothing fails; its share says that it has no say."""
    curves = weigh_curves(SIZES, 2 + 1e-3 * SIZES**1.5, EXACT)
    weight = np.where(curves.strand[:, None] == 0, 0, curves.weight)
    nothing = type(curves)(curves.strands, curves.strand, curves.u, weight)
    chosen, _ = nothing.draw(Family.LINEAR, 10, np.random.default_rng(1))
    assert (curves.strand[chosen] == 0).all()
