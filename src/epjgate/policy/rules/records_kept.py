"""Rule records-kept: the upgrade kept every record by count and by meaning, and the way back brought them all back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from epjgate.model.evidence import Evidence
from epjgate.model.rehearsal import Census, CensusChange, PlannedStep, RehearsalPlan, StepKind, StepOutcome, Trial
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.course import not_rehearsed, unjudged
from epjgate.policy.interface import Case, Rule
from epjgate.policy.rehearsed import census_at, ends, plan_of, trial_words
from epjgate.policy.wording import brief, counted, listed

ID = "records-kept"
_COUNTING = frozenset({StepKind.CENSUS, StepKind.VERIFY, StepKind.VERIFY_RESTORED})
_AGAIN = "rehearse again; if it recurs, report it as a fault of epjgate"


@dataclass(frozen=True)
class _Counted:
    """What was counted at one step of one trial, and what was counted there before the upgrade, None where nothing."""

    trial: Trial
    step: PlannedStep
    before: Census | None
    census: Census
    changes: tuple[CensusChange, ...]

    def line(self, change: CensusChange) -> str:
        """Return `change` in words."""
        return (
            f"{self.step.id}, {trial_words(self.trial)}: {change.what}: {change.before or '-'} to {change.after or '-'}"
        )


def check(case: Case) -> tuple[Finding, ...]:
    """Return a finding for records that changed, locks left, and for whatever was not counted or not compared.

    What was never counted is not known to be kept. Steps that were not done are left to the rule that names them.
    """
    evidence = case.evidence
    plan = plan_of(evidence)
    if plan is None or evidence.manifest is None:
        return not_rehearsed(ID, evidence)
    counted_at = tuple(_counted(plan, evidence))
    accepted = case.policy.records_kept.of(evidence.manifest.system)
    return (
        *_changed(counted_at, accepted),
        *_not_brought_back(counted_at),
        *_locked(counted_at),
        *_not_counted(plan, evidence),
        *_too_little(counted_at),
        *_untold(counted_at),
        *_accepted(counted_at, accepted),
        *unjudged(ID, evidence),
    )


def _counted(plan: RehearsalPlan, evidence: Evidence) -> Iterator[_Counted]:
    """Yield every census in the order of the plan, with what its trial counted before the upgrade."""
    for trial in plan.trials:
        before = None
        for step in trial.steps:
            taken = census_at(evidence, step) if step.kind in _COUNTING else None
            if taken is None:
                continue
            if step.kind is StepKind.CENSUS:
                before = taken.census
            queued = _queued(before, taken.census, taken.changes) if step.kind is StepKind.VERIFY else ()
            yield _Counted(trial, step, before, taken.census, (*taken.changes, *queued))


def _queued(before: Census | None, after: Census, told: tuple[CensusChange, ...]) -> tuple[CensusChange, ...]:
    """Return the queues in which more waits than before, unless a change of `told` speaks of them."""
    waited = before.queued if before else {}
    return tuple(
        CensusChange(what=f"queued {queue}", before=str(waited.get(queue, 0)), after=str(number))
        for queue, number in sorted(after.queued.items())
        if number > waited.get(queue, 0) and not any(queue in change.what for change in told)
    )


def _changed(every: tuple[_Counted, ...], accepted: dict[str, str]) -> Iterator[Finding]:
    """Yield one finding for all that the candidate changed and nobody accepted."""
    found = [
        (one, change)
        for one in every
        if one.step.kind is StepKind.VERIFY
        for change in one.changes
        if change.what not in accepted
    ]
    if found:
        whats = dict.fromkeys(change.what for _, change in found)
        yield Finding(
            rule=ID,
            blame=Blame.CANDIDATE,
            summary=brief(f"The upgrade does not keep every record: {listed(whats)}"),
            detail="\n".join(one.line(change) for one, change in found),
            fix="mend the migration, or accept in the policy what is meant, under accepted_changes and with a reason",
        )


def _not_brought_back(every: tuple[_Counted, ...]) -> Iterator[Finding]:
    """Yield one finding for what the restored backup lacks; the candidate takes no part in a restore."""
    found = [(one, change) for one in every if one.step.kind is StepKind.VERIFY_RESTORED for change in one.changes]
    if found:
        whats = dict.fromkeys(change.what for _, change in found)
        yield Finding(
            rule=ID,
            blame=Blame.ENVIRONMENT,
            summary=brief(f"The restored backup does not hold what stood before: {listed(whats)}"),
            detail="\n".join(one.line(change) for one, change in found),
            fix="mend the backup or its restore, then rehearse again; there is no way back before",
        )


def _locked(every: tuple[_Counted, ...]) -> Iterator[Finding]:
    """Yield the locks that are held: those after the upgrade that were not there before are the candidate's."""
    for blame, words in (
        (Blame.CANDIDATE, "The upgrade leaves locks behind"),
        (Blame.ENVIRONMENT, "Locks are held in the release in production"),
    ):
        found = [(one, lock) for one in every for lock in one.census.locks if _whose(one, lock) is blame]
        if found:
            yield Finding(
                rule=ID,
                blame=blame,
                summary=brief(f"{words}: {listed(dict.fromkeys(lock for _, lock in found))}"),
                detail="\n".join(f"{one.step.id}, {trial_words(one.trial)}: {lock}" for one, lock in found),
                fix="have each lock released by whoever took it, also where it is killed, then rehearse again",
            )


def _whose(one: _Counted, lock: str) -> Blame:
    new = one.before is None or lock not in one.before.locks
    return Blame.CANDIDATE if one.step.kind is StepKind.VERIFY and new else Blame.ENVIRONMENT


def _not_counted(plan: RehearsalPlan, evidence: Evidence) -> Iterator[Finding]:
    """Yield one finding for censuses that are not planned, and for steps that count and left no census."""
    done = {step for step, ended in ends(evidence).items() if ended.outcome is StepOutcome.DONE}
    lacking = [f"{trial_words(trial)}: {what}" for trial in plan.trials for what in _not_planned(trial)]
    lacking += [
        f"{step.id} {step.kind.value}, {trial_words(trial)}: it was done and left no census"
        for trial in plan.trials
        for step in trial.steps
        if step.kind in _COUNTING and step.id in done and census_at(evidence, step) is None
    ]
    if lacking:
        yield Finding(
            rule=ID,
            blame=Blame.NOTHING_TESTED,
            summary=brief(f"Nobody knows whether the upgrade keeps every record: {lacking[0]}"),
            detail="\n".join(lacking),
            fix=_AGAIN,
        )


def _not_planned(trial: Trial) -> Iterator[str]:
    """Yield the censuses that the trial lacks; where probes and tests write meanwhile, records are theirs to judge."""
    if trial.crosses:
        return
    kinds = [step.kind for step in trial.steps]
    new = kinds.index(StepKind.START_NEW) if StepKind.START_NEW in kinds else len(kinds)
    if StepKind.CENSUS not in kinds[:new]:
        yield "no census is planned before the upgrade"
    if StepKind.VERIFY not in kinds[new:]:
        yield "no census is planned after the upgrade"
    if StepKind.RESTORE in kinds and StepKind.VERIFY_RESTORED not in kinds[kinds.index(StepKind.RESTORE) :]:
        yield "no census is planned after the restore"


def _too_little(every: tuple[_Counted, ...]) -> Iterator[Finding]:
    """Yield one finding for data that are fewer than the trial says: neither records nor times say anything then."""
    few = [
        f"{one.step.id}, {trial_words(one.trial)}: {one.census.patients:,} patients were there, "
        f"{counted(sum(tally.count for tally in one.census.kinds.values()), 'record')} in all"
        for one in every
        if one.step.kind is StepKind.CENSUS and _is_too_little(one)
    ]
    if few:
        yield Finding(
            rule=ID,
            blame=Blame.HARNESS,
            summary=brief(f"The data were fewer than planned: {few[0]}"),
            detail="\n".join(few),
            fix="mend the fill of the system's description, then rehearse again",
        )


def _is_too_little(one: _Counted) -> bool:
    return one.census.patients < one.trial.patients or not any(tally.count for tally in one.census.kinds.values())


def _untold(every: tuple[_Counted, ...]) -> Iterator[Finding]:
    """Yield one finding for censuses that differ although the comparison names nothing."""
    for one in every:
        if one.before is None or one.changes:
            continue
        if (one.census.kinds, one.census.patients) != (one.before.kinds, one.before.patients):
            yield Finding(
                rule=ID,
                blame=Blame.HARNESS,
                summary=brief(f"Two censuses differ, and their comparison does not say how: {one.step.id}"),
                detail=trial_words(one.trial),
                fix=_AGAIN,
            )


def _accepted(every: tuple[_Counted, ...], accepted: dict[str, str]) -> Iterator[Finding]:
    """Yield a note for each change that the policy accepts."""
    for what, reason in accepted.items():
        lines = [
            one.line(change)
            for one in every
            if one.step.kind is StepKind.VERIFY
            for change in one.changes
            if change.what == what
        ]
        if lines:
            told = brief(f"The upgrade changes, and the policy accepts it: {what}")
            yield Finding(rule=ID, blame=Blame.NOBODY, summary=told, detail="\n".join((reason, *lines)))


RULE = Rule(ID, "The upgrade keeps every record by count and by meaning, and the way back brings them all back.", check)
