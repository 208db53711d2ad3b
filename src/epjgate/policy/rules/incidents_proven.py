"""Rule incidents-proven: a test of a past incident speaks for a release only if it is known to bite."""

from __future__ import annotations

from collections.abc import Iterator

from epjgate.model.evidence import Evidence
from epjgate.model.manifest import IncidentPlan
from epjgate.model.proof import ProofState
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.course import cut_short, executed, ids, unjudged
from epjgate.policy.interface import Case, Rule
from epjgate.policy.wording import brief, counted, listed

ID = "incidents-proven"


def check(case: Case) -> tuple[Finding, ...]:
    """Return one finding for the incidents without a fresh proof, and one for each hole in the catalogue.

    An incident that is not applicable to the candidate as a whole was not relied on, and needs no proof here.
    """
    evidence = case.evidence
    return (*_unproven(evidence), *_unplanned(evidence), *_untested(evidence), *unjudged(ID, evidence))


def _unproven(evidence: Evidence) -> Iterator[Finding]:
    """Yield the finding that rejects: it blames nothing that the candidate did, so its words say whose work is due."""
    relied_on = {test.incident for test in executed(evidence.tests)}
    unproven = [plan for plan in _plans(evidence) if plan.id in relied_on and plan.proof.state is not ProofState.FRESH]
    if unproven:
        names = {plan.id for plan in unproven}
        yield Finding(
            rule=ID,
            blame=Blame.CANDIDATE,
            summary=brief(
                f"Not released, through no fault of its own: {counted(len(unproven), 'incident')} not proven: "
                f"{listed(sorted(names))}"
            ),
            detail="\n".join(_line(plan) for plan in unproven),
            fix="run `epjgate prove` with the incidents named, commit their proofs, then run the gate again",
            tests=ids(test for test in executed(evidence.tests) if test.incident in names),
        )


def _unplanned(evidence: Evidence) -> Iterator[Finding]:
    planned = {plan.id for plan in _plans(evidence)} | {""}
    strays = tuple(test for test in evidence.tests if test.incident not in planned)
    if strays and evidence.manifest is not None:
        yield Finding(
            rule=ID,
            blame=Blame.HARNESS,
            summary=brief(
                f"Nothing says how these incidents stand proven: {listed(sorted({test.incident for test in strays}))}"
            ),
            fix="run the suite of incidents by `epjgate run`, which looks the proofs up first",
            tests=ids(strays),
        )


def _untested(evidence: Evidence) -> Iterator[Finding]:
    """Yield the incidents in the catalogue of which no test was found, however it would have ended."""
    found = {test.incident for test in evidence.tests}
    missing = [plan.id for plan in _plans(evidence) if plan.id not in found]
    if missing and not cut_short(evidence) and evidence.tests:
        yield Finding(
            rule=ID,
            blame=Blame.NOTHING_TESTED,
            summary=brief(f"No test of {counted(len(missing), 'incident')} was run: {listed(missing)}"),
            fix="write their tests (`epjgate incident check` names what is missing), then run the gate again",
        )


def _plans(evidence: Evidence) -> tuple[IncidentPlan, ...]:
    return evidence.manifest.incidents if evidence.manifest else ()


def _line(plan: IncidentPlan) -> str:
    return f"{plan.id} {plan.title}: {plan.proof.state.value}, {'; '.join(plan.proof.reasons) or 'no reason is given'}"


RULE = Rule(ID, "Every past incident that the candidate was tested for has a proof that its test bites.", check)
