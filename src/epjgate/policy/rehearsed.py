"""The course of a rehearsal, as several rules need to know it: what was done, what was not, and who stood meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from epjgate.model.events import TestFinished
from epjgate.model.evidence import Evidence
from epjgate.model.outcome import Outcome
from epjgate.model.rehearsal import PlannedStep, RehearsalPlan, StepKind, StepOutcome, Trial
from epjgate.model.rehearsal_events import CensusTaken, StepEnded

# In these the release in production stands, or is worked on, with its own data: nothing of the candidate takes part.
_PRODUCTION = frozenset(
    {
        StepKind.FILL,
        StepKind.START_OLD,
        StepKind.PREPARE,
        StepKind.CENSUS,
        StepKind.BACKUP,
        StepKind.STOP_OLD,
        StepKind.RESTORE,
        StepKind.START_RESTORED,
        StepKind.VERIFY_RESTORED,
    }
)
# The parts of a crossing test are tests of their own, named so; whatever else runs in a rehearsal runs before.
_PART = re.compile(r"(?<=[\[-])(before|after|back)\]$")
_NOT_PASSED = frozenset({Outcome.FAILED, Outcome.UNREACHABLE, Outcome.UNFINISHED, Outcome.BROKEN})


@dataclass(frozen=True)
class Undone:
    """The first step of a trial that was not done; `ended` is None where nobody knows how.

    `missed` are the steps planned behind it that were not done either.
    """

    trial: Trial
    step: PlannedStep
    begun: bool
    ended: StepEnded | None
    missed: tuple[PlannedStep, ...]

    @property
    def where(self) -> str:
        """The step and its trial, in words."""
        return f"{self.step.id} {self.step.kind.value} {trial_words(self.trial)}"


def plan_of(evidence: Evidence) -> RehearsalPlan | None:
    """Return the plan of the rehearsal; None for any other run, and where the manifest could not be read."""
    return evidence.manifest.rehearsal if evidence.manifest else None


def left_behind(evidence: Evidence) -> bool:
    """Whether there is anything that only a rehearsal leaves behind."""
    lists = evidence.steps_begun, evidence.steps_ended, evidence.censuses
    single = evidence.availability, evidence.forecasted, evidence.not_forecasted
    return any(lists) or any(one is not None for one in single)


def ends(evidence: Evidence) -> dict[str, StepEnded]:
    """Return how each step ended, by id; of one that ended twice, the worst end."""
    order = list(StepOutcome)
    found: dict[str, StepEnded] = {}
    for one in evidence.steps_ended:
        known = found.get(one.step, one)
        found[one.step] = min(known, one, key=lambda each: order.index(each.outcome))
    return found


def undone(evidence: Evidence) -> tuple[Undone, ...]:
    """Return, for each trial that was not done as a whole, its first step that was not; in order of the plan."""
    plan = plan_of(evidence)
    return tuple(_undone(evidence, plan)) if plan else ()


def _undone(evidence: Evidence, plan: RehearsalPlan) -> Iterator[Undone]:
    begun = {one.step for one in evidence.steps_begun}
    how = {step: ended for step, ended in ends(evidence).items() if step in begun}
    for trial in plan.trials:
        missed = [step for step in trial.steps if not _is_done(how.get(step.id))]
        if missed:
            first = missed[0]
            yield Undone(trial, first, first.id in begun, how.get(first.id), tuple(missed[1:]))


def _is_done(ended: StepEnded | None) -> bool:
    return ended is not None and ended.outcome is StepOutcome.DONE


def production_stands(evidence: Evidence) -> bool:
    """Whether the step begun last is one in which the candidate takes no part, so that no crash in it is its own."""
    plan = plan_of(evidence)
    kinds = {step.id: step.kind for trial in plan.trials for step in trial.steps} if plan else {}
    return bool(evidence.steps_begun) and kinds.get(evidence.steps_begun[-1].step) in _PRODUCTION


def is_after(test: TestFinished) -> bool:
    """Whether `test`, of a rehearsal, is a part that ran on the candidate, after the upgrade."""
    return _part(test) == "after"


def is_before(test: TestFinished, evidence: Evidence) -> bool:
    """Whether `test` ran on the release in production, before it was upgraded; never in a run that rehearses nothing.

    What fails there says nothing about the candidate, which nobody had started yet.
    """
    return plan_of(evidence) is not None and _part(test) in {"", "before"}


def prepares(test: TestFinished, evidence: Evidence) -> bool:
    """Whether `test` is the part before the upgrade of one that goes on after it."""
    return plan_of(evidence) is not None and _part(test) == "before"


def not_gone_on_with(evidence: Evidence) -> frozenset[str]:
    """Return the ids of skipped parts that something else explains, which has a finding of its own.

    Either their releases do not stand, because a step was not done, or a part before them did not pass.
    """
    if plan_of(evidence) is None:
        return frozenset()
    fell = {_whole(test) for test in evidence.tests if _part(test) and test.outcome in _NOT_PASSED}
    halted = bool(undone(evidence))
    return frozenset(
        test.test
        for test in evidence.tests
        if test.outcome is Outcome.SKIPPED and _part(test) in {"after", "back"} and (halted or _whole(test) in fell)
    )


def _part(test: TestFinished) -> str:
    found = _PART.search(test.test)
    return found[1] if found else ""


def _whole(test: TestFinished) -> str:
    return _PART.sub("", test.test)


def census_at(evidence: Evidence, step: PlannedStep) -> CensusTaken | None:
    """Return the census that was taken at `step`, None where there is none."""
    return next((one for one in evidence.censuses if one.step == step.id), None)


def trial_words(trial: Trial) -> str:
    """Return which trial it is, in words."""
    what = "crossed by tests" if trial.crosses else "drill" if trial.drills else "repeat"
    return f"at {trial.patients:,} patients, {what} {trial.repeat}"
