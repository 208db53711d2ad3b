"""The course of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.builders import ended

from epjgate.model.events import EnvironmentStage, EvidenceLost
from epjgate.model.evidence import Evidence
from epjgate.model.outcome import Outcome
from epjgate.model.rehearsal import StepOutcome
from epjgate.model.verdict import Blame
from epjgate.policy.course import (
    cut_from_outside,
    cut_short,
    executed,
    in_order,
    not_rehearsed,
    planned,
    unjudged,
    unusable,
)

if TYPE_CHECKING:
    from tests.policy.conftest import Builders


def test_tests_are_put_in_the_order_of_their_ids(build: Builders) -> None:
    """Workers end their tests in any order; the evidence reads the same."""
    evidence = in_order(build.evidence(*(build.test(name) for name in "cab")))
    assert [test.title[-1] for test in evidence.tests] == ["a", "b", "c"]


def test_executed_tests_ran_to_an_end_of_their_own(build: Builders) -> None:
    """Skipped, not applicable and unfinished tests executed nothing."""
    tests = [build.test(outcome.value, outcome=outcome) for outcome in Outcome]
    assert {test.outcome for test in executed(tests)} == {
        Outcome.FAILED,
        Outcome.UNREACHABLE,
        Outcome.BROKEN,
        Outcome.PASSED,
    }


@pytest.mark.parametrize("stage", list(EnvironmentStage))
def test_an_environment_spoils_tests_only_until_it_is_stopped(build: Builders, stage: EnvironmentStage) -> None:
    """A failure to stop comes after the last test and explains none of them."""
    spoiled = build.test("a", outcome=Outcome.UNREACHABLE)
    evidence = build.evidence(spoiled, build.test("b"), broke=build.broke(stage=stage))
    assert unusable(evidence) == (() if stage is EnvironmentStage.STOP else (spoiled,))
    assert bool(cut_short(evidence)) is (stage is not EnvironmentStage.STOP)


def test_a_whole_run_was_not_cut_short(build: Builders) -> None:
    """Good evidence leaves no rule open."""
    assert (cut_from_outside(build.evidence()), cut_short(build.evidence())) == ("", "")
    assert unjudged("floors", build.evidence()) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("interrupted", "the run was interrupted"),
        ("flaws", "the evidence cannot be relied on"),
        ("manifest", "the evidence cannot be relied on"),
        ("broke", "the environment broke"),
        ("lost", "evidence was lost"),
        ("suites_broke", "the suites broke off"),
        ("tests", "no test was run"),
    ],
)
def test_what_cut_a_run_short_is_told_in_the_note(build: Builders, change: str, words: str) -> None:
    """The note blames nobody and says why its rule was not asked of a whole run."""
    changes = {
        "interrupted": build.interrupted(),
        "flaws": ("altered",),
        "manifest": None,
        "broke": build.broke(),
        "lost": (EvidenceLost(why="disk"),),
        "suites_broke": (build.suites_broke(),),
        "tests": (),
    }
    (note,) = unjudged("floors", build.evidence(**{change: changes[change]}))
    assert (note.rule, note.blame, note.summary) == ("floors", Blame.NOBODY, f"Not judged as a whole: {words}")


def test_suites_that_broke_off_are_not_cut_from_outside(build: Builders) -> None:
    """The suites answer for their own end."""
    evidence = build.evidence(suites_broke=(build.suites_broke(),))
    assert (cut_from_outside(evidence), cut_short(evidence)) == ("", "the suites broke off")


def test_without_a_manifest_nothing_was_planned() -> None:
    """No plan is known, and none is invented."""
    assert planned(Evidence(manifest=None)) == ()


def test_a_step_that_was_not_done_cuts_a_rehearsal_short(build: Builders) -> None:
    """It is no cut from outside: its own rule says whose it is."""
    halted = build.rehearsal(None, ended("t1.s6", StepOutcome.FAILED))
    assert (cut_from_outside(halted), cut_short(halted)) == ("", "a step of the rehearsal was not done")
    assert cut_short(build.rehearsal()) == ""


def test_a_run_without_a_rehearsal_has_nothing_to_judge_of_one(build: Builders) -> None:
    """No plan is nothing tested, and no manifest is left to the rule that says so."""
    assert not_rehearsed("window-kept", build.rehearsal()) == ()
    (finding,) = not_rehearsed("window-kept", build.evidence())
    assert (finding.rule, finding.blame) == ("window-kept", Blame.NOTHING_TESTED)
    (note,) = not_rehearsed("window-kept", Evidence(manifest=None))
    assert note.blame is Blame.NOBODY
