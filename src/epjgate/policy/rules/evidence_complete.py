"""Rule evidence-complete: the run came to its end, and everything about it was written down."""

from __future__ import annotations

from collections.abc import Iterator

from epjgate.model.evidence import Evidence
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.course import cut_short
from epjgate.policy.interface import Case, Rule
from epjgate.policy.rehearsed import left_behind, plan_of
from epjgate.policy.wording import brief, counted, listed

ID = "evidence-complete"


def check(case: Case) -> tuple[Finding, ...]:
    """Return a finding for an interruption, an unreliable bundle, lost evidence, a missing end, and leftovers."""
    evidence = case.evidence
    return (
        *_interrupted(evidence),
        *_unreliable(evidence),
        *_lost(evidence),
        *_no_end(evidence),
        *_not_its_own(evidence),
        *_leftovers(evidence),
    )


def _interrupted(evidence: Evidence) -> Iterator[Finding]:
    if evidence.interrupted is not None:
        yield Finding(
            rule=ID,
            blame=Blame.INTERRUPTED,
            summary=brief(f"The run was interrupted ({evidence.interrupted.signal}) before its end"),
            fix="run the gate again and let it finish",
        )


def _unreliable(evidence: Evidence) -> Iterator[Finding]:
    flaws = evidence.flaws or (() if evidence.manifest else ("the manifest could not be read",))
    if flaws:
        yield Finding(
            rule=ID,
            blame=Blame.NOTHING_TESTED,
            summary=brief(f"There is no evidence that can be relied on: {counted(len(flaws), 'flaw')} in the bundle"),
            detail="\n".join(flaws),
            fix="run the gate again; nobody may edit, move or cut the files of a bundle",
        )


def _lost(evidence: Evidence) -> Iterator[Finding]:
    if evidence.lost:
        yield Finding(
            rule=ID,
            blame=Blame.ENVIRONMENT,
            summary=brief(f"Evidence could not be written down: {evidence.lost[0].why}"),
            detail="\n".join(loss.why for loss in evidence.lost),
            fix="make room on the disk that receives the bundle, then run the gate again",
        )


def _no_end(evidence: Evidence) -> Iterator[Finding]:
    if evidence.run_finished is None:
        # A full disk or a cut journal loses the last event too, and both have been said already.
        if not evidence.lost and not evidence.flaws:
            yield _never_ended("The run never came to its end: the gate itself was ended or crashed")
    elif evidence.suites_finished is None and not cut_short(evidence):
        yield _never_ended("The suites never came to their end, and nothing says why")


def _not_its_own(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for what a rehearsal left in a run that says of itself that it rehearsed nothing.

    Such a run would be judged as the release itself. A bundle that was read from disk has a flaw for it already.
    """
    if left_behind(evidence) and plan_of(evidence) is None and evidence.manifest is not None and not evidence.flaws:
        yield Finding(
            rule=ID,
            blame=Blame.NOTHING_TESTED,
            summary="The evidence holds steps of a rehearsal, and the manifest plans none",
            fix="run the gate again; nobody may put the evidence of two runs together",
        )


def _never_ended(summary: str) -> Finding:
    return Finding(
        rule=ID,
        blame=Blame.NOTHING_TESTED,
        summary=summary,
        fix="run the gate again; if it recurs, look for a time limit or a memory limit on this machine",
    )


def _leftovers(evidence: Evidence) -> Iterator[Finding]:
    left = evidence.run_finished.left_behind if evidence.run_finished else ()
    if left:
        yield Finding(
            rule=ID,
            blame=Blame.HARNESS,
            summary=brief(f"The run left something running: {listed(left)}"),
            detail="\n".join(left),
            fix="remove it with `epjgate doctor --clean`; it may disturb the next run",
        )


RULE = Rule(ID, "The run came to its end, and everything about it was written down.", check)
