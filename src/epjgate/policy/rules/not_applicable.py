"""Rule not-applicable: the system does what the policy demands of it, and most of each suite applies to it."""

from __future__ import annotations

from collections.abc import Iterator

from epjgate.model.events import TestFinished
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.course import cut_short, ended, executed, ids, of_suite, planned, unjudged
from epjgate.policy.interface import Case, Rule
from epjgate.policy.rehearsed import plan_of
from epjgate.policy.wording import brief, counted

ID = "not-applicable"


def check(case: Case) -> tuple[Finding, ...]:
    """Return a finding for each required capability that is missing and each suite of which too little applies.

    Part of a run proves neither; only missing reasons are found in a run that was cut short.
    """
    evidence = case.evidence
    idle = ended(evidence.tests, Outcome.NOT_APPLICABLE)
    whole = () if cut_short(evidence) else (*_missing(case, idle), *_too_many(case))
    return (*whole, *_unreasoned(idle), *_notes(idle), *unjudged(ID, evidence))


def _missing(case: Case, idle: tuple[TestFinished, ...]) -> Iterator[Finding]:
    """Yield the required capabilities that no executed test put to work.

    A test may need several; one that another test has put to work is not the one missing. The tests of a rehearsal
    need not put all of them to work: the candidate's own run does.
    """
    manifest = case.evidence.manifest
    required = case.policy.not_applicable.required_capabilities.get(manifest.system, ()) if manifest else ()
    at_work = {capability for test in executed(case.evidence.tests) for capability in test.capabilities}
    for capability in required if case.evidence.tests else ():
        tests = ids(test for test in idle if capability in test.capabilities)
        if capability in at_work:
            continue
        if tests:
            yield Finding(
                rule=ID,
                blame=Blame.CANDIDATE,
                summary=brief(f"The candidate lacks a capability that the policy requires of it: {capability}"),
                fix="bring the capability into the candidate, or decide in the policy that this system may lack it",
                tests=tests,
            )
        elif plan_of(case.evidence) is None:
            yield Finding(
                rule=ID,
                blame=Blame.NOTHING_TESTED,
                summary=brief(f"No test put a capability to work that the policy requires: {capability}"),
                fix="run the suites whose tests need it, or take it out of the policy",
            )


def _too_many(case: Case) -> Iterator[Finding]:
    manifest = case.evidence.manifest
    for suite in planned(case.evidence):
        limit = case.policy.not_applicable.share_of(manifest.system if manifest else "", suite.name)
        tests = of_suite(case.evidence, suite.name)
        idle = ended(tests, Outcome.NOT_APPLICABLE)
        if idle and len(idle) / len(tests) > limit:
            yield Finding(
                rule=ID,
                blame=Blame.NOTHING_TESTED,
                summary=brief(f"Too little of {suite.name} applies: {len(idle)} of {len(tests)} tests do not"),
                detail=f"The policy allows {limit:.0%} of a suite.",
                fix="describe what the system can do in its system.toml, or take the suite out of this system's run",
                tests=ids(idle),
            )


def _unreasoned(idle: tuple[TestFinished, ...]) -> Iterator[Finding]:
    tests = ids(test for test in idle if not test.reason.strip())
    if tests:
        yield Finding(
            rule=ID,
            blame=Blame.HARNESS,
            summary=f"{counted(len(tests), 'test')} said to be not applicable without a reason",
            fix="give the reason under `absent` in the system's system.toml",
            tests=tests,
        )


def _notes(idle: tuple[TestFinished, ...]) -> Iterator[Finding]:
    for reason in sorted({test.reason.strip() for test in idle} - {""}):
        tests = ids(test for test in idle if test.reason.strip() == reason)
        yield Finding(
            rule=ID,
            blame=Blame.NOBODY,
            summary=brief(f"{counted(len(tests), 'test')} not applicable: {reason}"),
            detail=reason,
            tests=tests,
        )


RULE = Rule(ID, "The system does what the policy demands of it, and most of each suite applies to it.", check)
