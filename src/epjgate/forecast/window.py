"""All steps together against the change window: does the upgrade fit, does a rollback, and until when may it start."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from epjgate.errors import UsageError
from epjgate.forecast.curves import Floats
from epjgate.forecast.exact import share_of
from epjgate.forecast.prediction import DRAWS, EVEN_Z, Draws, Prediction, predict
from epjgate.forecast.refusal import ForecastRefused
from epjgate.forecast.timings import MeasuredStep, measured_step, measured_steps
from epjgate.model.forecast import Counted, Interval, Phase, StepForecast, Timing, WindowForecast

MAX_FACTOR = 10.0  # how many times the largest measured size production may be
MARGIN_MIN = 20.0
CONFIDENCE = 0.9
_P95 = float(ndtri(0.95))
_UPGRADE = (Phase.UPGRADE, Phase.VERIFICATION)
_ROLLBACK = (Phase.ROLLBACK, Phase.VERIFICATION)
HIGHEST_CONFIDENCE = 0.98  # 1000 draws hold ten beyond either bound
_CERTAIN = 9.0  # standard deviations
_HALVINGS = 40
_NEGLIGIBLE = 0.1  # of an even share of the window: a step that stays below it may be as noisy as it likes

Centre = Callable[[Floats], np.floating[Any]]
Part = tuple[float, Draws]  # how many times a step is done, and what once may take


def forecast_window(
    timings: Iterable[Timing],
    *,
    production_patients: int,
    window_min: float,
    margin_min: float = MARGIN_MIN,
    confidence: float = CONFIDENCE,
    max_factor: float = MAX_FACTOR,
    seed: int = 0,
) -> WindowForecast:
    """Return what the rehearsals say of a window of `window_min` minutes at production size.

    The same timings, in any order, and the same seed give the same forecast. Raises ForecastRefused where the timings
    do not bear one: then it is unknown whether the upgrade fits. Raises UsageError where the question makes no sense.
    """
    _makes_sense(production_patients, window_min, margin_min, confidence, max_factor)
    timings = tuple(timings)
    steps = measured_steps(timings)
    for step in steps:
        _in_reach(step, production_patients, max_factor)
    predictions = [_predicted(step, production_patients, seed, confidence) for step in steps]
    window_s, margin_s = window_min * 60, margin_min * 60
    _quiet_where_it_matters(predictions, window_s, confidence)
    views = _Views(predictions, confidence)
    latest = views.falling(_ROLLBACK, lambda parts: (window_s - margin_s - _total_s(parts, _P95)) / 60)
    return WindowForecast(
        production_patients=production_patients,
        largest_patients=int(min(step.sizes[-1] for step in steps)),
        window_min=window_min,
        margin_min=margin_min,
        seed=seed,
        draws=DRAWS,
        timings=len(timings),
        steps=tuple(_step_forecast(prediction, confidence) for prediction in predictions),
        upgrade_s=views.rising(_UPGRADE, lambda parts: _total_s(parts, EVEN_Z)),
        rollback_s=views.rising(_ROLLBACK, lambda parts: _total_s(parts, EVEN_Z)),
        fits_p=views.probability(_UPGRADE, window_s),
        rollback_fits_p=views.probability((*_UPGRADE, *_ROLLBACK), window_s - margin_s),
        latest_rollback_start_min=latest,
        abort_minute=math.floor(latest.low) if latest.low >= 0 else None,
        counted=_counted(timings, production_patients, window_s, confidence),
    )


def forecast_step(
    timings: Iterable[Timing],
    *,
    production_patients: int,
    confidence: float = CONFIDENCE,
    max_factor: float = MAX_FACTOR,
    seed: int = 0,
) -> StepForecast:
    """Return what the timings of one step say of production size; raises as `forecast_window` does."""
    _makes_sense(production_patients, 1.0, 0.0, confidence, max_factor)
    step = measured_step(tuple(timings))
    _in_reach(step, production_patients, max_factor)
    prediction = _predicted(step, production_patients, seed, confidence)
    prediction.raise_if_noisy()
    return _step_forecast(prediction, confidence)


class _Views:
    """The same figure three times: as expected, by the most cautious plausible curves, by the most hopeful ones.

    Curves of different steps are independent; the noise is not: a slow night slows every step.
    """

    def __init__(self, predictions: Sequence[Prediction], confidence: float) -> None:
        self._predictions = predictions
        self._confidence = confidence

    def rising(self, phases: Sequence[Phase], figure: Callable[[Sequence[Part]], Floats]) -> Interval:
        """Return a figure that is the higher, the longer the steps of `phases` take."""
        expected, cautious, hopeful = self._figures(phases, figure)
        return interval_of(expected, low=hopeful, high=cautious, confidence=self._confidence)

    def falling(
        self, phases: Sequence[Phase], figure: Callable[[Sequence[Part]], Floats], centre: Centre = np.median
    ) -> Interval:
        """Return a figure that is the lower, the longer the steps of `phases` take."""
        expected, cautious, hopeful = self._figures(phases, figure)
        return interval_of(expected, low=cautious, high=hopeful, confidence=self._confidence, centre=centre)

    def probability(self, phases: Sequence[Phase], limit_s: float) -> Interval:
        """Return how likely the steps of `phases` end by `limit_s`; it is never surer than so many draws can be."""
        told = self.falling(phases, lambda parts: _probability(parts, limit_s), np.mean)
        return told.model_copy(update={"low": min(told.low, share_of(DRAWS, DRAWS, self._confidence).low)})

    def _figures(self, phases: Sequence[Phase], figure: Callable[[Sequence[Part]], Floats]) -> tuple[Floats, ...]:
        counted = [(prediction, float(phases.count(prediction.measured.phase))) for prediction in self._predictions]
        return (
            figure([(times, prediction.expected) for prediction, times in counted if times]),
            figure([(times, prediction.cautious) for prediction, times in counted if times]),
            figure([(times, prediction.hopeful) for prediction, times in counted if times]),
        )


def interval_of(
    expected: Floats, *, low: Floats, high: Floats, confidence: float, centre: Centre = np.median
) -> Interval:
    """Return the centre of what is expected, between quantiles of the draws that speak for either side."""
    risk = (1 - confidence) / 2
    estimate = float(centre(expected))
    return Interval(
        estimate=estimate,
        low=min(estimate, float(np.quantile(low, risk))),
        high=max(estimate, float(np.quantile(high, 1 - risk))),
        confidence=confidence,
    )


def latest_rollback_start(
    window_min: float, *, rollback_min: float, verification_min: float, margin_min: float
) -> float:
    """Return the minute of the window at which a rollback must start at the latest; below 0 it never fits."""
    return window_min - rollback_min - verification_min - margin_min


def _total_s(parts: Sequence[Part], z: Floats | float) -> Floats:
    return np.asarray(sum(times * draws.run_s(z) for times, draws in parts), dtype=np.float64)


def _probability(parts: Sequence[Part], limit_s: float) -> Floats:
    """Return for every draw how likely a run ends by `limit_s`: durations rise with the noise, so one bound tells."""
    low, high = np.full(DRAWS, -_CERTAIN), np.full(DRAWS, _CERTAIN)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        fits = _total_s(parts, middle) <= limit_s
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    return np.asarray(ndtr(low), dtype=np.float64)


def _step_forecast(prediction: Prediction, confidence: float) -> StepForecast:
    def interval(figure: Callable[[Draws], Floats]) -> Interval:
        views = (prediction.expected, prediction.hopeful, prediction.cautious)
        expected, low, high = (figure(draws) for draws in views)
        return interval_of(expected, low=low, high=high, confidence=confidence)

    measured = prediction.measured
    return StepForecast(
        step=measured.step,
        phase=measured.phase,
        timings=measured.timings,
        sizes=tuple(int(size) for size in measured.sizes),
        family=max(prediction.shares, key=lambda family: prediction.shares[family]),
        shares=prediction.shares,
        misfit=prediction.misfit,
        noise=prediction.noise,
        growth=interval(lambda draws: draws.growth),
        duration_s=interval(lambda draws: draws.run_s(EVEN_Z)),
        p95_s=interval(lambda draws: draws.run_s(_P95)),
    )


def _counted(timings: Iterable[Timing], patients: int, window_s: float, confidence: float) -> Counted | None:
    runs: dict[tuple[int, int], float] = defaultdict(float)
    for timing in timings:
        if timing.patients >= patients and timing.phase in _UPGRADE:
            runs[timing.patients, timing.repeat] += timing.duration_s
    if not runs:
        return None
    fitted = sum(duration_s <= window_s for duration_s in runs.values())
    return Counted(fitted=fitted, runs=len(runs), share=share_of(fitted, len(runs), confidence))


def _makes_sense(patients: int, window_min: float, margin_min: float, confidence: float, max_factor: float) -> None:
    asked = (
        (patients >= 1, f"a production size of {patients} patients", "at least 1"),
        (math.isfinite(window_min) and window_min > 0, f"a window of {window_min} min", "longer than 0"),
        (math.isfinite(margin_min) and margin_min >= 0, f"a margin of {margin_min} min", "0 or more"),
        (0.5 <= confidence <= HIGHEST_CONFIDENCE, f"a confidence of {confidence}", f"0.5 to {HIGHEST_CONFIDENCE}"),
        (1 <= max_factor <= MAX_FACTOR, f"an extrapolation by a factor of {max_factor}", f"1 to {MAX_FACTOR:g}"),
    )
    for sensible, asked_for, allowed in asked:
        if not sensible:
            raise UsageError(f"no forecast for {asked_for}", "it is out of range", f"ask for {allowed}")


def _in_reach(step: MeasuredStep, patients: int, max_factor: float) -> None:
    largest = step.sizes[-1]
    if patients <= max_factor * largest:
        return
    raise ForecastRefused(
        f"{step.step} was timed up to {largest:.0f} patients; production has {patients / largest:.3g} times as many",
        f"beyond {max_factor:g} times the largest size a part that grows fast may still hide in what was measured",
        f"rehearse at {math.ceil(patients / max_factor)} patients or more",
    )


def _quiet_where_it_matters(predictions: Sequence[Prediction], window_s: float, confidence: float) -> None:
    """Raise ForecastRefused for a step whose repeats tell no curve, unless even its cautious bound is negligible."""
    for prediction in predictions:
        if not prediction.longest_s(confidence) <= _NEGLIGIBLE * window_s / len(predictions):
            prediction.raise_if_noisy()


def _predicted(step: MeasuredStep, patients: int, seed: int, confidence: float) -> Prediction:
    # What cannot be computed ends as a number that is none, and is refused here.
    with np.errstate(all="ignore"):
        prediction = predict(step, patients, seed=seed, confidence=confidence)
    for draws in (prediction.expected, prediction.cautious, prediction.hopeful):
        figures = np.concatenate([draws.median_s, draws.noise, draws.growth])
        if not np.isfinite(figures).all() or (draws.median_s <= 0).any():
            raise ForecastRefused(
                f"the forecast of {step.step} did not come out as numbers",
                "its durations or sizes are too large or too small to compute with",
                "check the timings: durations are in seconds, sizes in patients",
            )
    return prediction
