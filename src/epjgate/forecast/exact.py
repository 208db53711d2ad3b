"""What counting alone can say, whatever the durations follow: shares and percentiles with exact intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.stats import binom, binomtest

from epjgate.forecast.refusal import ForecastRefused
from epjgate.model.forecast import Interval


def share_of(hits: int, runs: int, confidence: float) -> Interval:
    """Return the share of `hits` in `runs` with the interval of Clopper and Pearson (Biometrika 26, 1934).

    Raises ForecastRefused where nothing was run: no runs are no evidence of either kind.
    """
    if not 0 <= hits <= runs or runs == 0:
        raise ForecastRefused(
            f"no share can be told of {hits} in {runs} runs",
            "a share needs at least one run, and no more hits than runs",
            "run the rehearsal at least once",
        )
    bounds = binomtest(hits, runs).proportion_ci(confidence_level=confidence, method="exact")
    return Interval(estimate=hits / runs, low=float(bounds.low), high=float(bounds.high), confidence=confidence)


def runs_needed(percentile: float, confidence: float) -> int:
    """Return how many runs it takes until the longest of them bounds `percentile` (0 to 100) from above.

    The risk is half of 1 - `confidence`, as in every interval here: 59 runs for the 95th at 0.9.
    """
    return math.ceil(math.log((1 - confidence) / 2) / math.log(percentile / 100))


def percentile_of(durations_s: Sequence[float], percentile: float, confidence: float) -> Interval:
    """Return a percentile of what was timed, between two of the durations that the binomial distribution picks.

    Raises ForecastRefused where even the longest (or the shortest) duration is no bound, and says how many would do.
    """
    runs, part, risk = len(durations_s), percentile / 100, (1 - confidence) / 2
    needed = max(runs_needed(percentile, confidence), runs_needed(100 - percentile, confidence))
    if runs < needed:
        raise ForecastRefused(
            f"no {percentile:g}th percentile of {runs} durations has an interval at {confidence:.0%}",
            f"of fewer than {needed} runs all may lie on one side of it, by chance, more often than that allows",
            f"time {needed} runs, or ask for the percentile of the forecast, which rests on its noise model instead",
        )
    if not all(math.isfinite(duration) for duration in durations_s):
        raise ForecastRefused(
            f"no {percentile:g}th percentile can be told",
            "a duration is not a finite number",
            "leave out no run: repeat it",
        )
    in_order = sorted(durations_s)
    below = np.arange(1, runs + 1)
    low = int(below[binom.sf(below - 1, runs, part) >= 1 - risk].max())
    high = int(below[binom.cdf(below - 1, runs, part) >= 1 - risk].min())
    return Interval(
        estimate=float(np.quantile(in_order, part)),
        low=in_order[low - 1],
        high=in_order[high - 1],
        confidence=confidence,
    )
