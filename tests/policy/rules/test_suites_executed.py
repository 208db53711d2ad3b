"""The rule suites-executed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.builders import ended

from epjgate.model.events import EvidenceLost, TestsCollected
from epjgate.model.outcome import Outcome
from epjgate.model.rehearsal import StepOutcome
from epjgate.model.verdict import Blame
from epjgate.policy.rules.suites_executed import check

if TYPE_CHECKING:
    from tests.policy.conftest import Builders


def test_an_executed_suite_is_approved(build: Builders) -> None:
    """The required suite was planned, found and executed."""
    assert check(build.case()) == ()


def test_zero_tests_is_one_finding(build: Builders) -> None:
    """A run without tests has tested nothing."""
    findings = check(build.case(build.empty()))
    assert findings[0].blame is Blame.NOTHING_TESTED
    assert [finding.blame for finding in findings[1:]] == []


def test_a_required_suite_that_was_not_planned_is_missing(build: Builders) -> None:
    """Every required suite must be part of the run, whatever else was executed."""
    (finding,) = check(build.case(policy=build.policy(build.suite, "incidents")))
    assert (finding.blame, "incidents" in finding.summary) == (Blame.NOTHING_TESTED, True)


def test_a_required_suite_must_be_planned_even_where_the_environment_broke(build: Builders) -> None:
    """What the run never set out to do is not the environment's fault."""
    findings = check(build.case(build.evidence(broke=build.broke()), policy=build.policy("incidents")))
    assert findings[0].blame is Blame.NOTHING_TESTED


def test_a_system_can_have_required_suites_of_its_own(build: Builders) -> None:
    """What is asked of this system is asked, what is asked of another one is not."""
    policy = build.policy(build.suite)
    asked = policy.suites_executed.model_copy(update={"required_of": {build.system: ("hl7",), "other": ("fhir",)}})
    (finding,) = check(build.case(policy=policy.model_copy(update={"suites_executed": asked})))
    assert (finding.blame, "hl7" in finding.summary) == (Blame.NOTHING_TESTED, True)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_only_tests_that_ran_count_as_executed(build: Builders, outcome: Outcome) -> None:
    """Skipped, not applicable and unfinished tests test nothing; all others show that the suite ran."""
    tests = [build.test(name, outcome=outcome) for name in "ab"]
    findings = check(build.case(build.evidence(*tests)))
    if outcome in {Outcome.SKIPPED, Outcome.NOT_APPLICABLE, Outcome.UNFINISHED}:
        (finding,) = findings
        assert finding.blame is Blame.NOTHING_TESTED
        assert f"2 {outcome.value.replace('_', ' ')}" in finding.summary
    else:
        assert findings == ()


def test_each_required_suite_must_have_executed_something(build: Builders) -> None:
    """Tests of one suite do not speak for another."""
    evidence = build.evidence(manifest=build.manifest(build.suite, "incidents"))
    (finding,) = check(build.case(evidence, policy=build.policy(build.suite, "incidents")))
    assert (finding.blame, "incidents executed no test" in finding.summary) == (Blame.NOTHING_TESTED, True)


@pytest.mark.parametrize("why", ["broke", "interrupted", "lost", "flaws"])
def test_what_was_cut_from_outside_is_not_called_untested(build: Builders, why: str) -> None:
    """The finding that says what cut the run short explains it; this rule is left open, in a note."""
    causes = {
        "broke": build.broke(),
        "interrupted": build.interrupted(),
        "lost": (EvidenceLost(why="disk"),),
        "flaws": ("altered",),
    }
    (finding,) = check(build.case(build.evidence(tests=(), collected=(), **{why: causes[why]})))
    assert (finding.blame, finding.summary[:10]) == (Blame.NOBODY, "Not judged")


def test_a_manifest_that_cannot_be_read_leaves_the_rule_open(build: Builders) -> None:
    """Without the plan nobody knows what should have run."""
    (finding,) = check(build.case(build.evidence(manifest=None)))
    assert finding.blame is Blame.NOBODY


def test_suites_that_broke_off_blame_the_harness_and_name_their_victims(build: Builders) -> None:
    """The death of the test process is one finding with the tests that did not end."""
    tests = (build.test("a"), build.test("b", outcome=Outcome.UNFINISHED))
    finding, note = check(build.case(build.evidence(*tests, collected=(), suites_broke=(build.suites_broke(),))))
    assert (finding.blame, finding.tests) == (Blame.HARNESS, (tests[1].test,))
    assert note.blame is Blame.NOBODY


def test_suites_that_broke_off_before_the_first_end_blame_the_harness_alone(build: Builders) -> None:
    """That nothing was tested is explained by the break, which is the root cause."""
    tests = (build.test("a", outcome=Outcome.UNFINISHED),)
    findings = check(build.case(build.evidence(*tests, suites_broke=(build.suites_broke(),))))
    assert [finding.blame for finding in findings] == [Blame.HARNESS, Blame.NOBODY]


def test_files_that_cannot_be_collected_blame_the_harness(build: Builders) -> None:
    """Each file is named once, however many workers met it."""
    evidence = build.evidence()
    worker = TestsCollected(tests={test.test: test.suite for test in evidence.tests}, errors=("test_new.py",))
    (finding,) = check(build.case(build.evidence(collected=(worker, worker))))
    assert (finding.blame, finding.detail) == (Blame.HARNESS, "test_new.py")


def test_a_run_that_never_said_what_it_would_execute_is_not_believed(build: Builders) -> None:
    """Without the list of tests found, tests may be missing."""
    (finding,) = check(build.case(build.evidence(collected=())))
    assert finding.blame is Blame.NOTHING_TESTED


def test_a_test_that_was_found_and_left_no_result_is_missed(build: Builders) -> None:
    """Every test that was found must appear in the evidence."""
    (finding,) = check(build.case(build.evidence(tests=build.evidence().tests[1:])))
    assert (finding.blame, finding.tests) == (Blame.NOTHING_TESTED, (build.test("a").test,))


def test_a_test_outside_every_planned_suite_blames_the_harness(build: Builders) -> None:
    """No digest in the manifest covers such a test."""
    stray = build.test("stray", suite="elsewhere")
    (finding,) = check(build.case(build.evidence(build.test("a"), stray)))
    assert (finding.blame, finding.tests) == (Blame.HARNESS, (stray.test,))


def test_a_rehearsal_has_required_suites_of_its_own(build: Builders) -> None:
    """Those of a release are asked in its own run; that of the upgrade must be there, and have crossed it."""
    assert check(build.case(build.rehearsal())) == ()
    other = build.rehearsal()
    assert other.manifest is not None
    manifest = other.manifest.model_copy(update={"suites": build.manifest(build.suite).suites})
    blames = {finding.summary: finding.blame for finding in check(build.case(build.rehearsal(manifest=manifest)))}
    assert blames["The required suite upgrade was not part of this run"] is Blame.NOTHING_TESTED


def test_tests_that_stopped_before_the_upgrade_have_not_crossed_it(build: Builders) -> None:
    """Parts that were run on the old release alone say nothing of the candidate."""
    skip: dict[str, Any] = {"outcome": Outcome.SKIPPED, "reason": "not gone on with", "owner": "us", "suite": "upgrade"}
    tests = (build.test("a[before]", suite="upgrade"), build.test("a[after]", **skip))
    (finding,) = check(build.case(build.rehearsal(tests=tests)))
    assert finding.blame is Blame.NOTHING_TESTED
    assert finding.summary == "No test of the required suite upgrade was executed after the upgrade"


def test_what_a_step_of_a_rehearsal_cut_short_is_left_to_its_rule(build: Builders) -> None:
    """A failed migration leaves every later part unexecuted."""
    tests = (build.test("a[before]", suite="upgrade"),)
    halted = build.rehearsal(None, ended("t0.s5", StepOutcome.FAILED), tests=tests)
    (note,) = check(build.case(halted))
    assert (note.blame, note.summary) == (Blame.NOBODY, "Not judged as a whole: a step of the rehearsal was not done")
