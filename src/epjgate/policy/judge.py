"""The judge: asks every rule of the policy, and says one verdict."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime

from epjgate.model.evidence import Evidence
from epjgate.model.outcome import Outcome
from epjgate.model.rehearsal import RehearsalPlan
from epjgate.model.verdict import Blame, Finding, Rehearsed, RuleResult, SuiteCount, Verdict
from epjgate.policy.approvals import judged_changes
from epjgate.policy.course import in_order, of_suite, planned, unjudged
from epjgate.policy.interface import Case, Rule
from epjgate.policy.rehearsed import plan_of
from epjgate.policy.rules import REHEARSAL_RULES, RULES
from epjgate.policy.wording import brief

UNKNOWN = "unknown"


def judge(case: Case, now: datetime, *, rules: tuple[Rule, ...] | None = None) -> Verdict:
    """Return the verdict on `case`, judged at `now`; equal for equal evidence, whatever the order of its tests.

    The blame that ranks first among all findings decides. A rule that crashes is a finding against the harness, and a
    verdict without rules is the harness's fault too: nothing that was not asked is approved. A rehearsal is asked rules
    of its own, and its verdict says that it is one; `rules` are asked in place of those that the run calls for.
    """
    case = replace(case, evidence=in_order(case.evidence))
    evidence, manifest = case.evidence, case.evidence.manifest
    plan = plan_of(evidence)
    called_for = RULES if plan is None else REHEARSAL_RULES
    results = tuple(_ask(rule, case) for rule in (called_for if rules is None else rules))
    blame = _deciding_blame(results)
    return Verdict(
        decision=blame.decision,
        blame=blame,
        run_id=manifest.run_id if manifest else UNKNOWN,
        system=manifest.system if manifest else UNKNOWN,
        candidate=manifest.candidate if manifest else UNKNOWN,
        baseline=manifest.baseline if manifest else UNKNOWN,
        environment=manifest.environment if manifest else UNKNOWN,
        identities=evidence.ready.identities if evidence.ready else (),
        suite_revision=manifest.suite_revision if manifest else UNKNOWN,
        policy_digest=manifest.policy_digest if manifest else UNKNOWN,
        evidence_digest=evidence.digest,
        seed=manifest.seed if manifest else 0,
        started_at=manifest.started_at if manifest else None,
        judged_at=now,
        suites=_suite_counts(case),
        rules=results,
        changes=judged_changes(case),
        rehearsal=f"{plan.from_release} -> {plan.to_release}" if plan else "",
        rehearsed=_rehearsed(evidence, plan) if plan else None,
    )


def _rehearsed(evidence: Evidence, plan: RehearsalPlan) -> Rehearsed:
    return Rehearsed(
        plan=plan,
        steps=evidence.steps_ended,
        censuses=evidence.censuses,
        availability=evidence.availability,
        forecast=evidence.forecasted.forecast if evidence.forecasted else None,
        not_forecasted=evidence.not_forecasted,
    )


def _ask(rule: Rule, case: Case) -> RuleResult:
    try:
        findings = rule.check(case)
    except Exception as err:  # noqa: BLE001 - whatever a rule dies of, it has not approved
        findings = (_crashed(rule, err),)
    return RuleResult(rule=rule.id, title=rule.title, holds=_holds(rule, findings, case.evidence), findings=findings)


def _crashed(rule: Rule, err: Exception) -> Finding:
    return Finding(
        rule=rule.id,
        blame=Blame.HARNESS,
        summary=brief(f"The rule {rule.id} could not be asked: it crashed"),
        detail=f"{type(err).__name__}: {err}",
        fix="report this as a fault of epjgate, with the bundle",
    )


def _holds(rule: Rule, findings: tuple[Finding, ...], evidence: Evidence) -> bool:
    """Whether `rule` holds: nothing stands in its way, and it was asked of a whole run."""
    left_open = unjudged(rule.id, evidence)
    return all(finding.blame is Blame.NOBODY and finding not in left_open for finding in findings)


def _deciding_blame(results: tuple[RuleResult, ...]) -> Blame:
    """Return the blame that ranks first; a rule left open for which nobody is blamed is the harness's own fault."""
    blames = (finding.blame for result in results for finding in result.findings)
    first = min(blames, key=lambda blame: blame.rank, default=Blame.NOBODY)
    every_rule_holds = bool(results) and all(result.holds for result in results)
    return Blame.HARNESS if first is Blame.NOBODY and not every_rule_holds else first


def _suite_counts(case: Case) -> tuple[SuiteCount, ...]:
    """Return one count for each planned suite, in the order of the plan, then for each that nobody planned."""
    evidence = case.evidence
    titles = {suite.name: suite.title for suite in planned(evidence)}
    for test in evidence.tests:
        titles.setdefault(test.suite, test.suite or "in no planned suite")
    asked = plan_of(evidence) is None  # no floor is asked of a rehearsal
    floors = case.floors.of(evidence.manifest.system) if evidence.manifest and asked else {}
    return tuple(
        SuiteCount(suite=name, title=title, counts=_counts(evidence, name), floor=floors.get(name))
        for name, title in titles.items()
    )


def _counts(evidence: Evidence, suite: str) -> dict[str, int]:
    found = Counter(test.outcome for test in of_suite(evidence, suite))
    return {outcome.value: found[outcome] for outcome in Outcome}
