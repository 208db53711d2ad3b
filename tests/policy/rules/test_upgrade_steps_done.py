"""The rule upgrade-steps-done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.builders import ended, rehearsal_plan, steps_of, trial

from epjgate.model.rehearsal import StepKind, StepOutcome
from epjgate.model.rehearsal_events import StepBegan
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.rules.upgrade_steps_done import SPEAKS_OF, check

if TYPE_CHECKING:
    from tests.policy.conftest import Builders

FAILED, STALLED, BROKEN = StepOutcome.FAILED, StepOutcome.STALLED, StepOutcome.BROKEN


def blamed(findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if finding.blame is not Blame.NOBODY]


def step_id(kind: StepKind) -> str:
    return next(step.id for step in steps_of(rehearsal_plan()) if step.kind is kind)


def test_a_rehearsal_of_which_every_step_was_done_is_approved(build: Builders) -> None:
    """Every step of every trial began, ended, and was done."""
    assert check(build.case(build.rehearsal())) == ()


@pytest.mark.parametrize("outcome", [FAILED, STALLED])
@pytest.mark.parametrize("kind", list(StepKind))
def test_a_step_that_failed_speaks_of_whoever_brings_it(build: Builders, kind: StepKind, outcome: StepOutcome) -> None:
    """One finding, however much was planned behind it: the later steps and trials are not blamed again."""
    (finding,) = blamed(check(build.case(build.rehearsal(None, ended(step_id(kind), outcome)))))
    assert finding.blame is SPEAKS_OF[kind]
    assert f"{kind.value} {outcome.value} in 1 trial: the index is missing" in finding.summary


def test_whose_a_step_is() -> None:
    """The candidate answers for what it does and leaves, never for production's own release, backup and restore."""
    of_candidate = {kind for kind, blame in SPEAKS_OF.items() if blame is Blame.CANDIDATE}
    assert SPEAKS_OF.keys() == set(StepKind)
    assert of_candidate == {
        StepKind.KILL_MIGRATION,
        StepKind.MIGRATE,
        StepKind.START_NEW,
        StepKind.VERIFY,
        StepKind.OPEN,
        StepKind.STOP_NEW,
        StepKind.ROLL_BACK,
    }
    assert Blame.NOBODY not in SPEAKS_OF.values()


@pytest.mark.parametrize("kind", list(StepKind))
def test_a_step_that_broke_is_nobodys_but_the_surroundings(build: Builders, kind: StepKind) -> None:
    """A migration whose machine went away convicts nobody."""
    (finding,) = blamed(check(build.case(build.rehearsal(None, ended(step_id(kind), BROKEN)))))
    assert finding.blame is Blame.ENVIRONMENT


def test_a_broken_environment_is_blamed_once(build: Builders) -> None:
    """Where the root cause has its own finding, the step that broke with it and those behind have none."""
    halted = build.rehearsal(None, ended("t1.s6", BROKEN), broke=build.broke(), checked=None)
    (note,) = check(build.case(halted))
    assert (note.blame, note.summary) == (Blame.NOBODY, "Not judged as a whole: the environment broke")


def test_an_interruption_explains_what_never_began_and_not_what_failed(build: Builders) -> None:
    """What failed before somebody said stop stays said."""
    interrupted = build.interrupted()
    begun = build.rehearsal().steps_begun[:20]
    cut = build.rehearsal(interrupted=interrupted, steps_begun=begun, steps_ended=build.rehearsal().steps_ended[:19])
    assert blamed(check(build.case(cut))) == []
    failed = build.rehearsal(None, ended("t1.s6", FAILED), interrupted=interrupted)
    assert [finding.blame for finding in blamed(check(build.case(failed)))] == [Blame.CANDIDATE]


def test_trials_that_fail_alike_are_one_finding(build: Builders) -> None:
    """With a line for each, and in the order of the plan."""
    good = build.rehearsal()
    ends = tuple(ended(one.step, FAILED) if one.step in {"t1.s6", "t3.s6"} else one for one in good.steps_ended)
    (finding,) = blamed(check(build.case(build.rehearsal(steps_ended=ends))))
    assert "migrate failed in 2 trials" in finding.summary
    assert finding.detail.splitlines() == [
        "t1.s6 migrate at 1,000 patients, repeat 1: the index is missing: it ended with 1.",
        "t3.s6 migrate at 3,000 patients, repeat 1: the index is missing: it ended with 1.",
    ]


def test_what_was_not_done_behind_it_is_named_with_it(build: Builders) -> None:
    """The steps of its trial, and how many trials did not come to an end either."""
    (finding,) = blamed(check(build.case(build.rehearsal(None, ended("t6.s6", FAILED)))))
    assert "Not done behind it: start_new, verify, open, stop_new, restore" in finding.detail
    assert finding.detail.endswith("1 trial planned after it did not come to an end either.")


@pytest.mark.parametrize(("begun", "words"), [(3, "stop_old began and never ended"), (2, "stop_old never began")])
def test_a_step_without_an_end_that_nothing_explains_is_never_done(build: Builders, begun: int, words: str) -> None:
    """A rehearsal that went silent has tested nothing."""
    plan = rehearsal_plan(trials=rehearsal_plan().trials[1:])
    good = build.rehearsal(plan)
    cut = build.rehearsal(plan, steps_begun=good.steps_begun[:begun], steps_ended=good.steps_ended[:2])
    (finding,) = blamed(check(build.case(cut)))
    assert (finding.blame, words in finding.summary) == (Blame.NOTHING_TESTED, True)


def test_a_rehearsal_that_never_began_has_tested_nothing(build: Builders) -> None:
    """A plan alone is no rehearsal."""
    (finding,) = blamed(check(build.case(build.rehearsal(steps_begun=(), steps_ended=()))))
    assert (finding.blame, "fill never began" in finding.summary) == (Blame.NOTHING_TESTED, True)


def test_steps_taken_in_another_order_show_nothing(build: Builders) -> None:
    """Records counted before the migration were not verified after it."""
    begun = list(build.rehearsal().steps_begun)
    migrate, verify = begun.index(StepBegan(step="t1.s6")), begun.index(StepBegan(step="t1.s8"))
    begun[migrate], begun[verify] = begun[verify], begun[migrate]
    (finding,) = check(build.case(build.rehearsal(steps_begun=tuple(begun))))
    assert (finding.blame, finding.summary) == (
        Blame.HARNESS,
        "Steps were taken in another order than planned, at 1,000 patients, repeat 1",
    )


@pytest.mark.parametrize(
    ("kinds", "what", "lacking"),
    [
        ("fill start_old backup start_new", {}, "no way back"),
        ("fill start_old start_new restore", {}, "no backup"),
        ("fill start_old prepare start_new roll_back", {"crosses": True}, "no check"),
        ("fill migrate start_new", {"drills": True}, "no kill_migration"),
    ],
)
def test_a_plan_that_leaves_out_what_makes_a_rehearsal_is_none(
    build: Builders, kinds: str, what: dict[str, bool], lacking: str
) -> None:
    """No way back, no backup, no tests after the upgrade, no killing in a drill."""
    plan = rehearsal_plan(trials=(trial(0, 1000, kinds, **what),))
    (finding,) = check(build.case(build.rehearsal(plan)))
    assert (finding.blame, lacking in finding.summary) == (Blame.NOTHING_TESTED, True)


def test_a_release_is_not_upgraded_to_itself(build: Builders) -> None:
    """Nothing changes in such an upgrade."""
    (finding,) = check(build.case(build.rehearsal(rehearsal_plan(to_release="0.9"))))
    assert (finding.blame, "upgraded to itself" in finding.summary) == (Blame.NOTHING_TESTED, True)


def test_a_run_that_rehearses_nothing_shows_nothing_of_an_upgrade(build: Builders) -> None:
    """Empty never passes."""
    assert [finding.blame for finding in check(build.case())] == [Blame.NOTHING_TESTED]
