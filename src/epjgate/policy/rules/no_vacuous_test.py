"""Rule no-vacuous-test: a test that passed has asked the candidate something and checked the answer."""

from __future__ import annotations

from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.course import ended, ids, unjudged
from epjgate.policy.interface import Case, Rule
from epjgate.policy.rehearsed import prepares
from epjgate.policy.wording import counted

ID = "no-vacuous-test"


def check(case: Case) -> tuple[Finding, ...]:
    """Return one finding for the passed tests without an assertion, and one for those without an exchange.

    In a rehearsal, the part of a test before the upgrade prepares, and may leave the checking to those behind it.
    """
    passed = ended(case.evidence.tests, Outcome.PASSED)
    unchecked = ids(test for test in passed if test.assertions <= 0 and not prepares(test, case.evidence))
    unasked = ids(test for test in passed if test.exchanges <= 0)
    return (
        *_vacuous(unchecked, "without checking anything", "assert what must hold, in each test named"),
        *_vacuous(unasked, "without asking the candidate anything", "use the drivers, so that exchanges are seen"),
        *unjudged(ID, case.evidence),
    )


def _vacuous(tests: tuple[str, ...], how: str, fix: str) -> tuple[Finding, ...]:
    if not tests:
        return ()
    summary = f"{counted(len(tests), 'test')} passed {how}"
    return (Finding(rule=ID, blame=Blame.HARNESS, summary=summary, fix=fix, tests=tests),)


RULE = Rule(ID, "Every test that passed asked the candidate something and checked the answer.", check)
