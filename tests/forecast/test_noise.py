"""Noise, learnt from repeats alone."""

from __future__ import annotations

import numpy as np
import pytest

from epjgate.forecast.noise import Noise, noise_of

CENTRES_S = np.array([1.0, 10.0, 100.0])


def seen(multiplicative: float, additive_s: float, repeats: int) -> Noise:
    """Return what is learnt from many repeats of a known noise."""
    random = np.random.default_rng(1)
    logs = [
        np.log(
            centre * np.exp(multiplicative * random.standard_normal(repeats))
            + additive_s * random.standard_normal(repeats)
        )
        for centre in CENTRES_S
    ]
    variance = np.array([values.var(ddof=1) for values in logs])
    return noise_of(CENTRES_S, variance, np.full(3, repeats - 1.0))


@pytest.mark.parametrize(("multiplicative", "additive_s"), [(0.05, 0.0), (0.01, 0.1), (0.2, 0.05)])
def test_either_part_is_found(multiplicative: float, additive_s: float) -> None:
    """A clock's jitter at small sizes is not taken for noise at large ones."""
    told = seen(multiplicative, additive_s, 400).variance(CENTRES_S)
    assert told == pytest.approx(multiplicative**2 + (additive_s / CENTRES_S) ** 2, rel=0.25)


def test_few_repeats_leave_it_open() -> None:
    """With two repeats a size the noise may well be twice what it seems; with 400 it may not."""
    few, many = (seen(0.05, 0.0, repeats).draw(2000, np.random.default_rng(2))[0] for repeats in (2, 400))
    assert np.quantile(few, 0.95) > 2 * np.median(few)
    assert np.quantile(many, 0.95) < 1.2 * np.median(many)


def test_weights_are_a_whole() -> None:
    """They are probabilities."""
    assert seen(0.05, 0.0, 3).weight.sum() == pytest.approx(1)
