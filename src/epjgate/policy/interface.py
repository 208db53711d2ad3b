"""What every rule of the policy promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from epjgate.model.approved_change import ApprovedChanges
from epjgate.model.evidence import Evidence
from epjgate.model.verdict import Finding
from epjgate.policy.document import Floors, Policy


@dataclass(frozen=True)
class Case:
    """What lies before the judge: the evidence of one run, the policy, the committed floors, and approved changes."""

    evidence: Evidence
    policy: Policy
    floors: Floors
    approved: ApprovedChanges = field(default_factory=ApprovedChanges)


Check = Callable[[Case], tuple[Finding, ...]]


@dataclass(frozen=True)
class Rule:
    """One rule: `check` returns a finding for everything that stands in the way, nothing when the rule holds.

    `id` is the name in policy.toml and the heading in docs/policy.md; `title` is one sentence that states the rule.
    """

    id: str
    title: str
    check: Check
