"""Rule environment-healthy: the candidate stood, and answered, from before the first test until after the last."""

from __future__ import annotations

from epjgate.model.events import EnvironmentBroke, EnvironmentCause, EnvironmentStage
from epjgate.model.evidence import Evidence
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.course import cut_from_outside, ids, unjudged, unusable
from epjgate.policy.interface import Case, Rule
from epjgate.policy.rehearsed import production_stands, undone
from epjgate.policy.wording import brief, counted, listed

ID = "environment-healthy"


def check(case: Case) -> tuple[Finding, ...]:
    """Return the root cause as the one finding when the environment broke, else what is missing of its health.

    A rehearsal that a step brought to a halt may have nothing left to ask; the rule that names the step says so.
    """
    evidence = case.evidence
    if evidence.broke is not None:
        return (_root_cause(evidence, evidence.broke),)
    if evidence.ready is not None and evidence.checked is not None:
        asked = set(evidence.checked.services)
        silent = sorted({identity.service for identity in evidence.ready.identities} - asked)
        return () if asked and not silent else (_unasked(silent),)
    if cut_from_outside(evidence) or undone(evidence):
        return unjudged(ID, evidence)
    return (_never_ready() if evidence.ready is None else _unasked([]),)


def _root_cause(evidence: Evidence, broke: EnvironmentBroke) -> Finding:
    crashed = broke.cause is EnvironmentCause.CRASHED and broke.stage is EnvironmentStage.RUN
    crashed = crashed and not production_stands(evidence)  # while an upgrade is rehearsed, it may be the old release
    spoiled = unusable(evidence)
    what = "The candidate ended by itself under test" if crashed else "The environment broke"
    service = f", service {broke.service}" if broke.service else ""
    return Finding(
        rule=ID,
        blame=Blame.CANDIDATE if crashed else Blame.ENVIRONMENT,
        summary=brief(f"{what}: {broke.problem or 'nothing says how'}"),
        detail=(
            f"{broke.why}\nStage {broke.stage.value}, cause {broke.cause.value}{service}.\n"
            f"It made {counted(len(spoiled), 'test')} unusable; they are not counted on their own."
        ),
        fix=broke.fix or "read the service logs in the bundle, mend what ended it, then run the gate again",
        tests=ids(spoiled),
    )


def _never_ready() -> Finding:
    return Finding(
        rule=ID,
        blame=Blame.ENVIRONMENT,
        summary="The candidate was never seen ready, and nothing says why",
        fix="read the service logs in the bundle, then run the gate again",
    )


def _unasked(services: list[str]) -> Finding:
    which = f" of {listed(services)}" if services else ""
    return Finding(
        rule=ID,
        blame=Blame.ENVIRONMENT,
        summary=brief(
            f"Nobody knows if the candidate still stood at the end: no health check{which} after the last test"
        ),
        fix="run the gate again; if it recurs, read the service logs in the bundle",
    )


RULE = Rule(ID, "The candidate stood and answered from before the first test until after the last.", check)
