"""Whether an upgrade fits its change window: what rehearsals measured, and what to expect at production size."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from epjgate.model.base import Value

Share = Annotated[float, Field(ge=0, le=1)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class Phase(StrEnum):
    """What a step of the rehearsal belongs to; decides which promise about the window its time counts against.

    `upgrade`: all that stands between closing and a running candidate: backup, stop, migrate, start, open.
    `verification`: what is checked before users are let in, after an upgrade and after a rollback alike.
    `rollback`: what brings the old release back: stop, restore, start.
    """

    UPGRADE = "upgrade"
    VERIFICATION = "verification"
    ROLLBACK = "rollback"


class Family(StrEnum):
    """How the cost of a step may grow with the number of patients n; a and b are never negative."""

    LINEAR = "linear"
    N_LOG_N = "n log n"
    POWER_LAW = "power law"
    QUADRATIC_PART = "linear with a quadratic part"
    THRESHOLD_STEP = "threshold step"


class Timing(Value):
    """One step of one rehearsal: `duration_s` at `patients` patients; `repeat` tells rehearsals of one size apart.

    Nothing is refused here: what cannot be a timing is refused, with what to do about it, where a forecast is made.
    """

    step: str
    phase: Phase
    patients: int
    repeat: int
    duration_s: float


class Interval(Value):
    """An estimate and the bounds that hold the truth with the stated confidence, half of the risk on either side."""

    estimate: Finite
    low: Finite
    high: Finite
    confidence: Annotated[float, Field(gt=0, lt=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.estimate <= self.high:
            msg = f"an interval must hold its estimate: {self.low} <= {self.estimate} <= {self.high}"
            raise ValueError(msg)
        return self


class StepForecast(Value):
    """What to expect of one step at production size.

    `family` has the greatest of the `shares` that held-out error gave. `duration_s` is for one run. `p95_s`
    is what 95 of 100 runs keep, by the noise model; it is no order statistic. `growth` is the exponent at production
    size: 0 constant, 1 linear, 2 quadratic. `misfit`, by how much the curves may miss a size, and `noise`, by how much
    repeats of the largest size differ, are shares of a duration.
    """

    step: str
    phase: Phase
    timings: Annotated[int, Field(ge=1)]
    sizes: tuple[int, ...]
    family: Family
    shares: dict[Family, Share]
    misfit: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    noise: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    growth: Interval
    duration_s: Interval
    p95_s: Interval


class Counted(Value):
    """Rehearsals at production size or above: `fitted` of `runs` kept the window, with the share's exact interval."""

    fitted: Annotated[int, Field(ge=0)]
    runs: Annotated[int, Field(ge=1)]
    share: Interval


class WindowForecast(Value):
    """Whether the change window is kept at production size.

    `upgrade_s` is upgrade and verification, `rollback_s` rollback and verification, of one run. `fits_p` is the
    probability that the first ends within the window; `rollback_fits_p`, that a rollback decided on the last check
    still ends, verified, `margin_min` before the window does. `latest_rollback_start_min` counts from the start of the
    window: there a rollback still fits in 95 of 100 runs. `abort_minute` is its lower bound, rounded down, and none
    where no rollback is sure to fit. A gate asks the bound that hurts: `high` of a duration, `low` of a probability.
    """

    schema_version: Literal["epjgate/forecast/1"] = "epjgate/forecast/1"
    production_patients: Annotated[int, Field(ge=1)]
    largest_patients: Annotated[int, Field(ge=1)]
    window_min: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    margin_min: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    seed: int
    draws: Annotated[int, Field(ge=1)]
    timings: Annotated[int, Field(ge=1)]
    steps: Annotated[tuple[StepForecast, ...], Field(min_length=1)]
    upgrade_s: Interval
    rollback_s: Interval
    fits_p: Interval
    rollback_fits_p: Interval
    latest_rollback_start_min: Interval
    abort_minute: Annotated[int, Field(ge=0)] | None
    counted: Counted | None = None

    @property
    def extrapolation_factor(self) -> float:
        """How many times the largest measured size production is."""
        return self.production_patients / self.largest_patients
