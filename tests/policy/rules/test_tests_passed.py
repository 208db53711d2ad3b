"""The rule tests-passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from epjgate.model.events import EnvironmentCause, EnvironmentStage, Level, Severity
from epjgate.model.manifest import IncidentPlan
from epjgate.model.outcome import Outcome
from epjgate.model.proof import ProofStanding, ProofState
from epjgate.model.verdict import Blame
from epjgate.policy.document import TestsPassed
from epjgate.policy.rules.tests_passed import check

if TYPE_CHECKING:
    from tests.policy.conftest import Builders


def test_tests_that_all_passed_are_approved(build: Builders) -> None:
    """Nothing failed, nothing is left open."""
    assert check(build.case()) == ()


def test_no_tests_leave_the_rule_open(build: Builders) -> None:
    """Where nothing ran nothing passed; the note keeps the rule from holding."""
    (finding,) = check(build.case(build.empty()))
    assert finding.summary == "Not judged as a whole: no test was run"


def test_one_fault_is_one_finding_however_many_tests_show_it(build: Builders) -> None:
    """Tests with the same fingerprint stand together, with their requirements named once."""
    tests = [build.failed(name, requirements=(build.requirement(),)) for name in "abcde"]
    (finding,) = check(build.case(build.evidence(*tests)))
    assert finding.blame is Blame.CANDIDATE
    assert finding.tests == tuple(test.test for test in tests)
    assert finding.summary == "Does not hold (5 tests): Title of a"
    assert finding.detail.startswith("fault f1\n")
    assert finding.detail.count("Requirement: FHIR R4, http.html#read (shall).") == 1


def test_different_faults_are_told_apart_worst_first(build: Builders) -> None:
    """A group is as severe as its most severe test."""
    tests = (
        build.failed("a", "minor", severity=Severity.MINOR),
        build.failed("b", "mixed", severity=Severity.TRIVIAL),
        build.failed("c", "mixed", severity=Severity.BLOCKER),
    )
    first, second = check(build.case(build.evidence(*tests)))
    assert first.summary == "Does not hold (2 tests): Title of b"
    assert second.summary == "Does not hold: Title of a"
    assert "Severity blocker." in first.detail


def test_failures_without_a_fault_or_fingerprint_are_not_thrown_together(build: Builders) -> None:
    """What nobody described is not the same fault, and a missing requirement is said."""
    tests = (build.failed("a", fault=None), build.failed("b", fault=None), build.failed("c", ""), build.failed("d", ""))
    findings = check(build.case(build.evidence(*tests)))
    assert [finding.blame for finding in findings] == [Blame.CANDIDATE] * 4
    assert "no fault was recorded" in findings[0].detail
    assert "Requirement: none is named." in findings[0].detail


def test_a_failed_recommendation_is_a_note_where_the_policy_says_so(build: Builders) -> None:
    """SHOULD does not reject; in the strictest policy it does."""
    evidence = build.evidence(build.failed("a", requirements=(build.requirement(Level.SHOULD),)))
    assert [finding.blame for finding in check(build.case(evidence))] == [Blame.NOBODY]
    strict = build.policy(tests_passed=TestsPassed())
    assert [finding.blame for finding in check(build.case(evidence, policy=strict))] == [Blame.CANDIDATE]


def test_what_has_happened_before_is_never_advice(build: Builders) -> None:
    """The test of a past incident that pins a recommendation only still rejects: patients were harmed by it."""
    failed = build.failed("a", incident="INC-0002", requirements=(build.requirement(Level.SHOULD),))
    (finding,) = check(build.case(build.evidence(failed)))
    assert finding.blame is Blame.CANDIDATE


@pytest.mark.parametrize("levels", [(), (Level.SHALL,), (Level.SHOULD, Level.SHALL)])
def test_a_failure_that_is_not_all_recommendation_rejects(build: Builders, levels: tuple[Level, ...]) -> None:
    """One binding requirement, or none named at all, is enough."""
    requirements = tuple(build.requirement(level) for level in levels)
    (finding,) = check(build.case(build.evidence(build.failed("a", requirements=requirements))))
    assert finding.blame is Blame.CANDIDATE


def test_the_same_fault_may_be_binding_in_one_test_and_advice_in_another(build: Builders) -> None:
    """A binding failure is never hidden in an advisory group."""
    advisory = build.failed("a", requirements=(build.requirement(Level.SHOULD),))
    findings = check(build.case(build.evidence(advisory, build.failed("b"))))
    assert [(finding.blame, len(finding.tests)) for finding in findings] == [(Blame.CANDIDATE, 1), (Blame.NOBODY, 1)]


@pytest.mark.parametrize(
    ("outcome", "blame"),
    [
        (Outcome.UNREACHABLE, Blame.CANDIDATE),
        (Outcome.BROKEN, Blame.HARNESS),
        (Outcome.UNFINISHED, Blame.HARNESS),
    ],
)
def test_each_bad_end_in_a_sound_environment_blames_its_own(build: Builders, outcome: Outcome, blame: Blame) -> None:
    """No answer from a candidate that stood is its fault; a test that broke or vanished is the harness's."""
    test = build.failed("a", outcome=outcome, requirements=(build.requirement(Level.SHOULD),))
    (finding,) = check(build.case(build.evidence(test, build.test("b"))))
    assert (finding.blame, finding.tests) == (blame, (test.test,))


@pytest.mark.parametrize("cause", list(EnvironmentCause))
def test_what_a_broken_environment_spoiled_is_not_found_again(build: Builders, cause: EnvironmentCause) -> None:
    """Only the failure seen before the break stays with the candidate; the rule is left open."""
    tests = (
        build.failed("a"),
        build.test("b", outcome=Outcome.UNREACHABLE),
        build.test("c", outcome=Outcome.UNFINISHED),
    )
    findings = check(build.case(build.evidence(*tests, broke=build.broke(cause))))
    assert [(finding.blame, finding.tests) for finding in findings] == [
        (Blame.CANDIDATE, (tests[0].test,)),
        (Blame.NOBODY, ()),
    ]


def test_an_environment_that_broke_while_stopping_excuses_no_test(build: Builders) -> None:
    """The tests were over by then."""
    evidence = build.evidence(
        build.test("a", outcome=Outcome.UNREACHABLE), broke=build.broke(stage=EnvironmentStage.STOP)
    )
    assert [finding.blame for finding in check(build.case(evidence))] == [Blame.CANDIDATE]


@pytest.mark.parametrize("why", ["interrupted", "suites_broke"])
def test_unfinished_tests_that_something_explains_are_not_found_again(build: Builders, why: str) -> None:
    """An interruption, or the end of the test process, is found by another rule."""
    cause = {"interrupted": build.interrupted(), "suites_broke": (build.suites_broke(),)}[why]
    evidence = build.evidence(build.test("a", outcome=Outcome.UNFINISHED), **{why: cause})
    assert [finding.blame for finding in check(build.case(evidence))] == [Blame.NOBODY]


def test_a_past_incident_that_came_back_names_what_patients_would_have_suffered(build: Builders) -> None:
    """The finding names the incident and its hazard; a test that broke names the incident and claims no harm."""
    plan = IncidentPlan(
        id="INC-0002",
        title="Renewal kept the old dose",
        title_da="Fornyelse beholdt den gamle dosis",
        hazard="The patient takes the old dose.",
        hazard_da="Patienten tager den gamle dosis.",
        kind="stale field",
        proof=ProofStanding(state=ProofState.FRESH),
    )
    failed = build.failed("a", incident="INC-0002")
    broken = build.failed("b", "f2", incident="INC-0002", outcome=Outcome.BROKEN)
    found = check(build.case(build.evidence(failed, broken, manifest=build.manifest(incidents=(plan,)))))
    assert found[0].summary == "INC-0002 Renewal kept the old dose: The patient takes the old dose."
    assert "What patients would have suffered: The patient takes the old dose." in found[0].detail
    assert "INC-0002 Renewal kept the old dose" in found[1].summary
    assert "suffered" not in found[1].detail


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.UNREACHABLE])
@pytest.mark.parametrize(
    ("part", "blame"), [("before", Blame.HARNESS), ("after", Blame.CANDIDATE), ("back", Blame.CANDIDATE)]
)
def test_what_fails_before_the_upgrade_is_not_the_candidates(
    build: Builders, part: str, blame: Blame, outcome: Outcome
) -> None:
    """Nobody had started the candidate yet; the old release on its data is another matter."""
    tests = (build.failed(f"a[{part}]", outcome=outcome), build.test("b[after]"))
    (finding,) = check(build.case(build.rehearsal(tests=tests)))
    assert (finding.blame, finding.tests) == (blame, (tests[0].test,))
    assert [one.blame for one in check(build.case(build.evidence(*tests)))] == [Blame.CANDIDATE]
