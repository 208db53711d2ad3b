"""The rule not-applicable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame
from epjgate.policy.document import NotApplicable
from epjgate.policy.rules.not_applicable import check

if TYPE_CHECKING:
    from tests.policy.conftest import Builders


IDLE: dict[str, Any] = {
    "outcome": Outcome.NOT_APPLICABLE,
    "reason": "writes no audit trail",
    "capabilities": ("audit",),
}


def test_a_run_in_which_every_test_applies_is_approved(build: Builders) -> None:
    """Nothing not applicable, nothing to find."""
    assert check(build.case()) == ()


def test_a_share_within_the_policy_is_a_note_by_reason(build: Builders) -> None:
    """Half of the suite may be not applicable here, and half is; the reason is shown."""
    tests = (build.test("a"), build.test("b"), build.test("c", **IDLE), build.test("d", **IDLE))
    (finding,) = check(build.case(build.evidence(*tests)))
    assert (finding.blame, finding.tests) == (Blame.NOBODY, (tests[2].test, tests[3].test))
    assert finding.summary == "2 tests not applicable: writes no audit trail"


def test_a_share_above_the_policy_tested_too_little(build: Builders) -> None:
    """Above the largest share the run says too little about this system."""
    tests = (build.test("a"), build.test("b", **IDLE), build.test("c", **IDLE))
    findings = check(build.case(build.evidence(*tests)))
    assert [finding.blame for finding in findings] == [Blame.NOTHING_TESTED, Blame.NOBODY]
    assert "2 of 3 tests" in findings[0].summary


def test_a_share_of_its_own_holds_for_one_suite_of_one_system(build: Builders) -> None:
    """Where the policy names a share for this system and suite it decides; that of another system does not."""
    tests = (build.test("a"), build.test("b", **IDLE), build.test("c", **IDLE))
    suite = tests[0].suite
    for shares, blames in (
        ({build.system: {suite: 0.7}}, [Blame.NOBODY]),
        ({build.system: {"other": 0.7}}, [Blame.NOTHING_TESTED, Blame.NOBODY]),
        ({"other": {suite: 0.7}}, [Blame.NOTHING_TESTED, Blame.NOBODY]),
    ):
        policy = build.policy(not_applicable=NotApplicable(max_share=0.5, max_shares=shares))
        assert [finding.blame for finding in check(build.case(build.evidence(*tests), policy=policy))] == blames


def test_the_strictest_policy_lets_nothing_be_not_applicable(build: Builders) -> None:
    """A policy that leaves the table out allows no share at all."""
    strict = build.policy(not_applicable=NotApplicable())
    tests = [build.test(name) for name in "abc"]
    findings = check(build.case(build.evidence(*tests, build.test("d", **IDLE)), policy=strict))
    assert findings[0].blame is Blame.NOTHING_TESTED


def test_a_required_capability_that_is_missing_rejects_the_candidate(build: Builders) -> None:
    """The system does not do what the policy demands of it."""
    idle = build.test("b", **(IDLE | {"capabilities": ("medication",)}))
    findings = check(build.case(build.evidence(build.test("a", capabilities=("patients",)), idle)))
    assert (findings[0].blame, findings[0].tests) == (Blame.CANDIDATE, (idle.test,))
    assert "medication" in findings[0].summary


def test_a_required_capability_that_works_elsewhere_is_not_the_one_missing(build: Builders) -> None:
    """A test may need several capabilities; the one that other tests put to work is there."""
    idle = build.test("b", **(IDLE | {"capabilities": ("patients", "audit")}))
    for outcome, blames in [(Outcome.FAILED, [Blame.NOBODY]), (Outcome.SKIPPED, [Blame.CANDIDATE, Blame.NOBODY])]:
        working = build.test("a", outcome=outcome, capabilities=("patients",))
        evidence = build.evidence(working, build.test("c", capabilities=("medication",)), idle)
        assert [finding.blame for finding in check(build.case(evidence))] == blames


def test_a_required_capability_that_no_test_needs_was_not_tested(build: Builders) -> None:
    """Nobody put it to work, and nothing says that it is missing: the policy asked, and got no answer."""
    (finding,) = check(build.case(build.evidence(build.test("a", capabilities=("patients",)))))
    assert finding.blame is Blame.NOTHING_TESTED
    assert "medication" in finding.summary


def test_the_capabilities_required_of_another_system_do_not_matter(build: Builders) -> None:
    """Capabilities are required by system."""
    policy = build.policy(not_applicable=NotApplicable(required_capabilities={"other": ("audit",)}, max_share=1))
    assert [finding.blame for finding in check(build.case(build.evidence(build.test(**IDLE)), policy=policy))] == [
        Blame.NOBODY
    ]


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_missing_reason_blames_the_harness(build: Builders, reason: str) -> None:
    """Not applicable without saying why is a test gone missing."""
    tests = (build.test("a"), build.test("b", **(IDLE | {"reason": reason})))
    (finding,) = check(build.case(build.evidence(*tests)))
    assert (finding.blame, finding.tests) == (Blame.HARNESS, (tests[1].test,))


def test_a_run_that_was_cut_short_convicts_nobody_here(build: Builders) -> None:
    """Part of a run shows neither that a capability is missing nor which share applies."""
    idle = build.test("a", **(IDLE | {"capabilities": ("patients",)}))
    findings = check(build.case(build.evidence(idle, broke=build.broke())))
    assert {finding.blame for finding in findings} == {Blame.NOBODY}


def test_no_tests_leave_the_rule_open(build: Builders) -> None:
    """Where nothing ran, nothing shows what the system can do."""
    assert [finding.blame for finding in check(build.case(build.empty()))] == [Blame.NOBODY]


def test_a_rehearsal_need_not_put_every_capability_to_work(build: Builders) -> None:
    """The release's own run does; one that a test of the rehearsal needs and misses is missing all the same."""
    tests = (build.test("a[after]", capabilities=("patients",)), build.test("b[after]", capabilities=("patients",)))
    assert check(build.case(build.rehearsal(tests=tests))) == ()
    lacks: dict[str, Any] = {"outcome": Outcome.NOT_APPLICABLE, "reason": "none", "capabilities": ("medication",)}
    findings = check(build.case(build.rehearsal(tests=(tests[0], build.test("b[after]", **lacks)))))
    assert [finding.blame for finding in findings] == [Blame.CANDIDATE, Blame.NOBODY]
