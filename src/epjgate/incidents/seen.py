"""What the evidence of one build shows of one incident: red for its reason, green, or neither, and why not.

Judged from the evidence and never from an exit status, in this order:
1. The run as a whole can be relied on: no interruption, no broken environment, no flaw.
2. The incident's tests were found, and each ran as often as asked.
3. Every end speaks of the candidate: nothing broke, went unanswered, was left out or did not apply.
4. Each test ended the same way in every attempt.
5. Red: at least one test failed by an assertion of its own, after asking the candidate something, with a fingerprint
   that stayed the same.
   Green: every test passed, having asked and checked something.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from epjgate.incidents.record import SUITE, Record
from epjgate.incidents.skeleton import NOT_WRITTEN
from epjgate.model.events import Fault, TestFinished
from epjgate.model.evidence import Evidence
from epjgate.model.outcome import Outcome

Tests = tuple[TestFinished, ...]
_JUDGES = (Outcome.PASSED, Outcome.FAILED)
_SAID_BY_A_TEST = frozenset({"AssertionError", "Failed"})  # `assert`, and pytest's own: fail, raises
_IN_WORDS = {
    Outcome.UNREACHABLE: "got no answer",
    Outcome.BROKEN: "broke before it judged the build",
    Outcome.UNFINISHED: "did not come to an end",
    Outcome.SKIPPED: "was skipped",
    Outcome.NOT_APPLICABLE: "is not applicable",
}


class TroubleKind(StrEnum):
    """What kept a whole build from being observed."""

    INTERRUPTED = "interrupted"
    ENVIRONMENT = "environment"
    HARNESS = "harness"


@dataclass(frozen=True)
class Trouble:
    """Why nothing that was seen on a build counts; it speaks neither of the build nor of any test."""

    kind: TroubleKind
    why: str


@dataclass(frozen=True)
class Red:
    """What the tests showed on the build that has the fault; without `refused` they were red as they must be.

    `fingerprints` are those of the failing tests, `message` is the first of them, redacted.
    """

    refused: tuple[str, ...]
    fingerprints: tuple[str, ...] = ()
    message: str = ""


def trouble_of(evidence: Evidence) -> Trouble | None:
    """Return what kept the build from being observed as a whole, None where nothing did (step 1)."""
    if evidence.interrupted is not None:
        return Trouble(TroubleKind.INTERRUPTED, f"interrupted by {evidence.interrupted.signal}")
    if evidence.broke is not None:
        broke = evidence.broke
        return Trouble(TroubleKind.ENVIRONMENT, f"the environment broke ({broke.stage}): {broke.problem}: {broke.why}")
    unsound = [
        *evidence.flaws,
        *(f"evidence was lost: {lost.why}" for lost in evidence.lost),
        *(f"the tests broke off: {broke.problem}: {broke.why}" for broke in evidence.suites_broke),
    ]
    if evidence.ready is None or evidence.checked is None or evidence.suites_finished is None:
        unsound.append("the run did not come to its end")
    return Trouble(TroubleKind.HARNESS, "; ".join(unsound)) if unsound else None


def red_of(record: Record, evidence: Evidence, times: int) -> Red:
    """Return what the tests of `record`, `times` attempts each, showed on a build that has the fault (steps 2 to 5)."""
    tests = ends_of(record, evidence)
    if reasons := tuple(_unsound(record, evidence, tests, times)):
        return Red(reasons)
    failed = tuple(test for test in tests if test.outcome is Outcome.FAILED)
    if not failed:
        return Red(("every test passes on it: they do not see the fault",))
    fingerprints = tuple(sorted({fingerprint_of(test) for test in failed}))
    message = failed[0].fault.message.partition("\n")[0] if failed[0].fault else ""
    return Red(tuple(_not_red_enough(record, failed)), fingerprints, message)


def refused_green(record: Record, evidence: Evidence, times: int) -> tuple[str, ...]:
    """Return why the tests of `record` were not green on a build without the fault; nothing where they were."""
    tests = ends_of(record, evidence)
    if reasons := tuple(_unsound(record, evidence, tests, times)):
        return reasons
    failed = [f"{_name(test)} is red: {_why(test)}" for test in tests if test.outcome is Outcome.FAILED]
    vacuous = [
        f"{_name(test)} passes without checking anything or without asking the build"
        for test in tests
        if test.outcome is Outcome.PASSED and not (test.assertions and test.exchanges)
    ]
    return tuple(dict.fromkeys((*failed, *vacuous)))


def refused_reason(record: Record, red: Red) -> str:
    """Return why `red` is not the fault that `record` names; empty where it is. A record that names none fits none."""
    expected = set(record.incident.fingerprint)
    if not expected:
        return f"no fingerprint is recorded; seen: {', '.join(red.fingerprints)}, {red.message!r}"
    if expected == set(red.fingerprints):
        return ""
    return (
        f"red for another reason than the recorded one: expected {', '.join(sorted(expected))}, "
        f"seen {', '.join(red.fingerprints)}, {red.message!r}"
    )


def ends_of(record: Record, evidence: Evidence) -> Tests:
    """Return the tests that lie in the folder of `record`, by name and attempt."""
    inside = f"{SUITE}/{record.folder.name}/"
    return tuple(
        sorted(
            (test for test in evidence.tests if test.test.startswith(inside)), key=lambda one: (one.attempt, one.test)
        )
    )


def fingerprint_of(test: TestFinished) -> str:
    """Return the fingerprint of what `test` found, empty where it found nothing."""
    return test.fault.fingerprint if test.fault else ""


def base_of(test: TestFinished) -> str:
    """Return the id of `test` without its attempt."""
    suffix = f"attempt {test.attempt}]"
    if not test.test.endswith(suffix):
        return test.test
    rest = test.test.removesuffix(suffix)
    return rest.removesuffix("[") if rest.endswith("[") else rest.removesuffix("-") + "]"


def _unsound(record: Record, evidence: Evidence, tests: Tests, times: int) -> Iterator[str]:
    """Yield what keeps `tests` from saying anything (steps 2 to 4)."""
    inside = f"{SUITE}/{record.folder.name}/"
    errors = [error for found in evidence.collected for error in found.errors if error.startswith(inside)]
    yield from (f"its test cannot be read: {error.removeprefix(inside)}" for error in errors)
    if not tests and not errors:
        yield "it has no test"
    yield from dict.fromkeys(
        f"{_name(test)} {_IN_WORDS[test.outcome]}: {_why(test)}" for test in tests if test.outcome not in _JUDGES
    )
    for base, attempts in _by_base(tests).items():
        outcomes = [test.outcome for test in attempts]
        if len(attempts) != times:
            yield f"{short_name(base)} ran {len(attempts)} times and not {times}"
        elif set(outcomes) == set(_JUDGES):
            found = f"{outcomes.count(Outcome.FAILED)} of {times} attempts failed"
            yield f"{short_name(base)} is flaky: {found} on the same build"


def bases_of(record: Record, evidence: Evidence) -> frozenset[str]:
    """Return the tests of `record` that were met, without their attempts."""
    return frozenset(map(base_of, ends_of(record, evidence)))


def _not_red_enough(record: Record, failed: Tests) -> Iterator[str]:
    """Yield why failures that agree are still no proof (step 5)."""
    yield from dict.fromkeys(
        f"{_name(test)} fails by {test.fault.kind} at {test.fault.location}, not by an assertion of its own"
        for test in failed
        if test.fault is not None and not _is_own_assertion(record, test.fault)
    )
    if any(test.fault is not None and NOT_WRITTEN in test.fault.message for test in failed):
        yield f"its test is {NOT_WRITTEN}"
    elif any(not test.exchanges for test in failed):
        yield "a test fails without asking the build anything"
    for base, attempts in _by_base(failed).items():
        fingerprints = {fingerprint_of(test) for test in attempts}
        if "" in fingerprints:
            yield f"{short_name(base)} fails without a fingerprint"
        elif len(fingerprints) > 1:
            yield (
                f"{short_name(base)} has no stable fingerprint ({', '.join(sorted(fingerprints))}): "
                "give the assertion a message that is the same every time"
            )


def _is_own_assertion(record: Record, fault: Fault) -> bool:
    """Whether a test of `record` says itself what is wrong; what drivers and fixtures say may mean anything."""
    here = {file.name for file in record.tests}
    return fault.kind in _SAID_BY_A_TEST and fault.location.partition(":")[0] in here


def _by_base(tests: Iterable[TestFinished]) -> dict[str, list[TestFinished]]:
    groups: dict[str, list[TestFinished]] = {}
    for test in tests:
        groups.setdefault(base_of(test), []).append(test)
    return groups


def _name(test: TestFinished) -> str:
    return short_name(base_of(test))


def short_name(base: str) -> str:
    """Return the name of a test without its file."""
    return base.rpartition("::")[2]


def _why(test: TestFinished) -> str:
    return test.fault.message.partition("\n")[0] if test.fault else test.reason or "nothing says why"
