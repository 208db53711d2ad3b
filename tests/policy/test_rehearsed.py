"""The course of a rehearsal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.builders import TIMED, ended, rehearsal_plan, steps_of, trial

from epjgate.model.evidence import Evidence
from epjgate.model.rehearsal import StepKind, StepOutcome
from epjgate.policy.rehearsed import (
    ends,
    is_after,
    is_before,
    left_behind,
    plan_of,
    prepares,
    production_stands,
    trial_words,
    undone,
)

if TYPE_CHECKING:
    from tests.policy.conftest import Builders


def test_a_whole_rehearsal_has_nothing_undone(build: Builders) -> None:
    """Neither has a run that rehearses nothing, nor one without a manifest."""
    assert undone(build.rehearsal()) == ()
    assert undone(build.evidence()) == ()
    assert undone(Evidence(manifest=None)) == ()
    assert plan_of(build.evidence()) is None


def test_the_first_step_of_each_trial_that_was_not_done_is_found(build: Builders) -> None:
    """With what is planned behind it; trials that were never reached begin with their first step."""
    first, *others = undone(build.rehearsal(None, ended("t1.s6", StepOutcome.FAILED)))
    assert (first.step.kind, first.begun) == (StepKind.MIGRATE, True)
    assert first.ended == ended("t1.s6", StepOutcome.FAILED)
    assert [step.kind.value for step in first.missed] == TIMED.split()[6:]
    assert [(one.step.id, one.begun) for one in others] == [(f"t{number}.s1", False) for number in range(2, 8)]


def test_a_step_done_behind_one_that_failed_is_not_missed(build: Builders) -> None:
    """A failed migration may still have been restored."""
    steps = tuple(ended(step.id) for step in steps_of(rehearsal_plan()) if step.id != "t1.s6")
    (only,) = undone(build.rehearsal(steps_ended=(*steps, ended("t1.s6", StepOutcome.STALLED))))
    assert (only.step.id, only.missed) == ("t1.s6", ())


@pytest.mark.parametrize("outcomes", [("done", "failed"), ("failed", "done")])
def test_of_two_ends_the_worst_counts(build: Builders, outcomes: tuple[str, str]) -> None:
    """A step cannot be done by being told twice."""
    twice = tuple(ended("t0.s1", StepOutcome(outcome)) for outcome in outcomes)
    assert ends(build.rehearsal(steps_ended=twice))["t0.s1"].outcome is StepOutcome.FAILED


@pytest.mark.parametrize(
    ("name", "after", "before", "first_part"),
    [
        ("a[before]", False, True, True),
        ("a[insulin-before]", False, True, True),
        ("a[after]", True, False, False),
        ("a[insulin-after]", True, False, False),
        ("a[back]", False, False, False),
        ("a", False, True, False),
        ("a[thereafter]", False, True, False),
    ],
)
def test_the_part_of_a_test_is_told_by_its_name(
    build: Builders, name: str, *, after: bool, before: bool, first_part: bool
) -> None:
    """Whatever is not named as a part after the upgrade ran before it."""
    test, rehearsal = build.test(name), build.rehearsal()
    assert (is_after(test), is_before(test, rehearsal), prepares(test, rehearsal)) == (after, before, first_part)
    assert not is_before(test, build.evidence())


@pytest.mark.parametrize(
    ("last", "stands"), [("t1.s2", True), ("t1.s4", True), ("t1.s6", False), ("t1.s7", False), ("t0.s10", False)]
)
def test_which_release_stands_is_told_by_the_last_step(build: Builders, last: str, *, stands: bool) -> None:
    """The old release on the candidate's data is no longer the one in production."""
    halted = build.rehearsal(None, ended(last, StepOutcome.BROKEN))
    assert production_stands(halted) is stands
    assert not production_stands(build.evidence())


def test_what_only_a_rehearsal_leaves_is_known(build: Builders) -> None:
    """Any one of its events is enough."""
    assert not left_behind(build.evidence())
    rehearsal = build.rehearsal()
    for name in ("steps_begun", "steps_ended", "censuses", "availability", "forecasted"):
        assert left_behind(build.evidence(**{name: getattr(rehearsal, name)}))


def test_a_trial_in_words() -> None:
    """Size, what it is for, and which one."""
    assert trial_words(trial(1, 10_000, TIMED, repeat=2)) == "at 10,000 patients, repeat 2"
    assert trial_words(trial(1, 1000, TIMED, crosses=True)) == "at 1,000 patients, crossed by tests 1"
    assert trial_words(trial(1, 1000, TIMED, drills=True)) == "at 1,000 patients, drill 1"
