"""The course of a run, as several rules need to know it: what was executed, and what cut it short."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from epjgate.model.events import EnvironmentStage, TestFinished
from epjgate.model.evidence import Evidence
from epjgate.model.manifest import SuitePlan
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.rehearsed import plan_of, undone
from epjgate.policy.wording import brief

_NOT_EXECUTED = frozenset({Outcome.SKIPPED, Outcome.NOT_APPLICABLE, Outcome.UNFINISHED})
_NEEDS_ENVIRONMENT = frozenset({Outcome.UNREACHABLE, Outcome.UNFINISHED})


def in_order(evidence: Evidence) -> Evidence:
    """Return `evidence` with its tests sorted by id, because tests end in any order."""
    return replace(evidence, tests=tuple(sorted(evidence.tests, key=lambda test: test.test)))


def planned(evidence: Evidence) -> tuple[SuitePlan, ...]:
    """Return the suites that the run set out to execute; none where the manifest could not be read."""
    return evidence.manifest.suites if evidence.manifest else ()


def of_suite(evidence: Evidence, suite: str) -> tuple[TestFinished, ...]:
    """Return the tests of `suite`."""
    return tuple(test for test in evidence.tests if test.suite == suite)


def ended(tests: Iterable[TestFinished], *outcomes: Outcome) -> tuple[TestFinished, ...]:
    """Return those of `tests` that ended in one of `outcomes`."""
    return tuple(test for test in tests if test.outcome in outcomes)


def executed(tests: Iterable[TestFinished]) -> tuple[TestFinished, ...]:
    """Return those of `tests` that ran to an end: not skipped, not applicable, not unfinished."""
    return tuple(test for test in tests if test.outcome not in _NOT_EXECUTED)


def ids(tests: Iterable[TestFinished]) -> tuple[str, ...]:
    """Return the node ids of `tests`, in their order."""
    return tuple(test.test for test in tests)


def environment_gone(evidence: Evidence) -> bool:
    """Whether the environment broke while tests needed it; one that breaks when it is stopped took none with it."""
    return evidence.broke is not None and evidence.broke.stage is not EnvironmentStage.STOP


def unusable(evidence: Evidence) -> tuple[TestFinished, ...]:
    """Return the tests that got no answer or no end because the environment was gone."""
    return ended(evidence.tests, *_NEEDS_ENVIRONMENT) if environment_gone(evidence) else ()


def cut_from_outside(evidence: Evidence) -> str:
    """Return, in words, what other than the suites themselves kept the run from being whole; empty if nothing did.

    Each of these has a finding of its own that stands in the way, so no other rule needs to repeat it.
    """
    if evidence.interrupted is not None:
        return "the run was interrupted"
    if evidence.flaws or evidence.manifest is None:
        return "the evidence cannot be relied on"
    if environment_gone(evidence):
        return "the environment broke"
    return "evidence was lost" if evidence.lost else ""


def cut_short(evidence: Evidence) -> str:
    """Return, in words, what kept the run from being whole, the suites themselves included; empty if nothing did.

    A step of a rehearsal that was not done has a finding of its own too, and leaves undone what was to follow.
    """
    return (
        cut_from_outside(evidence)
        or ("the suites broke off" if evidence.suites_broke else "")
        or ("a step of the rehearsal was not done" if undone(evidence) else "")
    )


def unjudged(rule: str, evidence: Evidence) -> tuple[Finding, ...]:
    """Return the note that `rule` could not be asked of a whole run, and why; nothing for a whole run with tests.

    The note blames nobody, because what cut the run short is blamed already; the judge counts its rule as not holding.
    """
    why = cut_short(evidence) or _empty(evidence)
    return (Finding(rule=rule, blame=Blame.NOBODY, summary=brief(f"Not judged as a whole: {why}")),) if why else ()


def not_rehearsed(rule: str, evidence: Evidence) -> tuple[Finding, ...]:
    """Return the finding that `rule` has nothing to judge where no upgrade was rehearsed; nothing for a rehearsal."""
    if plan_of(evidence) is not None:
        return ()
    nothing = Finding(
        rule=rule,
        blame=Blame.NOTHING_TESTED,
        summary="No upgrade was rehearsed, so nothing is known of one",
        fix="rehearse the upgrade with `epjgate rehearse`",
    )
    return unjudged(rule, evidence) if evidence.manifest is None else (nothing,)


def _empty(evidence: Evidence) -> str:
    if not planned(evidence):
        return "no suite was planned"
    return "" if evidence.tests else "no test was run"
