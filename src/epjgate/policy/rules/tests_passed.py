"""Rule tests-passed: no test failed, and every test came to an end of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from epjgate.model.events import Level, Severity, TestFinished
from epjgate.model.evidence import Evidence
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.course import cut_short, ended, ids, unjudged, unusable
from epjgate.policy.interface import Case, Rule
from epjgate.policy.wording import brief, counted

ID = "tests-passed"
Tests = tuple[TestFinished, ...]


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
_ADVISORY = _Kind(
    Blame.NOBODY,
    "Recommended, and does not hold",
    "nothing must be done for this release; the requirement is a recommendation",
)


def check(case: Case) -> tuple[Finding, ...]:
    """Return one finding for each fault, however many tests show it, worst severity first.

    Tests that a broken environment made unusable are left to the finding that names its root cause.
    """
    evidence, levels = case.evidence, case.policy.tests_passed.advisory_levels
    spoiled = set(ids(unusable(evidence)))
    tests = tuple(test for test in evidence.tests if test.test not in spoiled)
    failed = ended(tests, Outcome.FAILED)
    return (
        *(_finding(alike, _FAILED) for alike in _faults(test for test in failed if not is_advisory(test, levels))),
        *(_finding(alike, _UNREACHABLE) for alike in _faults(ended(tests, Outcome.UNREACHABLE))),
        *(_finding(alike, _BROKEN) for alike in _faults(ended(tests, Outcome.BROKEN))),
        *_unfinished(evidence),
        *(_finding(alike, _ADVISORY) for alike in _faults(test for test in failed if is_advisory(test, levels))),
        *unjudged(ID, evidence),
    )


def is_advisory(test: TestFinished, levels: tuple[Level, ...]) -> bool:
    """Whether `test` failed and all it pins are requirements of `levels`; a test that pins none is not advisory."""
    pinned = {requirement.level for requirement in test.requirements}
    return test.outcome is Outcome.FAILED and bool(pinned) and pinned <= set(levels)


def _faults(tests: Iterable[TestFinished]) -> list[Tests]:
    """Return `tests` grouped by the fingerprint of their fault, worst severity first; one without stands alone."""
    groups: dict[str, list[TestFinished]] = {}
    for test in tests:
        fingerprint = test.fault.fingerprint if test.fault else ""
        groups.setdefault(fingerprint or f"of its own: {test.test}", []).append(test)
    return sorted((tuple(group) for group in groups.values()), key=lambda alike: (_harm(alike), alike[0].test))


def _harm(tests: Tests) -> int:
    return min(list(Severity).index(test.severity) for test in tests)


def _finding(alike: Tests, kind: _Kind) -> Finding:
    first = alike[0]
    more = f" ({counted(len(alike), 'test')})" if len(alike) > 1 else ""
    message = first.fault.message.partition("\n")[0] if first.fault else "no fault was recorded"
    where = [f"At {first.fault.location}."] if first.fault and first.fault.location else []
    severity = list(Severity)[_harm(alike)].value
    return Finding(
        rule=ID,
        blame=kind.blame,
        summary=brief(f"{kind.shown}{more}: {first.title or first.test}"),
        detail="\n".join([message, *_pinned(alike), f"Severity {severity}.", *where]),
        fix=kind.fix,
        tests=ids(alike),
    )


def _pinned(tests: Tests) -> Iterator[str]:
    """Yield each requirement that `tests` pin, once."""
    pinned = dict.fromkeys(requirement for test in tests for requirement in test.requirements)
    for requirement in pinned:
        yield f"Requirement: {requirement.specification}, {requirement.section} ({requirement.level.value})."
    if not pinned:
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
