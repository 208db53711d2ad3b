"""Rule upgrade-steps-done: every planned step of every trial of a rehearsal began, ended, and was done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from epjgate.model.evidence import Evidence
from epjgate.model.rehearsal import RehearsalPlan, StepKind, StepOutcome, Trial
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.course import cut_from_outside, environment_gone, not_rehearsed, unjudged
from epjgate.policy.interface import Case, Rule
from epjgate.policy.rehearsed import Undone, plan_of, trial_words, undone
from epjgate.policy.wording import brief, counted

ID = "upgrade-steps-done"

# Whom a step speaks of that failed or stalled. What the old release and its backup do is no fault of the candidate, but
# what the old release does on the candidate's data is. Scripts that fill and count, and the tests, are the harness's.
SPEAKS_OF = {
    StepKind.FILL: Blame.HARNESS,
    StepKind.START_OLD: Blame.ENVIRONMENT,
    StepKind.PREPARE: Blame.HARNESS,
    StepKind.CENSUS: Blame.HARNESS,
    StepKind.BACKUP: Blame.ENVIRONMENT,
    StepKind.STOP_OLD: Blame.ENVIRONMENT,
    StepKind.KILL_MIGRATION: Blame.CANDIDATE,
    StepKind.MIGRATE: Blame.CANDIDATE,
    StepKind.START_NEW: Blame.CANDIDATE,
    StepKind.VERIFY: Blame.CANDIDATE,
    StepKind.OPEN: Blame.CANDIDATE,
    StepKind.CHECK: Blame.HARNESS,
    StepKind.STOP_NEW: Blame.CANDIDATE,
    StepKind.ROLL_BACK: Blame.CANDIDATE,
    StepKind.RECHECK: Blame.HARNESS,
    StepKind.RESTORE: Blame.ENVIRONMENT,
    StepKind.START_RESTORED: Blame.ENVIRONMENT,
    StepKind.VERIFY_RESTORED: Blame.ENVIRONMENT,
}
_NEEDED = {
    "timed": (StepKind.START_OLD, StepKind.BACKUP, StepKind.START_NEW),
    "crossed": (StepKind.START_OLD, StepKind.PREPARE, StepKind.START_NEW, StepKind.CHECK),
    "drilled": (StepKind.KILL_MIGRATION, StepKind.START_NEW),
}
_ENDED = {StepOutcome.FAILED: "failed", StepOutcome.STALLED: "stalled", StepOutcome.BROKEN: "broke"}
_FIX = {
    Blame.CANDIDATE: "mend the candidate; what the step said is in the bundle's logs",
    Blame.ENVIRONMENT: "mend what the old release or the surroundings did here, then rehearse again",
    Blame.HARNESS: "mend the scripts of the rehearsal or its tests, then rehearse again",
    Blame.NOTHING_TESTED: "rehearse again; if it recurs, report it as a fault of epjgate",
}


@dataclass(frozen=True)
class _Alike:
    """Trials in which the same step was undone in the same way."""

    blame: Blame
    what: str
    trials: tuple[Undone, ...]


def check(case: Case) -> tuple[Finding, ...]:
    """Return a finding for each step that was not done, trials alike together, and for what the plan leaves out.

    In each trial the first such step is blamed; what was to follow it is named with it. What the interruption or
    the broken environment explains is left to the finding that says so.
    """
    evidence = case.evidence
    plan = plan_of(evidence)
    if plan is None:
        return not_rehearsed(ID, evidence)
    unexplained = tuple(one for one in undone(evidence) if not _is_explained(one, evidence))
    return (
        *(_finding(alike, unexplained) for alike in _alike(unexplained)),
        *_not_in_order(plan, evidence),
        *_not_planned(plan),
        *unjudged(ID, evidence),
    )


def _is_explained(one: Undone, evidence: Evidence) -> bool:
    """Whether something else is blamed already for this step's missing or broken end."""
    if one.ended is None:
        return bool(cut_from_outside(evidence))
    return one.ended.outcome is StepOutcome.BROKEN and environment_gone(evidence)


def _alike(undone_steps: tuple[Undone, ...]) -> Iterator[_Alike]:
    """Yield groups in the order of the plan; trials never begun after one that stopped are explained by that one."""
    groups: dict[tuple[Blame, str], list[Undone]] = {}
    for number, one in enumerate(undone_steps):
        if one.begun or one.ended is not None or number == 0:
            groups.setdefault(_blamed(one), []).append(one)
    for (blame, what), trials in groups.items():
        yield _Alike(blame, what, tuple(trials))


def _blamed(one: Undone) -> tuple[Blame, str]:
    kind = one.step.kind
    if one.ended is None:
        return Blame.NOTHING_TESTED, f"{kind.value} {'began and never ended' if one.begun else 'never began'}"
    outcome = one.ended.outcome
    return Blame.ENVIRONMENT if outcome is StepOutcome.BROKEN else SPEAKS_OF[kind], f"{kind.value} {_ENDED[outcome]}"


def _finding(alike: _Alike, every: tuple[Undone, ...]) -> Finding:
    first = alike.trials[0].ended
    told = f": {first.problem or first.why or 'it does not say how'}" if first else ", and nothing says why"
    whom = "The upgrade fails" if alike.blame is Blame.CANDIDATE else "The rehearsal could not go on"
    return Finding(
        rule=ID,
        blame=alike.blame,
        summary=brief(f"{whom}: {alike.what} in {counted(len(alike.trials), 'trial')}{told}"),
        detail="\n".join((*map(_line, alike.trials), *_not_begun(alike, every))),
        fix=_FIX[alike.blame],
    )


def _line(one: Undone) -> str:
    told = "".join(f": {text}" for text in (one.ended.problem, one.ended.why) if text) if one.ended else ""
    missed = f" Not done behind it: {', '.join(step.kind.value for step in one.missed)}." if one.missed else ""
    return f"{one.where}{told}.{missed}"


def _not_begun(alike: _Alike, every: tuple[Undone, ...]) -> Iterator[str]:
    """Yield, with the group of the first undone step, how many trials were never begun for its sake."""
    waiting = [one for one in every[1:] if not one.begun and one.ended is None]
    if waiting and every[0] in alike.trials:
        yield f"{counted(len(waiting), 'trial')} planned after it did not come to an end either."


def _not_in_order(plan: RehearsalPlan, evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding where a trial's steps began in another order than planned: its checks then show nothing."""
    begun = {one.step: number for number, one in enumerate(evidence.steps_begun)}
    for trial in plan.trials:
        taken = [begun[step.id] for step in trial.steps if step.id in begun]
        if taken != sorted(taken):
            yield Finding(
                rule=ID,
                blame=Blame.HARNESS,
                summary=brief(f"Steps were taken in another order than planned, {trial_words(trial)}"),
                fix=_FIX[Blame.NOTHING_TESTED],
            )


def _not_planned(plan: RehearsalPlan) -> Iterator[Finding]:
    """Yield what a rehearsal cannot do without, and the plan leaves out."""
    lacking = [f"{trial_words(trial)}: no {what}" for trial in plan.trials for what in _lacking(trial)]
    if plan.from_release == plan.to_release:
        lacking.append("the release is upgraded to itself")
    if lacking:
        yield Finding(
            rule=ID,
            blame=Blame.NOTHING_TESTED,
            summary=brief(f"The plan leaves out what makes it a rehearsal: {lacking[0]}"),
            detail="\n".join(lacking),
            fix="let `epjgate rehearse` make the plan, for two different releases",
        )


def _lacking(trial: Trial) -> Iterator[str]:
    kinds = {step.kind for step in trial.steps}
    needed = _NEEDED["drilled" if trial.drills else "crossed" if trial.crosses else "timed"]
    yield from (kind.value for kind in needed if kind not in kinds)
    if not trial.drills and not kinds & {StepKind.ROLL_BACK, StepKind.RESTORE}:
        yield "way back"


RULE = Rule(ID, "Every planned step of every trial began, ended, and was done.", check)
