"""The rule incidents-proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from epjgate.model.evidence import Evidence
from epjgate.model.manifest import IncidentPlan
from epjgate.model.outcome import Outcome
from epjgate.model.proof import ProofStanding, ProofState
from epjgate.model.verdict import Blame, Decision
from epjgate.policy.judge import judge
from epjgate.policy.rules.incidents_proven import check

if TYPE_CHECKING:
    from tests.policy.conftest import Builders

UNPROVEN = [state for state in ProofState if state is not ProofState.FRESH]


def plan(number: int = 2, state: ProofState = ProofState.FRESH) -> IncidentPlan:
    """Return an incident of the catalogue."""
    return IncidentPlan(
        id=f"INC-{number:04}",
        title="Renewal kept the old dose",
        title_da="Fornyelse beholdt den gamle dosis",
        hazard="The patient takes the old dose.",
        hazard_da="Patienten tager den gamle dosis.",
        kind="stale field",
        proof=ProofStanding(state=state, reasons=() if state is ProofState.FRESH else ("the test changed",)),
    )


def evidence(build: Builders, *plans: IncidentPlan, **changes: object) -> Evidence:
    """Return a good run in which test a is the test of INC-0002, `changes` applied to it."""
    test = build.test("a", incident="INC-0002", **changes)
    return build.evidence(test, build.test("b"), manifest=build.manifest(incidents=plans))


def test_a_proven_incident_is_approved(build: Builders) -> None:
    """A fresh proof leaves nothing to be said."""
    assert check(build.case(evidence(build, plan()))) == ()


@pytest.mark.parametrize("state", UNPROVEN)
def test_an_incident_without_a_fresh_proof_rejects_and_blames_nothing_the_candidate_did(
    build: Builders, state: ProofState
) -> None:
    """The list names incident, state and why; the words say that the candidate is not at fault, and what to do."""
    case = build.case(evidence(build, plan(state=state)), floor=2)
    (finding,) = check(case)
    assert (finding.blame, finding.tests) == (Blame.CANDIDATE, (build.test("a").test,))
    assert "through no fault of its own" in finding.summary
    assert "INC-0002" in finding.summary
    assert finding.detail == f"INC-0002 Renewal kept the old dose: {state.value}, the test changed"
    assert "epjgate prove" in finding.fix
    assert judge(case, build.now).decision is Decision.REJECTED


def test_all_unproven_incidents_are_one_finding(build: Builders) -> None:
    """The list is whole, and read once."""
    tests = [build.test(letter, incident=f"INC-{number:04}") for number, letter in enumerate("abc", 1)]
    plans = tuple(plan(number, ProofState.STALE) for number in (1, 2, 3))
    (finding,) = check(build.case(build.evidence(*tests, manifest=build.manifest(incidents=plans))))
    assert [line[:8] for line in finding.detail.splitlines()] == ["INC-0001", "INC-0002", "INC-0003"]


@pytest.mark.parametrize("outcome", [Outcome.NOT_APPLICABLE, Outcome.SKIPPED])
def test_an_incident_that_was_not_executed_needs_no_proof(build: Builders, outcome: Outcome) -> None:
    """What was not relied on need not be known to bite."""
    found = evidence(build, plan(state=ProofState.MISSING), outcome=outcome, reason="no renewal")
    assert check(build.case(found)) == ()


def test_a_test_of_an_incident_that_the_manifest_does_not_know_blames_the_harness(build: Builders) -> None:
    """Unknown is never fresh."""
    (finding,) = check(build.case(evidence(build)))
    assert (finding.blame, finding.tests) == (Blame.HARNESS, (build.test("a").test,))


def test_an_incident_of_which_no_test_was_found_was_not_tested(build: Builders) -> None:
    """A hole in the catalogue makes no noise by itself."""
    (finding,) = check(build.case(evidence(build, plan(), plan(7))))
    assert finding.blame is Blame.NOTHING_TESTED
    assert "INC-0007" in finding.summary


def test_no_tests_leave_the_rule_open(build: Builders) -> None:
    """Where nothing ran, nothing was relied on."""
    assert [finding.blame for finding in check(build.case(build.empty()))] == [Blame.NOBODY]
