"""The rule evidence-complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from epjgate.model.events import EnvironmentStage, EvidenceLost, RunFinished
from epjgate.model.evidence import Evidence
from epjgate.model.verdict import Blame
from epjgate.policy.rules.evidence_complete import check

if TYPE_CHECKING:
    from tests.policy.conftest import Builders


def test_complete_evidence_is_approved(build: Builders) -> None:
    """A run that came to its end with nothing lost leaves nothing to find."""
    assert check(build.case()) == ()


def test_no_evidence_at_all_is_no_evidence_that_can_be_relied_on(build: Builders) -> None:
    """Where not even the manifest could be read, nothing was tested as far as anyone can tell."""
    findings = check(build.case(Evidence(manifest=None)))
    assert {finding.blame for finding in findings} == {Blame.NOTHING_TESTED}
    assert "the manifest could not be read" in findings[0].detail


def test_flaws_are_one_finding_that_lists_them(build: Builders) -> None:
    """A bundle with flaws is not relied on; each flaw is named once."""
    (finding,) = check(build.case(build.evidence(flaws=("truncated", "altered"))))
    assert finding.blame is Blame.NOTHING_TESTED
    assert finding.detail.splitlines() == ["truncated", "altered"]
    assert "2 flaws" in finding.summary


def test_flaws_explain_a_missing_end(build: Builders) -> None:
    """A truncated journal has no last event; that is said once."""
    assert len(check(build.case(build.evidence(flaws=("truncated",), run_finished=None, suites_finished=None)))) == 1


def test_an_interruption_says_who_asked(build: Builders) -> None:
    """An interrupted run is blamed on the interruption, and its missing ends are not found again."""
    (finding,) = check(build.case(build.evidence(interrupted=build.interrupted(), suites_finished=None)))
    assert (finding.blame, "SIGINT" in finding.summary) == (Blame.INTERRUPTED, True)


def test_lost_evidence_blames_the_environment(build: Builders) -> None:
    """A full disk is the surroundings' fault, and explains that the last event is missing too."""
    (finding,) = check(build.case(build.evidence(lost=(EvidenceLost(why="no space left"),), run_finished=None)))
    assert (finding.blame, finding.detail) == (Blame.ENVIRONMENT, "no space left")


@pytest.mark.parametrize("missing", ["run_finished", "suites_finished"])
def test_an_end_that_is_missing_is_no_evidence(build: Builders, missing: str) -> None:
    """A run or its suites that never came to an end have proved nothing."""
    (finding,) = check(build.case(build.evidence(**{missing: None})))
    assert finding.blame is Blame.NOTHING_TESTED


@pytest.mark.parametrize("why", ["broke", "suites_broke"])
def test_suites_that_something_ended_are_not_found_twice(build: Builders, why: str) -> None:
    """What ended the suites has its own finding in another rule."""
    cause = {"broke": build.broke(), "suites_broke": (build.suites_broke(),)}[why]
    assert check(build.case(build.evidence(suites_finished=None, **{why: cause}))) == ()


def test_an_environment_that_broke_while_stopping_does_not_explain_endless_suites(build: Builders) -> None:
    """It broke after the tests, so the suites must have ended before."""
    evidence = build.evidence(suites_finished=None, broke=build.broke(stage=EnvironmentStage.STOP))
    (finding,) = check(build.case(evidence))
    assert finding.blame is Blame.NOTHING_TESTED


def test_an_end_that_is_missing_after_the_environment_broke_is_still_found(build: Builders) -> None:
    """A broken environment does not end the gate: something else did."""
    (finding,) = check(build.case(build.evidence(broke=build.broke(), run_finished=None)))
    assert finding.blame is Blame.NOTHING_TESTED


def test_leftovers_blame_the_harness(build: Builders) -> None:
    """What the run started and could not stop is named."""
    (finding,) = check(build.case(build.evidence(run_finished=RunFinished(left_behind=("container his",)))))
    assert (finding.blame, finding.detail) == (Blame.HARNESS, "container his")


@pytest.mark.parametrize("name", ["steps_begun", "steps_ended", "censuses", "availability", "forecasted"])
def test_what_a_rehearsal_left_in_a_run_that_rehearses_nothing_is_no_evidence(build: Builders, name: str) -> None:
    """Two runs put together would be judged as a release; a bundle read from disk has a flaw for it already."""
    strange = {name: getattr(build.rehearsal(), name)}
    (finding,) = check(build.case(build.evidence(**strange)))
    assert (finding.blame, "the manifest plans none" in finding.summary) == (Blame.NOTHING_TESTED, True)
    assert len(check(build.case(build.evidence(flaws=("altered",), **strange)))) == 1
    assert check(build.case(build.rehearsal())) == ()
