"""The rule environment-healthy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.builders import ended

from epjgate.model.events import EnvironmentCause, EnvironmentChecked, EnvironmentStage
from epjgate.model.outcome import Outcome
from epjgate.model.rehearsal import StepOutcome
from epjgate.model.verdict import Blame
from epjgate.policy.rules.environment_healthy import check

if TYPE_CHECKING:
    from tests.policy.conftest import Builders


def test_a_candidate_that_stood_to_the_end_is_approved(build: Builders) -> None:
    """Ready before the first test and healthy after the last."""
    assert check(build.case()) == ()


@pytest.mark.parametrize(("missing", "words"), [("ready", "never seen ready"), ("checked", "no health check")])
def test_missing_health_is_never_health(build: Builders, missing: str, words: str) -> None:
    """Without the event, nobody knows that the candidate stood: inconclusive."""
    (finding,) = check(build.case(build.evidence(**{missing: None})))
    assert (finding.blame, words in finding.summary) == (Blame.ENVIRONMENT, True)


def test_a_health_check_of_no_service_shows_nothing(build: Builders) -> None:
    """Where no service is known, asking none of them is not health."""
    evidence = build.evidence(ready=build.ready(), checked=EnvironmentChecked(services=()))
    assert [finding.blame for finding in check(build.case(evidence))] == [Blame.ENVIRONMENT]


def test_suites_that_broke_off_do_not_excuse_the_missing_health_check(build: Builders) -> None:
    """The gate can ask the candidate whether or not the test process lived."""
    (finding,) = check(build.case(build.evidence(checked=None, suites_broke=(build.suites_broke(),))))
    assert finding.blame is Blame.ENVIRONMENT


@pytest.mark.parametrize("services", [(), ("database",)])
def test_every_service_must_have_been_asked_at_the_end(build: Builders, services: tuple[str, ...]) -> None:
    """A health check that asked nobody, or not the service that was started, shows nothing."""
    (finding,) = check(build.case(build.evidence(checked=EnvironmentChecked(services=services))))
    assert (finding.blame, "of his" in finding.summary) == (Blame.ENVIRONMENT, True)


@pytest.mark.parametrize("cause", [cause for cause in EnvironmentCause if cause is not EnvironmentCause.CRASHED])
@pytest.mark.parametrize("stage", list(EnvironmentStage))
def test_a_broken_environment_is_never_blamed_on_the_candidate(
    build: Builders, cause: EnvironmentCause, stage: EnvironmentStage
) -> None:
    """Whatever ended it from outside, at whatever stage, the environment is to blame, in one finding."""
    (finding,) = check(build.case(build.evidence(broke=build.broke(cause, stage), checked=None)))
    assert finding.blame is Blame.ENVIRONMENT
    assert f"Stage {stage.value}, cause {cause.value}, service his." in finding.detail


@pytest.mark.parametrize("stage", list(EnvironmentStage))
def test_a_service_that_ended_by_itself_under_test_is_the_candidates_fault(
    build: Builders, stage: EnvironmentStage
) -> None:
    """A crash while it was tested convicts the candidate; a crash before or after the tests does not."""
    (finding,) = check(build.case(build.evidence(broke=build.broke(EnvironmentCause.CRASHED, stage))))
    assert finding.blame is (Blame.CANDIDATE if stage is EnvironmentStage.RUN else Blame.ENVIRONMENT)


def test_the_root_cause_names_the_tests_it_spoiled(build: Builders) -> None:
    """Tests without answer or end are listed in the one finding; a test that failed before is not among them."""
    tests = (
        build.failed("a"),
        build.test("b", outcome=Outcome.UNREACHABLE),
        build.test("c", outcome=Outcome.UNFINISHED),
        build.test("d"),
    )
    (finding,) = check(build.case(build.evidence(*tests, broke=build.broke())))
    assert finding.tests == (tests[1].test, tests[2].test)
    assert "2 tests unusable" in finding.detail


def test_a_break_without_words_is_still_a_finding(build: Builders) -> None:
    """An event that does not say what happened is told in the rule's own words, cut to the length of a summary."""
    silent = build.broke(problem="").model_copy(update={"fix": ""})
    (finding,) = check(build.case(build.evidence(broke=silent)))
    assert finding.fix.startswith("read the service logs")
    assert finding.summary == "The environment broke: nothing says how"
    (finding,) = check(build.case(build.evidence(broke=build.broke(problem="long " * 100))))
    assert finding.summary.startswith("The environment broke: long long")
    assert (len(finding.summary) <= 120, finding.fix) == (True, "start it again")


@pytest.mark.parametrize("missing", ["ready", "checked"])
def test_an_interruption_explains_what_is_missing(build: Builders, missing: str) -> None:
    """A run that somebody stopped is not blamed on the environment; the rule is left open."""
    (finding,) = check(build.case(build.evidence(interrupted=build.interrupted(), **{missing: None})))
    assert (finding.blame, finding.summary) == (Blame.NOBODY, "Not judged as a whole: the run was interrupted")


def test_a_run_without_tests_still_needs_a_healthy_environment(build: Builders) -> None:
    """Zero tests: health is asked all the same."""
    assert check(build.case(build.empty())) == ()


def test_a_release_in_production_that_crashes_in_a_rehearsal_is_not_the_candidate(build: Builders) -> None:
    """Which of the two stood is told by the step; the old release on the candidate's data is the candidate's."""
    crashed = build.broke(EnvironmentCause.CRASHED)
    for step, blame in (("t0.s3", Blame.ENVIRONMENT), ("t0.s8", Blame.CANDIDATE), ("t0.s10", Blame.CANDIDATE)):
        halted = build.rehearsal(None, ended(step, StepOutcome.BROKEN), broke=crashed)
        (finding,) = check(build.case(halted))
        assert finding.blame is blame


@pytest.mark.parametrize("missing", ["ready", "checked"])
def test_a_step_that_was_not_done_explains_missing_health(build: Builders, missing: str) -> None:
    """A candidate that does not come up cannot be asked for its health; its step is blamed for it."""
    halted = build.rehearsal(None, ended("t0.s6", StepOutcome.FAILED), **{missing: None})
    (note,) = check(build.case(halted))
    assert (note.blame, note.summary) == (Blame.NOBODY, "Not judged as a whole: a step of the rehearsal was not done")
    assert [one.blame for one in check(build.case(build.rehearsal(**{missing: None})))] == [Blame.ENVIRONMENT]
