"""Rule contract-changes: what the candidate changed for its partners is known, and somebody answers for what breaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from epjgate.model.approved_change import ApprovalState, ApprovedChange, JudgedChange
from epjgate.model.contract_change import ContractChange, Grade, Interface
from epjgate.model.events import ContractsCompared
from epjgate.model.manifest import Manifest
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.approvals import approvals_about, judged_changes
from epjgate.policy.course import cut_short, unjudged
from epjgate.policy.document import ContractChanges
from epjgate.policy.interface import Case, Rule
from epjgate.policy.wording import brief, counted, listed

ID = "contract-changes"


def check(case: Case) -> tuple[Finding, ...]:
    """Return a finding for each breaking change that nobody answers for, or for a comparison that there is not.

    What was never compared is not known to be unchanged, so it is never approved in silence.
    """
    evidence, manifest = case.evidence, case.evidence.manifest
    if manifest is None:
        return unjudged(ID, evidence)
    if manifest.baseline in ("", manifest.candidate):
        return (*_without_baseline(case, manifest), *unjudged(ID, evidence))
    if evidence.compared is None:
        return (*_not_compared(case), *unjudged(ID, evidence))
    changes = judged_changes(case)
    return (
        *_other_releases(evidence.compared, manifest),
        *findings_of(evidence.compared, changes, case.policy.contract_changes, manifest.system),
        *_idle_approvals(case, manifest, changes),
        *unjudged(ID, evidence),
    )


def findings_of(
    compared: ContractsCompared, changes: Sequence[JudgedChange], demands: ContractChanges, system: str
) -> tuple[Finding, ...]:
    """Return what one comparison leads to, whether in a run or on its own; `changes` are those that it found."""
    return (
        *_unseen(compared, demands.not_offered.get(system, ())),
        *_not_elicited(compared, demands.not_elicited.get(system, ())),
        *(_breaking(one, compared) for one in changes if one.stands_in_the_way),
        *_notes(compared, changes),
    )


def _without_baseline(case: Case, manifest: Manifest) -> Iterator[Finding]:
    accepted = case.policy.contract_changes.without_baseline == "accept"
    what = "The candidate is its own baseline" if manifest.baseline else "No baseline was named"
    yield Finding(
        rule=ID,
        blame=Blame.NOBODY if accepted else Blame.NOTHING_TESTED,
        summary=f"{what}, so nobody knows what it changes for its partners",
        fix="" if accepted else "name the release that is in production with `--baseline`",
    )


def _not_compared(case: Case) -> Iterator[Finding]:
    missing = case.evidence.not_compared
    if missing is not None:
        yield Finding(
            rule=ID,
            blame=Blame.ENVIRONMENT,
            summary=brief(f"What changed since production is not known: {missing.problem}"),
            detail=f"{missing.why}\nAsked for its surface was {missing.release}.",
            fix=missing.fix,
        )
    elif not cut_short(case.evidence):
        yield Finding(
            rule=ID,
            blame=Blame.NOTHING_TESTED,
            summary="The candidate was not compared with its baseline, and nothing says why",
            fix="run the gate again; if it recurs, report it as a fault of epjgate",
        )


def _other_releases(compared: ContractsCompared, manifest: Manifest) -> Iterator[Finding]:
    seen = compared.baseline.version, compared.candidate.version
    if seen != (manifest.baseline, manifest.candidate):
        yield Finding(
            rule=ID,
            blame=Blame.HARNESS,
            summary=brief(f"Other releases were compared than those of this run: {seen[0]} and {seen[1]}"),
            fix="run the gate again; if it recurs, report it as a fault of epjgate",
        )


def _unseen(compared: ContractsCompared, not_offered: Sequence[Interface]) -> Iterator[Finding]:
    """Yield each interface that could not be compared; it is a note where the policy knows that none is offered."""
    for interface in sorted({*compared.baseline.absent, *compared.candidate.absent}):
        expected = interface in not_offered
        yield Finding(
            rule=ID,
            blame=Blame.NOBODY if expected else Blame.NOTHING_TESTED,
            summary=brief(f"Not compared with the baseline: {interface}"),
            detail="\n".join(_reasons(compared, interface)),
            fix="" if expected else "let both releases show it, or name it in the policy under not_offered",
        )


def _not_elicited(compared: ContractsCompared, known: Sequence[str]) -> Iterator[Finding]:
    """Yield each step after which nothing could be compared; it is a note where the policy knows of it."""
    for title, why in compared.not_elicited.items():
        expected = title in known
        yield Finding(
            rule=ID,
            blame=Blame.NOBODY if expected else Blame.NOTHING_TESTED,
            summary=brief(f"Not compared with the baseline: what follows when asked to {title}"),
            detail=why,
            fix="" if expected else "let both releases do it, or name the step in the policy under not_elicited",
        )


def _reasons(compared: ContractsCompared, interface: Interface) -> Iterator[str]:
    for release in (compared.baseline, compared.candidate):
        if interface in release.absent:
            yield f"{release.version}: {release.absent[interface]}"


def _breaking(judged: JudgedChange, compared: ContractsCompared) -> Finding:
    change = judged.change
    before, after = compared.baseline.version, compared.candidate.version
    told = f"An approval by {judged.owner} expired at {judged.expires}." if judged.expires else "Nobody approved it."
    return Finding(
        rule=ID,
        blame=Blame.CANDIDATE,
        summary=brief(f"Breaks what partners rely on: {change.place} ({change.interface}) {change.kind.value}"),
        detail="\n".join((change.says, *_before_and_after(change), told, *_to_approve(change))),
        fix=f"undo it, or have it approved in ci/approved-changes.toml, from {before} to {after}",
    )


def _before_and_after(change: ContractChange) -> Iterator[str]:
    if change.before or change.after:
        yield f"Before: {change.before or 'nothing'}. After: {change.after or 'nothing'}."


def _to_approve(change: ContractChange) -> Iterator[str]:
    """Yield what an approval has to name."""
    yield f"Key: {change.key}"
    if change.leads_to:
        yield f"To: {change.leads_to}"


def _notes(compared: ContractsCompared, changes: Sequence[JudgedChange]) -> Iterator[Finding]:
    for one in changes:
        if one.approval is ApprovalState.APPROVED:
            yield _note(
                f"A breaking change is approved by {one.owner}: {one.change.place} ({one.change.interface})",
                "\n".join((one.change.says, one.reason, f"It expires at {one.expires}.", *_to_approve(one.change))),
            )
    risky = [one.change for one in changes if one.change.grade is Grade.RISKY]
    if risky:
        lines = [f"{change.place}: {change.says} ({change.rule})" for change in risky]
        yield _note(f"{counted(len(risky), 'change')} may be noticed by partners", "\n".join(lines))
    for release in (compared.baseline, compared.candidate):
        if release.refused:
            steps = counted(len(release.refused), "step")
            summary = (
                f"{release.version} did not do {steps} by which messages are elicited: {listed(release.refused, 2)}"
            )
            yield _note(summary, "\n".join(release.refused))


def _idle_approvals(case: Case, manifest: Manifest, changes: Sequence[JudgedChange]) -> Iterator[Finding]:
    """Yield a note for each approval that speaks of this step and finds no such change, so that it can be taken out."""
    breaking = [one.change for one in changes if one.change.grade is Grade.BREAKING]
    for one in approvals_about(case.approved, manifest.system, manifest.baseline, manifest.candidate):
        if not any(one.names(change) for change in breaking):
            now = case.evidence.finished_at
            state = "unused" if now is not None and one.holds(now) else "unused, and expired"
            told = (f"By {one.owner}: {one.reason}", *_of_another_value(one, breaking))
            yield _note(f"An approval is {state}: {one.change}", "\n".join(told))


def _of_another_value(approval: ApprovedChange, breaking: Sequence[ContractChange]) -> Iterator[str]:
    for change in breaking:
        if approval.change == change.key:
            yield f"It speaks of a change to {approval.to or 'nothing'}, and {change.leads_to or 'nothing'} was found."


def _note(summary: str, detail: str) -> Finding:
    return Finding(rule=ID, blame=Blame.NOBODY, summary=brief(summary), detail=detail)


RULE = Rule(ID, "What the candidate changes for its partners is known, and somebody answers for what breaks.", check)
