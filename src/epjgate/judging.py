"""From a bundle on disk to a verdict, and from a verdict to everybody who wants to know it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from epjgate.errors import EvidenceUnwritable, UsageError
from epjgate.evidence.digests import demands_digest
from epjgate.evidence.journal import utc_now
from epjgate.evidence.layout import Layout
from epjgate.evidence.reader import read_bundle
from epjgate.model.approved_change import ApprovedChanges
from epjgate.model.evidence import Evidence
from epjgate.model.manifest import Manifest
from epjgate.model.parsing import parse_toml
from epjgate.model.verdict import Verdict
from epjgate.policy.document import Floors, Policy, SuitesExecuted
from epjgate.policy.interface import Case
from epjgate.policy.judge import judge
from epjgate.reports.interface import Publisher

# What is asked where the bundle's own policy cannot be read: more than any run can show.
_UNREADABLE = Policy(
    schema_version="epjgate/policy/1", suites_executed=SuitesExecuted(required=("(the policy could not be read)",))
)
_NO_FLOORS = Floors(schema_version="epjgate/floors/1", floors={})

Demands = tuple[Policy, Floors, ApprovedChanges]


@dataclass(frozen=True)
class Judged:
    """A bundle that was read once: what publishers tell is the very evidence that the verdict rests on."""

    verdict: Verdict
    evidence: Evidence
    folder: Path


def judge_bundle(folder: Path) -> Judged:
    """Return the evidence in `folder` and the verdict on it: offline, and the same however often it is asked.

    The policy is the one in the bundle, the clock that of its last event. Raises EvidenceUnreadable where there is no
    bundle at all; a bundle that is damaged gets a verdict that says so.
    """
    evidence = read_bundle(folder)
    demands, flaws = _demands(Layout(folder), evidence.manifest)
    case = Case(replace(evidence, flaws=(*evidence.flaws, *flaws)), *demands)
    return Judged(judge(case, evidence.finished_at or utc_now()), evidence, folder)


def publish(judged: Judged, publishers: Iterable[Publisher]) -> tuple[Path, ...]:
    """Have every publisher tell the verdict and return the files written.

    One that cannot write does not silence the others; raises EvidenceUnwritable once all have been asked.
    """
    written: list[Path] = []
    failures: list[EvidenceUnwritable] = []
    for publisher in publishers:
        try:
            written.extend(publisher.publish(judged.verdict, judged.evidence, judged.folder))
        except EvidenceUnwritable as err:
            failures.append(err)
    if failures:
        raise failures[0]
    return tuple(written)


def _demands(layout: Layout, manifest: Manifest | None) -> tuple[Demands, tuple[str, ...]]:
    try:
        texts = layout.policy.read_text(encoding="utf-8"), layout.floors.read_text(encoding="utf-8")
        policy, floors = parse_toml(texts[0], "policy.toml", Policy), parse_toml(texts[1], "floors.toml", Floors)
        approving = layout.approved.read_text(encoding="utf-8") if layout.approved.exists() else ""
        approved = parse_toml(approving, "approved-changes.toml", ApprovedChanges) if approving else ApprovedChanges()
    except (OSError, ValueError, UsageError) as err:
        return (_UNREADABLE, _NO_FLOORS, ApprovedChanges()), (f"the policy in the bundle cannot be read: {err}",)
    demands = policy, floors, approved
    if manifest is not None and manifest.policy_digest != demands_digest(*texts, approving):
        return demands, ("the policy in the bundle is not the one that the manifest names",)
    return demands, ()
