"""The curves that the cost of a step may follow."""

from __future__ import annotations

import numpy as np
import pytest

from epjgate.forecast.curves import Strand, strands
from epjgate.model.forecast import Family

SIZES = np.array([1e3, 1e4, 1e5])
STRANDS = strands(SIZES)


def of(family: Family) -> list[Strand]:
    return [strand for strand in STRANDS if strand.family is family]


@pytest.mark.parametrize("family", Family)
def test_every_family_weighs_the_same_beforehand(family: Family) -> None:
    """However many curves it has."""
    assert sum(strand.prior for strand in of(family)) == pytest.approx(1 / len(Family))


@pytest.mark.parametrize("strand", STRANDS)
def test_every_curve_rises(strand: Strand) -> None:
    """With each patient more, for each u: so no forecast falls when production grows."""
    n = np.geomspace(1, 1e7, 200)
    u = np.linspace(strand.low, strand.high, 5)[:, None]
    grown = strand.grow(u, n)
    assert grown.shape == (5, 200)
    assert (np.diff(grown, axis=1) > 0).all()


def test_a_power_law_has_its_exponent() -> None:
    """U is the exponent."""
    (power,) = of(Family.POWER_LAW)
    at = power.grow(np.array([[2.0]]), np.array([1e5, 1e6]))
    assert at[0, 1] / at[0, 0] == pytest.approx(100)


def test_a_quadratic_part_has_its_share_at_the_largest_size() -> None:
    """exp(u) of the growing cost there, and far more beyond."""
    (mixed,) = of(Family.QUADRATIC_PART)
    at = mixed.grow(np.log([[0.1]]), np.array([1e5, 1e6]))
    assert at[0] == pytest.approx([0.9 + 0.1, 9 + 10])


def test_thresholds_lie_between_any_two_sizes() -> None:
    """Of either kind, all lines dearer or only those beyond; never above the largest size, where nothing would tell."""
    tripled = np.log([[3.0]])
    dearer = [strand.grow(tripled, SIZES)[0] / SIZES for strand in of(Family.THRESHOLD_STEP)]
    first, second, third = np.transpose([costs / costs[0] for costs in dearer]).round(6)
    assert (first == 1).all()
    assert {(1.0, 3.0), (3.0, 3.0)} < set(zip(second, third, strict=True))
    assert (third > 1).all()
