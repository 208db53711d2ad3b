"""The rule contract-changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.model.approved_change import ApprovalState, ApprovedChange, ApprovedChanges
from epjgate.model.contract_change import ContractChange, Grade, Interface, Kind
from epjgate.model.events import ContractsNotCompared
from epjgate.model.verdict import Blame, Decision, Finding
from epjgate.policy.document import ContractChanges
from epjgate.policy.interface import Case
from epjgate.policy.judge import judge
from epjgate.policy.rules.contract_changes import check

if TYPE_CHECKING:
    from tests.policy.conftest import Builders

NOT_COMPARED = ContractsNotCompared(release="1", problem="his 1 could not be started", why="no memory", fix="buy some")


def change(
    grade: Grade = Grade.BREAKING, place: str = "GET /Patient", interface: Interface = "openapi"
) -> ContractChange:
    """Return a change of this grade."""
    return ContractChange(
        interface=interface,
        kind=Kind.REMOVED,
        place=place,
        grade=grade,
        rule="diff-openapi-operation-removed",
        says="Who asks for it is refused.",
        before="an operation",
    )


def approval(build: Builders, **changes: Any) -> ApprovedChange:
    """Return an approval of `change()` that holds for a day, `changes` applied."""
    fields: dict[str, Any] = {
        "change": change().key,
        "system": build.system,
        "baseline": "1",
        "candidate": "2",
        "owner": "integration team",
        "reason": "nobody asks for it",
        "expires": build.now + timedelta(days=1),
    }
    return ApprovedChange.model_validate(fields | changes)


def case(build: Builders, *approved: ApprovedChange, policy: ContractChanges | None = None, **changes: Any) -> Case:
    """Return the case of a good run with these approvals; `changes` are fields of its evidence."""
    tables = {} if policy is None else {"contract_changes": policy}
    made = build.case(build.evidence(**changes), policy=build.policy(**tables))
    return Case(made.evidence, made.policy, made.floors, ApprovedChanges(approved=approved))


def blames(findings: tuple[Finding, ...]) -> list[Blame]:
    """Return whom each finding blames."""
    return [finding.blame for finding in findings]


def test_a_candidate_that_changes_nothing_is_approved(build: Builders) -> None:
    """Nothing is to be said."""
    asked = case(build, compared=build.compared())
    assert check(asked) == ()
    assert judge(asked, build.now).decision is Decision.APPROVED


def test_each_breaking_change_rejects_and_is_named(build: Builders) -> None:
    """The finding says where, what it does to partners, and how it could be approved."""
    changes = change(), change(place="GET /Observation", interface="fhir_r4")
    asked = case(build, compared=build.compared(*changes))
    first, second = check(asked)
    assert blames((first, second)) == [Blame.CANDIDATE] * 2
    assert first.summary == "Breaks what partners rely on: GET /Patient (openapi) removed"
    assert first.detail == (
        "Who asks for it is refused.\nBefore: an operation. After: nothing.\nNobody approved it.\n"
        "Key: openapi:removed:GET /Patient:diff-openapi-operation-removed"
    )
    assert "from 1 to 2" in first.fix
    assert "GET /Observation" in second.summary
    verdict = judge(asked, build.now)
    assert (verdict.decision, [one.approval for one in verdict.changes]) == (
        Decision.REJECTED,
        [ApprovalState.MISSING] * 2,
    )


def test_an_approved_change_is_a_note_with_who_answers_for_it(build: Builders) -> None:
    """The verdict keeps owner, reason and end of the approval."""
    asked = case(build, approval(build), compared=build.compared(change()))
    (note,) = check(asked)
    assert note.blame is Blame.NOBODY
    assert "integration team" in note.summary
    assert "nobody asks for it" in note.detail
    verdict = judge(asked, build.now)
    (judged,) = verdict.changes
    assert verdict.decision is Decision.APPROVED
    assert (judged.approval, judged.owner, judged.expires) == (
        ApprovalState.APPROVED,
        "integration team",
        build.now + timedelta(days=1),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"system": "another"},
        {"baseline": "0"},
        {"candidate": "3"},
        {"change": change(place="GET /Observation").key},
        {"change": change(interface="fhir_r4").key},
    ],
    ids=["system", "baseline", "candidate", "place", "interface"],
)
def test_an_approval_of_something_else_approves_nothing(build: Builders, wrong: dict[str, Any]) -> None:
    """It binds to the key of the change, the system, and both releases."""
    findings = check(case(build, approval(build, **wrong), compared=build.compared(change())))
    assert findings[0].blame is Blame.CANDIDATE
    assert "Nobody approved it." in findings[0].detail


def test_an_expired_approval_never_approves_and_is_told(build: Builders) -> None:
    """The clock is that of the run's last event."""
    expired = approval(build, expires=build.now)
    asked = case(build, expired, compared=build.compared(change()))
    (finding,) = check(asked)
    assert finding.blame is Blame.CANDIDATE
    assert f"An approval by integration team expired at {build.now}." in finding.detail
    assert judge(asked, build.now).changes[0].approval is ApprovalState.EXPIRED


def test_of_two_approvals_the_one_that_holds_counts(build: Builders) -> None:
    """An approval that was renewed by a second entry holds, in whichever order they stand."""
    entries = approval(build, expires=build.now), approval(build, owner="new owner")
    for order in (entries, entries[::-1]):
        verdict = judge(case(build, *order, compared=build.compared(change())), build.now)
        assert (verdict.decision, verdict.changes[0].owner) == (Decision.APPROVED, "new owner")


def test_without_a_clock_no_approval_holds(build: Builders) -> None:
    """A run of which nobody knows when it ended cannot rest on what is limited in time."""
    findings = check(case(build, approval(build), compared=build.compared(change()), finished_at=None))
    assert Blame.CANDIDATE in blames(findings)


def test_an_unused_approval_is_told_and_harms_nothing(build: Builders) -> None:
    """So that it can be taken out; one about other releases is no business of this run."""
    entries = (
        approval(build),
        approval(build, expires=build.now),
        approval(build, candidate="3"),
    )
    findings = check(case(build, *entries, compared=build.compared()))
    assert blames(findings) == [Blame.NOBODY] * 2
    assert [finding.summary.partition(":")[0] for finding in findings] == [
        "An approval is unused",
        "An approval is unused, and expired",
    ]


def test_risky_changes_are_one_note_and_safe_ones_none(build: Builders) -> None:
    """What partners may notice is shown; neither stands in the way, and neither needs an approval."""
    asked = case(build, compared=build.compared(change(Grade.RISKY), change(Grade.RISKY, "b"), change(Grade.SAFE, "c")))
    (note,) = check(asked)
    assert (note.blame, note.summary) == (Blame.NOBODY, "2 changes may be noticed by partners")
    assert "GET /Patient: Who asks for it is refused." in note.detail
    verdict = judge(asked, build.now)
    assert verdict.decision is Decision.APPROVED
    assert {one.approval for one in verdict.changes} == {ApprovalState.NOT_NEEDED}


def test_a_comparison_that_was_due_and_is_missing_is_inconclusive(build: Builders) -> None:
    """Silence about changes is no sign that there are none."""
    asked = case(build, compared=None)
    (finding,) = check(asked)
    assert finding.blame is Blame.NOTHING_TESTED
    assert judge(asked, build.now).decision is Decision.INCONCLUSIVE


def test_a_baseline_that_could_not_be_had_blames_the_environment(build: Builders) -> None:
    """The reason stands in the finding; the candidate is not at fault."""
    (finding,) = check(case(build, compared=None, not_compared=NOT_COMPARED))
    assert finding.blame is Blame.ENVIRONMENT
    assert "his 1 could not be started" in finding.summary
    assert (finding.detail, finding.fix) == ("no memory\nAsked for its surface was 1.", "buy some")


def test_a_run_that_was_cut_short_leaves_the_rule_open(build: Builders) -> None:
    """What cut it short has a finding of its own."""
    (note,) = check(case(build, compared=None, broke=build.broke()))
    assert (note.blame, note.summary) == (Blame.NOBODY, "Not judged as a whole: the environment broke")


@pytest.mark.parametrize("side", ["baseline", "candidate"])
def test_an_interface_that_one_release_does_not_show_is_inconclusive(build: Builders, side: str) -> None:
    """Whatever the changes are graded, one of them could not be seen."""
    seen = build.compared()
    gone = getattr(seen, side).model_copy(update={"absent": {"hl7v2": "no message was heard"}})
    asked = case(build, compared=seen.model_copy(update={side: gone}))
    (finding,) = check(asked)
    assert (finding.blame, finding.summary) == (Blame.NOTHING_TESTED, "Not compared with the baseline: hl7v2")
    assert finding.detail == f"{gone.version}: no message was heard"
    assert judge(asked, build.now).decision is Decision.INCONCLUSIVE


def test_what_the_policy_says_is_not_offered_is_a_note(build: Builders) -> None:
    """For this system only."""
    seen = build.compared(absent={"openapi": "the system has no interface openapi"})
    known = ContractChanges(not_offered={build.system: ("openapi",)})
    (note,) = check(case(build, policy=known, compared=seen))
    assert note.blame is Blame.NOBODY
    other = ContractChanges(not_offered={"another": ("openapi",), build.system: ("hl7v2",)})
    assert blames(check(case(build, policy=other, compared=seen))) == [Blame.NOTHING_TESTED]


def test_what_is_not_offered_any_more_still_needs_an_approval(build: Builders) -> None:
    """A policy that expects no interface does not approve that one is taken away."""
    seen = build.compared(change(place="all of openapi"), absent={"openapi": "404"})
    known = ContractChanges(not_offered={build.system: ("openapi",)})
    assert Blame.CANDIDATE in blames(check(case(build, policy=known, compared=seen)))


@pytest.mark.parametrize("baseline", ["", "2"], ids=["none", "the candidate itself"])
def test_without_a_baseline_the_policy_decides(build: Builders, baseline: str) -> None:
    """The strictest policy demands one; where it is accepted, the report says that nobody knows what changed."""
    manifest = build.manifest(baseline=baseline)
    strict, lenient = case(build, compared=None, manifest=manifest), ContractChanges(without_baseline="accept")
    (finding,) = check(strict)
    assert (finding.blame, "--baseline" in finding.fix) == (Blame.NOTHING_TESTED, True)
    assert judge(strict, build.now).decision is Decision.INCONCLUSIVE
    accepted = case(build, compared=None, manifest=manifest, policy=lenient)
    (note,) = check(accepted)
    assert (note.blame, note.summary) == (Blame.NOBODY, finding.summary)
    assert judge(accepted, build.now).decision is Decision.APPROVED


def test_a_comparison_of_other_releases_blames_the_harness(build: Builders) -> None:
    """Nothing is concluded from releases that this run is not about."""
    (finding,) = check(case(build, compared=build.compared(version="3")))
    assert finding.blame is Blame.HARNESS


def test_what_a_release_refused_when_it_was_asked_is_told(build: Builders) -> None:
    """What it would have sent is in no comparison."""
    (note,) = check(case(build, compared=build.compared(refused=("pause a medication: 422", "take in ADT^A02: AR"))))
    assert note.blame is Blame.NOBODY
    assert "2 did not do 2 steps" in note.summary
    assert note.detail.splitlines() == ["pause a medication: 422", "take in ADT^A02: AR"]


def test_what_could_not_be_elicited_is_never_taken_for_unchanged(build: Builders) -> None:
    """Nothing was compared after that step, and the finding says at which release and why."""
    why = "1: refused: 422 no such drug"
    compared = build.compared().model_copy(update={"not_elicited": {"renew a prescription": why}})
    (finding,) = check(case(build, compared=compared))
    assert (finding.blame, finding.detail) == (Blame.NOTHING_TESTED, why)
    assert "renew a prescription" in finding.summary
    assert judge(case(build, compared=compared), build.now).decision is Decision.INCONCLUSIVE
    known = ContractChanges(not_elicited={build.system: ("renew a prescription",), "other": ()})
    accepted = case(build, compared=compared, policy=known)
    (note,) = check(accepted)
    assert (note.blame, note.summary) == (Blame.NOBODY, finding.summary)
    assert judge(accepted, build.now).decision is Decision.APPROVED
    for other in ({build.system: ("pause a medication",)}, {"other": ("renew a prescription",)}):
        refused = case(build, compared=compared, policy=ContractChanges(not_elicited=other))
        assert blames(check(refused)) == [Blame.NOTHING_TESTED]


def test_an_approval_of_another_value_is_told_beside_the_change(build: Builders) -> None:
    """The finding names what an approval has to say, and the note what this one says instead."""
    lowered = change().model_copy(update={"kind": Kind.CHANGED, "before": "1000", "after": "10"})
    compared = build.compared(lowered)
    finding, note = check(case(build, approval(build, change=lowered.key, to="100"), compared=compared))
    assert finding.blame is Blame.CANDIDATE
    assert finding.detail.splitlines()[-2:] == [f"Key: {lowered.key}", "To: 10"]
    assert (note.blame, note.detail.splitlines()[-1]) == (
        Blame.NOBODY,
        "It speaks of a change to 100, and 10 was found.",
    )
    (approved,) = check(case(build, approval(build, change=lowered.key, to="10"), compared=compared))
    assert (approved.blame, approved.detail.splitlines()[-1]) == (Blame.NOBODY, "To: 10")


def test_an_empty_run_leaves_the_rule_open(build: Builders) -> None:
    """Where nothing ran, it holds for nobody."""
    assert Blame.NOTHING_TESTED in blames(check(build.case(replace(build.empty(), compared=None))))


def test_a_manifest_that_cannot_be_read_leaves_the_rule_open(build: Builders) -> None:
    """Nobody knows then what was to be compared."""
    assert blames(check(case(build, manifest=None))) == [Blame.NOBODY]
