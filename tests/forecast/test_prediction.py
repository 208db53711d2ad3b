"""One step at production size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from tests.forecast.rehearsals import PRODUCTION, Curve, rehearsed

from epjgate.forecast.curves import Floats
from epjgate.forecast.prediction import EVEN_Z, PLAUSIBLE, Draws, Prediction, predict
from epjgate.forecast.refusal import ForecastRefused
from epjgate.forecast.timings import measured_step
from epjgate.model.forecast import Family


def foretold(
    curve: Curve, patients: int = PRODUCTION, *, noise: float = 0.05, sizes: Sequence[int] = (1_000, 10_000, 100_000)
) -> Prediction:
    step = measured_step(rehearsed(curve, noise=noise, sizes=sizes))
    return predict(step, patients, seed=1, confidence=0.9)


def bounds(prediction: Prediction) -> tuple[float, float]:
    low = float(np.quantile(prediction.hopeful.run_s(EVEN_Z), 0.05))
    return low, float(np.quantile(prediction.cautious.run_s(EVEN_Z), 0.95))


def test_a_step_that_takes_as_long_at_any_size_is_foretold_so_near_by() -> None:
    """No growth is a curve like any other."""
    low, high = bounds(foretold(lambda _: 12.0, 150_000))
    assert low < 12 < high < 20


def test_the_cautious_view_is_that_of_a_plausible_family_alone() -> None:
    """It ends no earlier than the view of all, and the hopeful one no later."""
    prediction = foretold(lambda n: 5 + 1e-3 * n + 4e-9 * n**2)
    late, expected, early = (
        np.median(draws.median_s) for draws in (prediction.cautious, prediction.expected, prediction.hopeful)
    )
    assert early <= expected <= late
    assert sum(share >= PLAUSIBLE for share in prediction.shares.values()) >= 2


def test_few_sizes_leave_more_open_than_many() -> None:
    """With three sizes the exponent of a power law is hardly known."""
    few = bounds(foretold(lambda n: 2 + 1e-4 * n**1.3))
    many = bounds(foretold(lambda n: 2 + 1e-4 * n**1.3, sizes=(1_000, 3_000, 10_000, 30_000, 100_000)))
    assert few[1] / few[0] > 1.5 * many[1] / many[0]


def test_the_further_the_less_is_known() -> None:
    """A factor of ten leaves more open than one of two."""
    near, far = (bounds(foretold(lambda n: 5 + 2e-3 * n, patients)) for patients in (200_000, 1_000_000))
    assert far[1] / far[0] > near[1] / near[0]


def test_the_growth_is_the_exponent() -> None:
    """2 for a quadratic cost, about 1 for a linear one."""
    assert np.median(foretold(lambda n: 1e-7 * n**2, noise=0.01).expected.growth) == pytest.approx(2, abs=0.1)
    assert np.median(foretold(lambda n: 1e-3 * n, noise=0.01).expected.growth) == pytest.approx(1, abs=0.1)


def test_noise_is_spread_around_the_median() -> None:
    """One standard deviation up is the median times e to the noise."""
    draws = Draws(np.array([10.0]), np.array([0.2]), np.array([1.0]))
    assert draws.run_s(0.0) == pytest.approx([10.0])
    assert draws.run_s(1.0) == pytest.approx([10 * np.exp(0.2)])


@pytest.mark.parametrize(
    "durations",
    [{1_000: 100.0, 10_000: 30.0, 100_000: 10.0}, {1_000: 10.0, 10_000: 100.0, 100_000: 12.0}],
    ids=["falls", "a size stands out"],
)
def test_timings_that_no_curve_follows_are_refused(durations: dict[int, float]) -> None:
    """A warm cache or a disturbed run is no ground for a forecast."""
    with pytest.raises(ForecastRefused, match="no cost curve follows the timings of migrate"):
        foretold(lambda n: durations[int(n)])


def test_growth_beyond_every_family_is_refused() -> None:
    """Exponential cost is not squeezed into a cubic."""
    with pytest.raises(ForecastRefused, match="no cost curve follows"):
        foretold(lambda n: np.exp(n / 1e4), sizes=(10_000, 30_000, 60_000, 100_000))


def test_repeats_that_tell_no_curve_are_refused() -> None:
    """Where the same step takes half or twice as long, a larger size says little."""
    with pytest.raises(ForecastRefused, match="differ by"):
        foretold(lambda n: 5 + 2e-3 * n, noise=0.9).raise_if_noisy()
    foretold(lambda n: 5 + 2e-3 * n).raise_if_noisy()


def test_the_same_seed_gives_the_same_draws() -> None:
    """And another seed nearly the same bounds."""
    step = measured_step(rehearsed(lambda n: 5 + 2e-3 * n))
    one, same, other = (predict(step, PRODUCTION, seed=seed, confidence=0.9) for seed in (1, 1, 2))
    drawn: list[Floats] = [each.expected.median_s for each in (one, same, other)]
    assert (drawn[0] == drawn[1]).all()
    assert (drawn[0] != drawn[2]).any()
    assert bounds(one) == pytest.approx(bounds(other), rel=0.15)
    assert one.shares[Family.LINEAR] == other.shares[Family.LINEAR]
