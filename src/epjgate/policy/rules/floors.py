"""Rule floors: no fewer tests of a suite passed than the number committed for it."""

from __future__ import annotations

from epjgate.model.events import TestFinished
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.course import cut_short, ended, of_suite, planned, unjudged
from epjgate.policy.interface import Case, Rule
from epjgate.policy.rules.tests_passed import is_advisory
from epjgate.policy.wording import brief, counted

ID = "floors"


def check(case: Case) -> tuple[Finding, ...]:
    """Return a finding for each planned suite that has no floor, or in which fewer tests passed than its floor.

    A test that ran several times counts once. A run that was cut short misses floors for a reason that has its own
    finding.
    """
    evidence = case.evidence
    system = evidence.manifest.system if evidence.manifest else ""
    floors = case.floors.of(system)
    found = []
    for suite in planned(evidence):
        tests = tuple(test for test in of_suite(evidence, suite.name) if test.attempt == 1)
        floor = floors.get(suite.name)
        if floor is None and _is_about_others(case, system, suite.name, tests):
            continue
        if floor is None:
            found.append(_no_floor(system, suite.name, len(ended(tests, Outcome.PASSED))))
        elif not cut_short(evidence) and len(ended(tests, Outcome.PASSED)) < floor:
            found.append(_below(case, suite.name, tests, floor))
    return (*found, *unjudged(ID, evidence))


def _is_about_others(case: Case, system: str, suite: str, tests: tuple[TestFinished, ...]) -> bool:
    """Whether the policy says that the suite is for other systems, and indeed no test of it was applicable."""
    nothing = bool(tests) and len(ended(tests, Outcome.NOT_APPLICABLE)) == len(tests)
    return nothing and case.policy.not_applicable.share_of(system, suite) == 1


def _no_floor(system: str, suite: str, passed: int) -> Finding:
    return Finding(
        rule=ID,
        blame=Blame.HARNESS,
        summary=brief(f"No floor is committed for {suite}, so missing tests would go unnoticed"),
        detail=f"{counted(passed, 'test')} passed in this run.",
        fix=f'commit it in ci/floors.toml, below [floors.{system}]: "{suite}" = {max(passed, 1)}',
    )


def _below(case: Case, suite: str, tests: tuple[TestFinished, ...], floor: int) -> Finding:
    """Return the finding for a missed floor; the first of its explanations that suffices says whom to blame."""
    levels = case.policy.tests_passed.advisory_levels
    passed = len(ended(tests, Outcome.PASSED))
    advisory = sum(is_advisory(test, levels) for test in tests)
    faults = len(ended(tests, Outcome.FAILED, Outcome.UNREACHABLE)) - advisory
    broken = len(ended(tests, Outcome.BROKEN, Outcome.UNFINISHED))
    blame, why, fix = Blame.NOTHING_TESTED, "tests went missing", "find out which tests are gone or skipped, and why"
    if passed + advisory >= floor:
        blame, why, fix = Blame.NOBODY, f"{advisory} failed on advice only", "nothing must be done for this release"
    elif passed + advisory + faults >= floor:
        blame, why, fix = Blame.CANDIDATE, f"{faults} failed or got no answer", "mend what tests-passed names"
    elif passed + advisory + faults + broken >= floor:
        blame, why, fix = Blame.HARNESS, f"{broken} broke or did not end", "mend the tests that tests-passed names"
    return Finding(
        rule=ID,
        blame=blame,
        summary=brief(f"{passed} of at least {counted(floor, 'test')} of {suite} passed: {why}"),
        fix=fix,
    )


RULE = Rule(ID, "No fewer tests of a suite passed than the number committed for it.", check)
