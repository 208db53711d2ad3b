"""The plan: what is going to be done, bounded, and the same for the same wish."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.errors import UsageError
from epjgate.forecast.window import MAX_FACTOR
from epjgate.model.forecast import Phase
from epjgate.model.rehearsal import RehearsalPlan, StepKind, Trial
from epjgate.rehearsing.plan import UpgradeWish, plan_rehearsal

WISH = UpgradeWish("2.1.73", "2.1.74", 1_000_000, "01:00-04:00", seed=7)


def planned(wish: UpgradeWish = WISH, *, migrates: bool = True, crosses: bool = True) -> RehearsalPlan:
    """Return the plan of `wish`."""
    return plan_rehearsal(wish, migrates=migrates, crosses=crosses)


def kinds(trial: Trial) -> list[StepKind]:
    """Return what the steps of `trial` do, in their order."""
    return [step.kind for step in trial.steps]


def test_the_same_wish_gives_the_same_plan_and_another_seed_other_drills() -> None:
    """What is rehearsed can be repeated."""
    assert planned() == planned()
    assert planned(replace(WISH, seed=8)).trials != planned().trials


def test_sizes_reach_as_far_as_a_forecast_needs_and_no_further() -> None:
    """A million patients are forecast from a tenth of them, and from two sizes below."""
    assert planned().sizes == (10_000, 32_000, 100_000)
    assert planned(replace(WISH, sizes=(300, 100))).sizes == (100, 300)


@given(st.integers(1, 10**8))
def test_no_production_is_out_of_reach_of_its_own_sizes(production: int) -> None:
    """Whatever the size of production: three sizes, in ascending order, and the largest one bears a forecast."""
    sizes = planned(replace(WISH, production_patients=production)).sizes
    assert len(sizes) == 3
    assert list(sizes) == sorted(sizes)
    assert production <= MAX_FACTOR * sizes[-1]


def test_tests_cross_first_then_sizes_are_timed_then_migrations_are_killed() -> None:
    """Trouble that the tests see is seen before an hour went into large sizes; a drill has times to be planned by."""
    trials = planned().trials
    assert [(one.patients, one.crosses, one.drills) for one in trials] == [
        (10_000, True, False),
        *((size, False, False) for _repeat in (1, 2) for size in (10_000, 32_000, 100_000)),
        *((10_000, False, True) for _drill in (1, 2, 3)),
    ]


def test_only_timed_trials_count_against_the_window() -> None:
    """Where tests and probes run along, or a migration is killed, no step belongs to a phase."""
    for trial in planned().trials:
        assert any(step.phase for step in trial.steps) is trial.timed


def test_every_timed_trial_knows_all_three_phases_once() -> None:
    """The forecast needs a measured upgrade, verification and rollback of every size, and each step once."""
    for trial in (one for one in planned().trials if one.timed):
        assert {step.phase for step in trial.steps} == {*Phase, None}
        assert len(set(kinds(trial))) == len(trial.steps)


def test_a_backup_is_taken_when_nobody_writes_any_more_and_before_the_point_of_no_return() -> None:
    """What is written between a backup and the end of the old release would be lost by a restore."""
    order = kinds(planned().trials[1])
    assert order.index(StepKind.STOP_OLD) < order.index(StepKind.BACKUP) < order.index(StepKind.MIGRATE)
    steps = {step.kind: step for step in planned().trials[1].steps}
    assert not steps[StepKind.BACKUP].past_return
    assert steps[StepKind.MIGRATE].past_return
    assert steps[StepKind.OPEN].past_return


def test_a_short_step_counts_with_one_of_its_own_phase() -> None:
    """Its time is not lost: the other one is in every trial in which it is, and belongs to the same phase."""
    for trial in (one for one in planned().trials if one.timed):
        steps = {step.kind: step for step in trial.steps}
        short = [step for step in trial.steps if step.counts_with is not None]
        assert {step.kind for step in short} == {StepKind.STOP_OLD, StepKind.OPEN, StepKind.STOP_NEW}
        for step in short:
            assert step.counts_with is not None
            assert steps[step.counts_with].phase is step.phase


def test_every_step_is_bounded() -> None:
    """A step that hangs ends; one that goes on for twice the window has failed it in any case."""
    for step in (step for trial in planned().trials for step in trial.steps):
        assert 0 < step.stall_s < step.limit_s == 2 * 180 * 60


def test_a_system_that_migrates_by_itself_has_no_step_for_it_and_no_drill() -> None:
    """Nothing is planned that cannot be done."""
    trials = planned(migrates=False).trials
    assert not any(kind in (StepKind.MIGRATE, StepKind.KILL_MIGRATION) for one in trials for kind in kinds(one))
    assert not any(one.drills for one in trials)


def test_where_nothing_crosses_there_is_no_trial_for_it() -> None:
    """A project without such tests and probes rehearses the times alone."""
    assert not any(one.crosses for one in planned(crosses=False).trials)


@pytest.mark.parametrize(
    ("window", "minutes"), [("01:00-04:00", 180), ("23:30-04:00", 270), ("00:00-23:59", 1439), ("04:00-03:59", 1439)]
)
def test_a_window_may_end_on_the_next_day(window: str, minutes: float) -> None:
    """Minutes are counted from the begin to the end that comes next."""
    plan = planned(replace(WISH, window=window))
    assert (plan.window_min, f"{plan.window_from}-{plan.window_until}") == (minutes, window)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"window": "1-4"}, "window"),
        ({"window": "01:00-24:00"}, "window"),
        ({"window": "01:00-01:00"}, "empty"),
        ({"production_patients": 0}, "production size"),
        ({"to_release": "2.1.73"}, "itself"),
        ({"repeats": 0}, "repeats"),
        ({"drills": -1}, "drills"),
        ({"margin_min": -1.0}, "margin"),
        ({"sizes": (0, 10)}, "sizes"),
        ({"date": "25.10.2026"}, "date"),
        ({"date": "2026-02-30"}, "date"),
        ({"date": "20261025"}, "date"),
    ],
)
def test_what_cannot_be_planned_is_refused_by_name(changed: dict[str, Any], named: str) -> None:
    """The error says what was asked for, and what can be."""
    with pytest.raises(UsageError, match=named):
        planned(replace(WISH, **changed))
