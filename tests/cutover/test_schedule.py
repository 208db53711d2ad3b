"""The steps of the night in their order, with times that add up."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cutover.nights import NIGHT, SIZES, forecast, interval, plan, step_forecast, trial

from epjgate.cutover.schedule import must_belong, scheduled, steps_of_the_night
from epjgate.cutover.window import window_of
from epjgate.errors import UsageError
from epjgate.model.cutover import Due, TimedStep
from epjgate.model.forecast import Phase
from epjgate.model.rehearsal import PlannedStep, RehearsalPlan, StepKind

MINUTES = st.tuples(st.floats(0, 300), st.floats(0, 300)).map(sorted)


def kinds(steps: tuple[PlannedStep, ...]) -> list[str]:
    return [step.kind.value for step in steps]


def planned(night: Any) -> RehearsalPlan:
    return plan(trials=[trial(number, size, night).model_dump() for number, size in enumerate((SIZES[0], *SIZES))])


def test_the_night_is_what_was_timed_in_its_order() -> None:
    """A rollback is verified by the step that verifies the upgrade, as the forecast counts it."""
    upgrade, rollback = steps_of_the_night(plan())
    assert kinds(upgrade) == ["stop_old", "census", "backup", "migrate", "start_new", "verify", "open"]
    assert kinds(rollback) == ["stop_new", "restore", "start_restored", "verify"]


def test_a_rollback_with_a_verification_of_its_own_keeps_it() -> None:
    """Nothing is verified twice."""
    own = (*NIGHT[:-1], (StepKind.VERIFY_RESTORED, Phase.VERIFICATION, True, 3, 4))
    assert kinds(steps_of_the_night(planned(own))[1])[-1] == "verify_restored"


def test_trials_that_do_not_count_show_no_night() -> None:
    """Neither the one that tests cross nor the drills; with these alone there is no night."""
    crossing, *timed = plan().trials
    drill = timed[0].model_copy(update={"drills": True, "steps": timed[0].steps[:1]})
    assert steps_of_the_night(plan().model_copy(update={"trials": (crossing, drill, *timed[1:])}))
    with pytest.raises(UsageError, match="no trial is timed"):
        steps_of_the_night(plan().model_copy(update={"trials": (crossing, drill)}))


@pytest.mark.parametrize(
    ("lacking", "why"),
    [
        (Phase.UPGRADE, "upgrades nothing"),
        (Phase.VERIFICATION, "nothing is verified"),
        (Phase.ROLLBACK, "no way back"),
    ],
)
def test_a_night_that_lacks_a_part_is_refused(lacking: Phase, why: str) -> None:
    """No rollback in rehearsal, no rollback in the night."""
    with pytest.raises(UsageError, match=why):
        steps_of_the_night(planned(tuple(step for step in NIGHT if step[1] is not lacking)))


def test_an_upgrade_that_goes_on_after_the_way_back_is_refused() -> None:
    """Nobody could say which of the two is under way."""
    with pytest.raises(UsageError, match="goes on"):
        steps_of_the_night(planned((*NIGHT, (StepKind.CHECK, Phase.UPGRADE, True, 1, 2))))


def test_trials_with_different_steps_are_refused() -> None:
    """They are not one upgrade."""
    odd = trial(1, SIZES[0], tuple(step for step in NIGHT if step[0] is not StepKind.BACKUP))
    with pytest.raises(UsageError, match="different steps"):
        steps_of_the_night(plan().model_copy(update={"trials": (odd, *plan().trials[2:])}))


def test_a_forecast_of_the_plan_belongs_to_it() -> None:
    """As do the good ones of all tests here."""
    must_belong(plan(), forecast())


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"production_patients": 500_001}, "patients in production"),
        ({"window_min": 179.0}, "minutes of the window"),
        ({"margin_min": 19.0}, "minutes of the margin"),
        ({"steps": forecast().steps[1:]}, "steps"),
        ({"steps": (*forecast().steps, step_forecast(StepKind.OPEN, Phase.ROLLBACK, 1, 2))}, "steps"),
        ({"steps": (*forecast().steps, forecast().steps[0])}, "steps twice"),
        (
            {"steps": (forecast().steps[0].model_copy(update={"sizes": (7, *SIZES)}), *forecast().steps[1:])},
            "sizes beyond those of the plan: none in the plan, 7 in the forecast",
        ),
        (
            {"steps": (forecast().steps[0].model_copy(update={"duration_s": interval(-1)}), *forecast().steps[1:])},
            "less than no time",
        ),
    ],
)
def test_a_forecast_of_something_else_is_refused(changes: dict[str, Any], what: str) -> None:
    """Another hospital, another window, another margin, other steps, other measurements."""
    with pytest.raises(UsageError, match=what):
        must_belong(plan(), forecast().model_copy(update=changes))


@given(
    minutes=st.lists(MINUTES, min_size=10, max_size=10),
    day=st.dates(date(2020, 1, 1), date(2040, 12, 31)) | st.none(),
)
def test_times_lie_in_order_and_add_up(minutes: list[list[float]], day: date | None) -> None:
    """Each step begins where the one before it ends, lasts as long as it is told to, and is cautious last."""
    timed = [(kind, phase, past) for kind, phase, past, _, _ in NIGHT if phase]
    night: Any = tuple((*step, *told) for step, told in zip(timed, minutes, strict=True))
    steps, _ = steps_of_the_night(planned(night))
    told = scheduled(steps, forecast(night).steps, window_of(plan(date=day.isoformat() if day else "")).begin)
    assert [step.begins for step in told[1:]] == [step.ends for step in told[:-1]]
    for reading, lasts in (("expected", "expected_s"), ("latest", "cautious_s")):
        sums = [sum(getattr(step, lasts) for step in told[: number + 1]) for number in range(len(told))]
        assert [getattr(step.ends, reading).after_s for step in told] == pytest.approx(sums)
        _is_in_order(told, reading)
    assert all(due.expected.after_s <= due.latest.after_s for step in told for due in (step.begins, step.ends))
    assert all((step.ends.latest.at is None) is (day is None) for step in told)


def _is_in_order(told: tuple[TimedStep, ...], reading: str) -> None:
    def at(due: Due) -> Any:
        moment = getattr(due, reading)
        return moment.after_s if moment.at is None else moment.at

    assert all(at(step.begins) <= at(step.ends) for step in told)
    assert all(at(before.ends) <= at(after.ends) for before, after in pairwise(told))


def test_the_cautious_bound_is_never_shorter_than_what_one_run_may_take() -> None:
    """Whichever of the two upper bounds is the longer counts."""
    steps, _ = steps_of_the_night(plan())
    forecasts = [
        one.model_copy(update={"duration_s": interval(60, high=7200), "p95_s": interval(60, high=90)})
        for one in forecast().steps
    ]
    assert {step.cautious_s for step in scheduled(steps, forecasts, None)} == {7200}


def test_a_step_that_counts_with_another_takes_no_time_of_its_own() -> None:
    """It stands in its place, between the others; the sum is that of the steps which were forecast."""
    short = {StepKind.STOP_OLD: StepKind.CENSUS, StepKind.OPEN: StepKind.START_NEW, StepKind.STOP_NEW: StepKind.RESTORE}
    told = plan()
    trials = [
        one.model_copy(
            update={"steps": tuple(s.model_copy(update={"counts_with": short.get(s.kind)}) for s in one.steps)}
        )
        for one in told.trials
    ]
    told = told.model_copy(update={"trials": tuple(trials)})
    foretold = forecast(tuple(one for one in NIGHT if one[0] not in short))
    must_belong(told, foretold)
    upgrade = scheduled(steps_of_the_night(told)[0], foretold.steps, window_of(told).begin)
    assert upgrade[0].kind is StepKind.STOP_OLD
    assert [(step.expected_s, step.counts_with) for step in upgrade if step.kind in short] == [
        (0, StepKind.CENSUS),
        (0, StepKind.START_NEW),
    ]
    assert upgrade[-1].ends.expected.after_s == sum(step.expected_s for step in upgrade)
    with pytest.raises(UsageError, match="census"):
        must_belong(told, forecast(tuple(one for one in NIGHT if one[0] not in (*short, StepKind.CENSUS))))
