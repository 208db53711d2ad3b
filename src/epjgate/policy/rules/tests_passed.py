"""Rule tests-passed: no test failed, and every test came to an end of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from epjgate.model.events import Level, Severity, TestFinished
from epjgate.model.evidence import Evidence
from epjgate.model.manifest import IncidentPlan
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.course import cut_short, ended, ids, unjudged, unusable
from epjgate.policy.interface import Case, Rule
from epjgate.policy.rehearsed import is_before
from epjgate.policy.wording import brief, counted

ID = "tests-passed"
Tests = tuple[TestFinished, ...]
Incidents = Mapping[str, IncidentPlan]


@dataclass(frozen=True)
class _Kind:
    """A way of not passing: whom it blames, how it is shown, and what to do about it."""

    blame: Blame
    shown: str
    fix: str


_FAILED = _Kind(
    Blame.CANDIDATE,
    "Does not hold",
    "mend the candidate; if it is right, correct the test; the failing exchanges are in the bundle",
)
_UNREACHABLE = _Kind(
    Blame.CANDIDATE,
    "Got no answer",
    "read in the service logs why the candidate did not answer; nothing says that its environment broke",
)
_BROKEN = _Kind(
    Blame.HARNESS,
    "Broke before it judged the candidate",
    "mend the test or its fixtures, then run the gate again",
)
_UNPREPARED = _Kind(
    Blame.HARNESS,
    "Does not hold before the upgrade",
    "mend the test, or rehearse from a release that does what it prepares; the candidate had not been started",
)
_ADVISORY = _Kind(
    Blame.NOBODY,
    "Recommended, and does not hold",
    "nothing must be done for this release; the requirement is a recommendation",
)


def check(case: Case) -> tuple[Finding, ...]:
    """Return one finding for each fault, however many tests show it, worst severity first.

    Tests that a broken environment made unusable are left to the finding that names its root cause. In a rehearsal,
    what does not hold on the release before the upgrade is no fault of the candidate.
    """
    evidence, levels = case.evidence, case.policy.tests_passed.advisory_levels
    spoiled = set(ids(unusable(evidence)))
    tests = tuple(test for test in evidence.tests if test.test not in spoiled)
    incidents = {plan.id: plan for plan in evidence.manifest.incidents} if evidence.manifest else {}
    failed = ended(tests, Outcome.FAILED)
    binding = [test for test in failed if not is_advisory(test, levels)]
    unanswered = ended(tests, Outcome.UNREACHABLE)
    kinds = (
        (_FAILED, [test for test in binding if not is_before(test, evidence)]),
        (_UNREACHABLE, [test for test in unanswered if not is_before(test, evidence)]),
        (_UNPREPARED, [test for test in (*binding, *unanswered) if is_before(test, evidence)]),
        (_BROKEN, ended(tests, Outcome.BROKEN)),
    )
    advice = _faults(test for test in failed if is_advisory(test, levels))
    return (
        *(_finding(alike, kind, incidents) for kind, found in kinds for alike in _faults(found)),
        *_unfinished(evidence),
        *(_finding(alike, _ADVISORY, incidents) for alike in advice),
        *unjudged(ID, evidence),
    )


def is_advisory(test: TestFinished, levels: tuple[Level, ...]) -> bool:
    """Whether `test` failed and all it pins are requirements of `levels`.

    A test that pins none is not advisory, nor is that of a past incident: what has harmed patients is no advice.
    """
    pinned = {requirement.level for requirement in test.requirements}
    return test.outcome is Outcome.FAILED and not test.incident and bool(pinned) and pinned <= set(levels)


def _faults(tests: Iterable[TestFinished]) -> list[Tests]:
    """Return `tests` grouped by the fingerprint of their fault, worst severity first; one without stands alone."""
    groups: dict[str, list[TestFinished]] = {}
    for test in tests:
        fingerprint = test.fault.fingerprint if test.fault else ""
        groups.setdefault(fingerprint or f"of its own: {test.test}", []).append(test)
    return sorted((tuple(group) for group in groups.values()), key=lambda alike: (_harm(alike), alike[0].test))


def _harm(tests: Tests) -> int:
    return min(list(Severity).index(test.severity) for test in tests)


def _finding(alike: Tests, kind: _Kind, incidents: Incidents) -> Finding:
    first = alike[0]
    incident = incidents.get(first.incident)
    more = f" ({counted(len(alike), 'test')})" if len(alike) > 1 else ""
    message = first.fault.message.partition("\n")[0] if first.fault else "no fault was recorded"
    where = [f"At {first.fault.location}."] if first.fault and first.fault.location else []
    severity = list(Severity)[_harm(alike)].value
    return Finding(
        rule=ID,
        blame=kind.blame,
        summary=brief(_summary(first, kind, more, incident)),
        detail="\n".join([*_hazard(kind, incident), message, *_pinned(alike), f"Severity {severity}.", *where]),
        fix=kind.fix,
        tests=ids(alike),
    )


def _summary(first: TestFinished, kind: _Kind, more: str, incident: IncidentPlan | None) -> str:
    """Return the fault in a line; of a past incident that has come back, with what patients would have suffered."""
    if incident is None:
        return f"{kind.shown}{more}: {first.title or first.test}"
    if kind is _FAILED:
        return f"{incident.id} {incident.title}{more}: {incident.hazard}"
    return f"{kind.shown}{more}: {incident.id} {incident.title}"


def _hazard(kind: _Kind, incident: IncidentPlan | None) -> Iterator[str]:
    if incident is not None and kind is _FAILED:
        yield f"Past incident {incident.id}, {incident.title}. What patients would have suffered: {incident.hazard}"


def _pinned(tests: Tests) -> Iterator[str]:
    """Yield each requirement that `tests` pin, once."""
    pinned = dict.fromkeys(requirement for test in tests for requirement in test.requirements)
    for requirement in pinned:
        yield f"Requirement: {requirement.specification}, {requirement.section} ({requirement.level.value})."
    if not pinned and not any(test.incident for test in tests):
        yield "Requirement: none is named."


def _unfinished(evidence: Evidence) -> Iterator[Finding]:
    """Yield the tests without an end, unless what cut the run short explains them."""
    unfinished = ids(ended(evidence.tests, Outcome.UNFINISHED))
    if unfinished and not cut_short(evidence):
        yield Finding(
            rule=ID,
            blame=Blame.HARNESS,
            summary=f"{counted(len(unfinished), 'test')} did not come to an end, and nothing says why",
            fix="look for a time limit or an end of the test process, then run the gate again",
            tests=unfinished,
        )


RULE = Rule(ID, "No test failed, and every test came to an end of its own.", check)
