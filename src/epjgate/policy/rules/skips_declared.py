"""Rule skips-declared: a test that is skipped says why, and who answers for it."""

from __future__ import annotations

from epjgate.model.events import TestFinished
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.course import ended, ids, unjudged
from epjgate.policy.interface import Case, Rule
from epjgate.policy.rehearsed import not_gone_on_with
from epjgate.policy.wording import brief, counted

ID = "skips-declared"


def check(case: Case) -> tuple[Finding, ...]:
    """Return one finding for the skips without reason or owner, and a note for each reason that was declared.

    Of a test that crosses an upgrade, parts that could not be gone on with are left to the finding that says why.
    """
    explained = not_gone_on_with(case.evidence)
    undeclared: list[TestFinished] = []
    declared: dict[tuple[str, str], list[TestFinished]] = {}
    for test in ended(case.evidence.tests, Outcome.SKIPPED):
        reason, owner = test.reason.strip(), test.owner.strip()
        if reason and owner:
            declared.setdefault((reason, owner), []).append(test)
        elif test.test not in explained:
            undeclared.append(test)
    notes = (_note(reason, owner, tests) for (reason, owner), tests in sorted(declared.items()))
    return (*_undeclared(undeclared), *notes, *unjudged(ID, case.evidence))


def _undeclared(tests: list[TestFinished]) -> tuple[Finding, ...]:
    if not tests:
        return ()
    finding = Finding(
        rule=ID,
        blame=Blame.HARNESS,
        summary=f"{counted(len(tests), 'test')} skipped without a reason or without an owner",
        fix="name the reason and the owner where the test is skipped, or let it run",
        tests=ids(tests),
    )
    return (finding,)


def _note(reason: str, owner: str, tests: list[TestFinished]) -> Finding:
    return Finding(
        rule=ID,
        blame=Blame.NOBODY,
        summary=brief(f"{counted(len(tests), 'test')} skipped: {reason}"),
        detail=f"{reason}\nOwner: {owner}.",
        tests=ids(tests),
    )


RULE = Rule(ID, "Every skipped test names its reason and its owner.", check)
