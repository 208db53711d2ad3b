"""Plans and forecasts of nights, good by default: what a rehearsal leaves for the go/no-go clock."""

from __future__ import annotations

from typing import Any

from epjgate.model.forecast import Family, Interval, Phase, StepForecast, WindowForecast
from epjgate.model.rehearsal import PlannedStep, RehearsalPlan, StepKind, Trial

SIZES = (10_000, 30_000, 100_000)
PRODUCTION = 500_000
# Kind, phase, past return, and the minutes that it takes: estimate and cautious bound.
Night = tuple[tuple[StepKind, Phase | None, bool, float, float], ...]
NIGHT: Night = (
    (StepKind.FILL, None, False, 0, 0),
    (StepKind.START_OLD, None, False, 0, 0),
    (StepKind.STOP_OLD, Phase.UPGRADE, False, 0.5, 1),
    (StepKind.CENSUS, Phase.UPGRADE, False, 2, 3),
    (StepKind.BACKUP, Phase.UPGRADE, False, 10, 14),
    (StepKind.MIGRATE, Phase.UPGRADE, True, 20, 27),
    (StepKind.START_NEW, Phase.UPGRADE, True, 1, 2),
    (StepKind.VERIFY, Phase.VERIFICATION, True, 8, 10),
    (StepKind.OPEN, Phase.UPGRADE, True, 1.5, 2),
    (StepKind.STOP_NEW, Phase.ROLLBACK, True, 0.5, 1),
    (StepKind.RESTORE, Phase.ROLLBACK, True, 15, 20),
    (StepKind.START_RESTORED, Phase.ROLLBACK, True, 1, 2),
    (StepKind.VERIFY_RESTORED, None, True, 0, 0),
)


def interval(estimate: float, low: float | None = None, high: float | None = None) -> Interval:
    """Return an interval of the usual confidence; a bound that is not given is the estimate."""
    return Interval(
        estimate=estimate,
        low=estimate if low is None else low,
        high=estimate if high is None else high,
        confidence=0.9,
    )


def trial(number: int, patients: int, night: Night = NIGHT) -> Trial:
    """Return the trial `number` of `night`; the first one crosses."""
    return Trial(
        patients=patients,
        repeat=1,
        crosses=number == 0,
        steps=tuple(
            PlannedStep(id=f"t{number}.s{place}", kind=kind, phase=phase, past_return=past, stall_s=60, limit_s=600)
            for place, (kind, phase, past, _, _) in enumerate(night)
        ),
    )


def plan(**changes: Any) -> RehearsalPlan:
    """Return the plan of a rehearsal for 01:00 to 04:00 on an ordinary night, `changes` applied."""
    good = RehearsalPlan(
        from_release="1.0",
        to_release="1.1",
        production_patients=PRODUCTION,
        window_from="01:00",
        window_until="04:00",
        window_min=180,
        margin_min=20,
        date="2027-05-11",
        seed=1,
        trials=tuple(trial(number, patients) for number, patients in enumerate((SIZES[0], *SIZES))),
    )
    return RehearsalPlan.model_validate({**good.model_dump(), **changes})


def step_forecast(kind: StepKind, phase: Phase, expected_min: float, cautious_min: float) -> StepForecast:
    """Return the forecast of one step."""
    return StepForecast(
        step=kind.value,
        phase=phase,
        timings=9,
        sizes=SIZES,
        family=Family.LINEAR,
        shares={Family.LINEAR: 1.0},
        misfit=0.01,
        noise=0.02,
        growth=interval(1.0),
        duration_s=interval(expected_min * 60),
        p95_s=interval(expected_min * 60, high=max(expected_min, cautious_min) * 60),
    )


def forecast(night: Night = NIGHT, **changes: Any) -> WindowForecast:
    """Return a forecast of `night` by which all fits, `changes` applied."""
    good = WindowForecast(
        production_patients=PRODUCTION,
        largest_patients=SIZES[-1],
        window_min=180,
        margin_min=20,
        seed=1,
        draws=1000,
        timings=72,
        steps=tuple(step_forecast(kind, phase, *minutes) for kind, phase, _, *minutes in night if phase is not None),
        upgrade_s=interval(41 * 60, high=52 * 60),
        rollback_s=interval(24.5 * 60, high=32 * 60),
        fits_p=interval(0.999, low=0.997, high=1.0),
        rollback_fits_p=interval(0.99, low=0.973, high=1.0),
        latest_rollback_start_min=interval(134.2, low=127.4, high=135.5),
        abort_minute=127,
    )
    return WindowForecast.model_validate({**good.model_dump(), **changes})
