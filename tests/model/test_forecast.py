"""Figures of a forecast, as they go into evidence and reports."""

from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from epjgate.model.forecast import Interval, Phase, StepForecast, Timing, WindowForecast

STEP = {
    "step": "migrate",
    "phase": "upgrade",
    "timings": 15,
    "sizes": [1000, 10_000, 100_000],
    "family": "linear",
    "shares": {"linear": 1.0},
    "misfit": 0.02,
    "noise": 0.05,
    "growth": {"estimate": 1.0, "low": 1.0, "high": 1.2, "confidence": 0.9},
    "duration_s": {"estimate": 10.0, "low": 9.0, "high": 12.0, "confidence": 0.9},
    "p95_s": {"estimate": 11.0, "low": 10.0, "high": 13.0, "confidence": 0.9},
}
PROBABILITY = {"estimate": 0.9, "low": 0.5, "high": 1.0, "confidence": 0.9}
WINDOW = {
    "production_patients": 900_000,
    "largest_patients": 100_000,
    "window_min": 180.0,
    "margin_min": 20.0,
    "seed": 0,
    "draws": 1000,
    "timings": 45,
    "steps": [STEP],
    "upgrade_s": STEP["duration_s"],
    "rollback_s": STEP["duration_s"],
    "fits_p": PROBABILITY,
    "rollback_fits_p": PROBABILITY,
    "latest_rollback_start_min": {"estimate": 90.0, "low": 89.2, "high": 91.0, "confidence": 0.9},
    "abort_minute": 89,
}


def test_a_forecast_survives_being_written_and_read() -> None:
    """As JSON, without loss; the factor follows from the sizes."""
    forecast = WindowForecast.model_validate(WINDOW)
    assert WindowForecast.model_validate_json(forecast.model_dump_json()) == forecast
    assert forecast.extrapolation_factor == 9
    assert forecast.schema_version == "epjgate/forecast/1"


@pytest.mark.parametrize(("low", "high"), [(11.0, 12.0), (8.0, 9.0), (math.nan, 12.0), (9.0, math.inf)])
def test_an_interval_is_finite_and_holds_its_estimate(low: float, high: float) -> None:
    """A bound that is no number would compare as anything."""
    with pytest.raises(ValidationError):
        Interval(estimate=10.0, low=low, high=high, confidence=0.9)


@pytest.mark.parametrize(
    "changed", [{"steps": []}, {"abort_minute": -1}, {"schema_version": "epjgate/forecast/2"}, {"fits": True}]
)
def test_what_is_no_forecast_is_not_read_as_one(changed: dict[str, object]) -> None:
    """No steps, a minute before the window, another schema, or a key that nobody knows."""
    with pytest.raises(ValidationError):
        WindowForecast.model_validate({**WINDOW, **changed})


def test_shares_are_shares() -> None:
    """Between 0 and 1."""
    with pytest.raises(ValidationError):
        StepForecast.model_validate({**STEP, "shares": {"linear": 1.5}})


def test_a_timing_takes_any_number() -> None:
    """Whether it is one to forecast from is told where the forecast is made, with what to do about it."""
    assert Timing(step="s", phase=Phase.UPGRADE, patients=1, repeat=0, duration_s=-1.0).duration_s == -1.0
