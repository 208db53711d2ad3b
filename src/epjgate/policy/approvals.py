"""Holds the changes of a run against the approvals that were committed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from epjgate.model.approved_change import ApprovalState, ApprovedChange, ApprovedChanges, JudgedChange
from epjgate.model.contract_change import ContractChange, Grade
from epjgate.policy.interface import Case


def judged_changes(case: Case) -> tuple[JudgedChange, ...]:
    """Return every change of the run with who answers for it, worst first; none where nothing was compared.

    The clock is that of the run's last event. Where there is none, no approval holds.
    """
    evidence = case.evidence
    if evidence.compared is None or evidence.manifest is None:
        return ()
    manifest = evidence.manifest
    about = approvals_about(case.approved, manifest.system, manifest.baseline, manifest.candidate)
    return tuple(judged(change, about, evidence.finished_at) for change in evidence.compared.changes)


def approvals_about(
    approved: ApprovedChanges, system: str, baseline: str, candidate: str
) -> tuple[ApprovedChange, ...]:
    """Return the approvals that speak of the step from `baseline` to `candidate`."""
    return tuple(one for one in approved.approved if one.is_about(system, baseline, candidate))


def judged(change: ContractChange, approvals: Iterable[ApprovedChange], now: datetime | None) -> JudgedChange:
    """Return `change` with the first of `approvals` that holds `now`, else with one that has expired, else alone."""
    if change.grade is not Grade.BREAKING:
        return JudgedChange(change=change, approval=ApprovalState.NOT_NEEDED)
    named = [one for one in approvals if one.names(change)]
    holding = [one for one in named if now is not None and one.holds(now)]
    for state, found in ((ApprovalState.APPROVED, holding), (ApprovalState.EXPIRED, named)):
        if found:
            one = found[0]
            return JudgedChange(change=change, approval=state, owner=one.owner, reason=one.reason, expires=one.expires)
    return JudgedChange(change=change, approval=ApprovalState.MISSING)
