"""Rule suites-executed: every required suite was planned, found and executed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from epjgate.model.events import TestFinished
from epjgate.model.evidence import Evidence
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.course import cut_short, ended, executed, ids, of_suite, planned, unjudged
from epjgate.policy.interface import Case, Rule
from epjgate.policy.rehearsed import is_after, plan_of
from epjgate.policy.wording import brief, counted, listed

ID = "suites-executed"


def check(case: Case) -> tuple[Finding, ...]:
    """Return a finding for each required suite left out, each break of the suites, and tests not accounted for.

    What was not executed because the run was cut short is left to the finding that says so.
    """
    evidence = case.evidence
    own = (*_left_out(case), *_broke_off(evidence), *_not_collected(evidence), *_not_planned(evidence))
    if cut_short(evidence):
        return (*own, *unjudged(ID, evidence))
    return (*own, *_not_executed(case), *_unaccounted(evidence))


def _required(case: Case) -> tuple[str, ...]:
    if plan_of(case.evidence) is not None:
        return case.policy.suites_executed.rehearsal
    manifest = case.evidence.manifest
    return case.policy.suites_executed.of(manifest.system if manifest else "")


def _left_out(case: Case) -> Iterator[Finding]:
    if case.evidence.manifest is None:
        return
    names = {suite.name for suite in planned(case.evidence)}
    for suite in _required(case):
        if suite not in names:
            yield Finding(
                rule=ID,
                blame=Blame.NOTHING_TESTED,
                summary=brief(f"The required suite {suite} was not part of this run"),
                fix="run the gate with all required suites; leave `--suites` out",
            )


def _broke_off(evidence: Evidence) -> Iterator[Finding]:
    unfinished = ids(ended(evidence.tests, Outcome.UNFINISHED))
    for broke in evidence.suites_broke:
        yield Finding(
            rule=ID,
            blame=Blame.HARNESS,
            summary=brief(f"The suites broke off: {broke.problem}"),
            detail=f"{broke.why}\n{counted(len(unfinished), 'test')} did not come to an end.",
            fix="look for a memory limit or a crash of the test process in the bundle, then run the gate again",
            tests=unfinished,
        )


def _not_collected(evidence: Evidence) -> Iterator[Finding]:
    errors = sorted({error for collected in evidence.collected for error in collected.errors})
    if errors:
        yield Finding(
            rule=ID,
            blame=Blame.HARNESS,
            summary=brief(f"Tests could not be read or were left out: {listed(errors)}"),
            detail="\n".join(errors),
            fix="mend the files named, and let nothing deselect tests; skip a single test by declared_skip",
        )


def _not_planned(evidence: Evidence) -> Iterator[Finding]:
    names = {suite.name for suite in planned(evidence)}
    strays = ids(test for test in executed(evidence.tests) if test.suite not in names)
    if strays and evidence.manifest is not None:
        yield Finding(
            rule=ID,
            blame=Blame.HARNESS,
            summary=f"{counted(len(strays), 'test')} ran outside every planned suite, so no digest covers them",
            fix="move each test into a suite's folder",
            tests=strays,
        )


def _not_executed(case: Case) -> Iterator[Finding]:
    if not case.evidence.tests:
        yield Finding(
            rule=ID,
            blame=Blame.NOTHING_TESTED,
            summary="No test at all was run",
            fix="check that the suites' folders hold tests and that no option deselects them",
        )
        return
    names = {suite.name for suite in planned(case.evidence)}
    for suite in _required(case):
        tests = of_suite(case.evidence, suite)
        if suite in names and executed(tests) and not _crossed(tests, case.evidence):
            yield Finding(
                rule=ID,
                blame=Blame.NOTHING_TESTED,
                summary=brief(f"No test of the required suite {suite} was executed after the upgrade"),
                fix="read in the tests' reasons why they were not gone on with, then rehearse again",
                tests=ids(tests),
            )
        if suite in names and not executed(tests):
            found = Counter(test.outcome for test in tests)
            ends = ", ".join(f"{found[outcome]} {_words(outcome)}" for outcome in Outcome if found[outcome])
            yield Finding(
                rule=ID,
                blame=Blame.NOTHING_TESTED,
                summary=brief(f"The required suite {suite} executed no test: {ends or 'none was found'}"),
                fix="make the suite run against this system, or take it out of the policy",
                tests=ids(tests),
            )


def _crossed(tests: tuple[TestFinished, ...], evidence: Evidence) -> bool:
    """Whether one of `tests` was executed after the upgrade, where one is rehearsed."""
    return plan_of(evidence) is None or any(is_after(test) for test in executed(tests))


def _unaccounted(evidence: Evidence) -> Iterator[Finding]:
    if evidence.tests and not evidence.collected and not evidence.suites_broke:
        yield Finding(
            rule=ID,
            blame=Blame.NOTHING_TESTED,
            summary="Nothing says which tests were to run, so some may have gone missing",
            fix="run the gate again; if it recurs, report it as a fault of epjgate",
        )
    announced = {test for collected in evidence.collected for test in collected.tests}
    missing = tuple(sorted(announced - set(ids(evidence.tests))))
    if missing:
        yield Finding(
            rule=ID,
            blame=Blame.NOTHING_TESTED,
            summary=f"{counted(len(missing), 'test')} of those found left no result",
            fix="run the gate again; if it recurs, report it as a fault of epjgate",
            tests=missing,
        )


def _words(outcome: Outcome) -> str:
    return outcome.value.replace("_", " ")


RULE = Rule(ID, "Every required suite was planned, found and executed.", check)
