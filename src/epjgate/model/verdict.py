"""The verdict, and what it rests on."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from epjgate.model.approved_change import JudgedChange
from epjgate.model.base import Value
from epjgate.model.forecast import WindowForecast
from epjgate.model.identity import Identity
from epjgate.model.rehearsal import RehearsalPlan
from epjgate.model.rehearsal_events import AvailabilitySeen, CensusTaken, StepEnded, WindowNotForecasted

VERDICT_SCHEMA = "epjgate/verdict/1"


class Decision(StrEnum):
    """Approved, rejected (the candidate is at fault) or inconclusive (the harness or its surroundings are)."""

    APPROVED = "approved"
    REJECTED = "rejected"
    INCONCLUSIVE = "inconclusive"


class Blame(StrEnum):
    """Who stands in the way of an approval, in the order in which it decides.

    What shakes the run as a whole comes first: a candidate is convicted only by a run that could be relied on.
    """

    INTERRUPTED = "interrupted"
    NOTHING_TESTED = "nothing_tested"
    ENVIRONMENT = "environment"
    CANDIDATE = "candidate"
    HARNESS = "harness"
    NOBODY = "nobody"

    @property
    def rank(self) -> int:
        """Position in the order, 0 decides first."""
        return list(Blame).index(self)

    @property
    def decision(self) -> Decision:
        """The decision that this blame leads to."""
        match self:
            case Blame.NOBODY:
                return Decision.APPROVED
            case Blame.CANDIDATE:
                return Decision.REJECTED
            case _:
                return Decision.INCONCLUSIVE


class Finding(Value):
    """One thing that a rule found: whom it blames, in words, and the tests that show it.

    A finding that blames nobody is a note: it is shown and does not stand in the way.
    """

    rule: str
    blame: Blame
    summary: str
    detail: str = ""
    fix: str = ""
    tests: tuple[str, ...] = ()


class RuleResult(Value):
    """One rule of the policy, asked once."""

    rule: str
    title: str
    holds: bool
    findings: tuple[Finding, ...] = ()


class SuiteCount(Value):
    """How many tests of one suite ended in which outcome; `floor` is the committed number that must pass."""

    suite: str
    title: str
    counts: dict[str, int]
    floor: int | None = None

    @property
    def total(self) -> int:
        """All tests of the suite, whatever their outcome."""
        return sum(self.counts.values())


class Rehearsed(Value):
    """What a rehearsal of an upgrade did and found, as its evidence has it; None where nothing was told.

    A step of the plan that is not among `steps` was not done.
    """

    plan: RehearsalPlan
    steps: tuple[StepEnded, ...] = ()
    censuses: tuple[CensusTaken, ...] = ()
    availability: AvailabilitySeen | None = None
    forecast: WindowForecast | None = None
    not_forecasted: WindowNotForecasted | None = None


class Verdict(Value):
    """What the gate says of one candidate, bound to what was tested, with what, and when.

    `schema_version` names the documented layout of `verdict.json`; `evidence_digest` is the SHA-256
    of the bundle's digest list, so that a verdict can be held against its evidence. `changes` are what the candidate
    changed for its partners since the baseline, worst first.

    `rehearsal` names the upgrade, `from -> to`, where the verdict speaks of a rehearsal of it, and `rehearsed` what was
    found. Such a verdict releases nothing, whatever it decides: it was not asked what a release must show.
    """

    schema_version: str = VERDICT_SCHEMA
    decision: Decision
    blame: Blame
    run_id: str
    system: str
    candidate: str
    baseline: str
    environment: str
    identities: tuple[Identity, ...]
    suite_revision: str
    policy_digest: str
    evidence_digest: str
    seed: int
    started_at: datetime | None
    judged_at: datetime
    suites: tuple[SuiteCount, ...]
    rules: tuple[RuleResult, ...]
    changes: tuple[JudgedChange, ...] = ()
    rehearsal: str = ""
    rehearsed: Rehearsed | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, those that decide first; within the same blame in the order of the rules."""
        found = [finding for rule in self.rules for finding in rule.findings]
        return tuple(sorted(found, key=lambda finding: finding.blame.rank))
