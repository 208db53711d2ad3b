"""The steps of the night, one after the other, with the times that the forecast gives them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import takewhile

from epjgate.cutover.window import moment
from epjgate.errors import UsageError
from epjgate.model.cutover import Due, TimedStep
from epjgate.model.forecast import Phase, StepForecast, WindowForecast
from epjgate.model.rehearsal import PlannedStep, RehearsalPlan

_Key = tuple[str, Phase]


def steps_of_the_night(plan: RehearsalPlan) -> tuple[tuple[PlannedStep, ...], tuple[PlannedStep, ...]]:
    """Return the steps of the upgrade and those of the rollback, both with their verification, as they were timed.

    A rollback is verified like an upgrade: where the plan verifies only one of them, the same steps serve both.
    Raises UsageError where trials differ in their steps, or rehearse no upgrade, no verification or no way back.
    """
    nights = {tuple(map(_likeness, _timed(trial.steps))): trial for trial in plan.trials if trial.timed}
    if len(nights) != 1:
        what = "no trial is timed" if not nights else "its timed trials have different steps"
        raise UsageError("the plan shows no night", what, "rehearse the same steps at every size")
    (trial,) = nights.values()
    timed = _timed(trial.steps)
    upgrade = tuple(takewhile(lambda step: step.phase is not Phase.ROLLBACK, timed))
    rollback = timed[len(upgrade) :]
    _is_whole(upgrade, rollback)
    if not _has(rollback, Phase.VERIFICATION):
        rollback += tuple(step for step in upgrade if step.phase is Phase.VERIFICATION)
    return upgrade, rollback


def must_belong(plan: RehearsalPlan, forecast: WindowForecast) -> None:
    """Raise UsageError unless `forecast` answers the question that `plan` asks, about all its steps."""
    timed = [step for trial in plan.trials if trial.timed for step in _timed(trial.steps)]
    planned = {_key(step) for step in timed if step.counts_with is None}
    borne = {(step.counts_with.value, step.phase) for step in timed if step.counts_with and step.phase}
    foretold = {(step.step, step.phase) for step in forecast.steps}
    measured = {size for step in forecast.steps for size in step.sizes}
    asked = (
        ("patients in production", plan.production_patients, forecast.production_patients),
        ("minutes of the window", plan.window_min, forecast.window_min),
        ("minutes of the margin", plan.margin_min, forecast.margin_min),
        ("steps", _names(planned), _names(foretold)),
        ("sizes beyond those of the plan", "none", _numbers(measured.difference(plan.sizes))),
        ("steps that count with one that is not there", "none", _names(borne - planned) or "none"),
        ("steps twice", 0, len(forecast.steps) - len(foretold)),
        ("steps that take less than no time", 0, sum(step.duration_s.estimate < 0 for step in forecast.steps)),
    )
    for what, by_plan, by_forecast in asked:
        if by_plan != by_forecast:
            raise UsageError(
                "the forecast does not belong to the plan",
                f"{what}: {by_plan} in the plan, {by_forecast} in the forecast",
                "take both from the same rehearsal",
            )


def scheduled(
    steps: Iterable[PlannedStep], forecasts: Sequence[StepForecast], begin: datetime | None
) -> tuple[TimedStep, ...]:
    """Return `steps` with their times, the first of them beginning at `begin`, each where the one before it ends."""
    by_step: Mapping[_Key, StepForecast] = {(one.step, one.phase): one for one in forecasts}
    expected_s = cautious_s = 0.0
    begins = _due(begin, expected_s, cautious_s)
    times: list[TimedStep] = []
    for step in steps:
        own_s, longest_s = _taken_s(step, by_step)
        expected_s, cautious_s = expected_s + own_s, cautious_s + longest_s
        ends = _due(begin, expected_s, cautious_s)
        times.append(
            TimedStep(
                kind=step.kind,
                phase=_key(step)[1],
                past_return=step.past_return,
                expected_s=own_s,
                cautious_s=longest_s,
                counts_with=step.counts_with,
                begins=begins,
                ends=ends,
            )
        )
        begins = ends
    return tuple(times)


def _taken_s(step: PlannedStep, by_step: Mapping[_Key, StepForecast]) -> tuple[float, float]:
    """Return how long `step` takes, as expected and at most; no time where another one counts it."""
    if step.counts_with is not None:
        return 0.0, 0.0
    told = by_step[_key(step)]
    return told.duration_s.estimate, max(told.p95_s.high, told.duration_s.high)


def _due(begin: datetime | None, expected_s: float, latest_s: float) -> Due:
    return Due(expected=moment(begin, expected_s), latest=moment(begin, latest_s))


def _timed(steps: Iterable[PlannedStep]) -> tuple[PlannedStep, ...]:
    return tuple(step for step in steps if step.phase is not None)


def _key(step: PlannedStep) -> _Key:
    if step.phase is None:
        raise ValueError(f"{step.id} belongs to no phase")
    return step.kind.value, step.phase


def _likeness(step: PlannedStep) -> tuple[_Key, bool]:
    return _key(step), step.past_return


def _has(steps: Iterable[PlannedStep], phase: Phase) -> bool:
    return any(step.phase is phase for step in steps)


def _is_whole(upgrade: Sequence[PlannedStep], rollback: Sequence[PlannedStep]) -> None:
    wanting = (
        (not _has(upgrade, Phase.UPGRADE), "it upgrades nothing"),
        (not _has(upgrade, Phase.VERIFICATION), "nothing is verified before users are let in"),
        (not rollback, "it has no way back"),
        (_has(rollback, Phase.UPGRADE), "it goes on with the upgrade after the way back began"),
    )
    for lacks, what in wanting:
        if lacks:
            raise UsageError(
                "the plan shows no night", what, "rehearse upgrade, verification and rollback, in this order"
            )


def _names(keys: Iterable[_Key]) -> str:
    return ", ".join(f"{step} ({phase.value})" for step, phase in sorted(keys))


def _numbers(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(numbers))) or "none"
