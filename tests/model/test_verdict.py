"""The verdict: what shakes the run as a whole decides first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.model.verdict import Blame, Decision, Finding, RuleResult, SuiteCount, Verdict

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def verdict(*rules: RuleResult) -> Verdict:
    return Verdict(
        decision=Decision.INCONCLUSIVE,
        blame=Blame.HARNESS,
        run_id="run",
        system="tiny",
        candidate="1.0",
        baseline="",
        environment="process",
        identities=(),
        suite_revision="",
        policy_digest="",
        evidence_digest="",
        seed=0,
        started_at=None,
        judged_at=NOON,
        suites=(),
        rules=rules,
    )


def rule(name: str, *blames: Blame) -> RuleResult:
    findings = tuple(Finding(rule=name, blame=blame, summary=f"{name} {number}") for number, blame in enumerate(blames))
    return RuleResult(rule=name, title=name, holds=not blames, findings=findings)


@pytest.mark.parametrize("blame", Blame)
def test_only_blaming_nobody_approves_and_only_the_candidate_is_rejected(blame: Blame) -> None:
    """Each blame leads to one decision; whatever is not known to be the candidate's is inconclusive."""
    expected = {Blame.NOBODY: Decision.APPROVED, Blame.CANDIDATE: Decision.REJECTED}
    assert blame.decision is expected.get(blame, Decision.INCONCLUSIVE)


def test_blames_decide_in_their_order() -> None:
    """An interruption decides before all else, and nobody is to blame only where nobody else is."""
    assert sorted(Blame, key=lambda blame: blame.rank) == [
        Blame.INTERRUPTED,
        Blame.NOTHING_TESTED,
        Blame.ENVIRONMENT,
        Blame.CANDIDATE,
        Blame.HARNESS,
        Blame.NOBODY,
    ]


@given(st.lists(st.lists(st.sampled_from(Blame), max_size=4), max_size=4))
def test_findings_come_in_the_order_in_which_they_decide(blames: list[list[Blame]]) -> None:
    """All findings are there, by blame, and within a blame in the order of the rules."""
    rules = [rule(f"rule{number}", *found) for number, found in enumerate(blames)]
    findings = verdict(*rules).findings
    told = [finding for one in rules for finding in one.findings]
    assert [finding.blame.rank for finding in findings] == sorted(finding.blame.rank for finding in told)
    for blame in Blame:
        assert [one for one in findings if one.blame is blame] == [one for one in told if one.blame is blame]


def test_a_suite_counts_all_its_tests() -> None:
    """The total is of every outcome."""
    assert SuiteCount(suite="s", title="S", counts={"passed": 3, "skipped": 2}).total == 5
