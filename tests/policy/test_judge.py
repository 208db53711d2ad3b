"""The judge."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.model.events import EnvironmentCause, EvidenceLost, RunFinished
from epjgate.model.evidence import Evidence
from epjgate.model.identity import DigestKind
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame, Decision, Finding
from epjgate.policy.interface import Case, Rule
from epjgate.policy.judge import UNKNOWN, judge
from epjgate.policy.rules import RULES

if TYPE_CHECKING:
    from tests.policy.conftest import Builders

Broken = Callable[["Builders"], Evidence]
SKIP: dict[str, Any] = {"outcome": Outcome.SKIPPED, "reason": "awaits INC-7", "owner": "lab team"}
IDLE: dict[str, Any] = {"outcome": Outcome.NOT_APPLICABLE, "reason": "no audit", "capabilities": ("audit",)}
# Each way to break a run: the evidence it leaves behind, and whom the judge must blame.
TRUTH: dict[str, tuple[Broken, Blame]] = {
    "good": (lambda b: b.evidence(), Blame.NOBODY),
    "no evidence": (lambda _: Evidence(manifest=None), Blame.NOTHING_TESTED),
    "zero tests": (lambda b: b.empty(), Blame.NOTHING_TESTED),
    "missing suite": (lambda b: b.evidence(manifest=b.manifest("incidents")), Blame.NOTHING_TESTED),
    "truncated journal": (
        lambda b: b.evidence(flaws=("truncated",), run_finished=None, suites_finished=None, checked=None),
        Blame.NOTHING_TESTED,
    ),
    "unknown schema": (lambda b: b.evidence(manifest=None, flaws=("schema 9",)), Blame.NOTHING_TESTED),
    "all skipped": (lambda b: b.evidence(*(b.test(n, **SKIP) for n in "abcd")), Blame.NOTHING_TESTED),
    "all not applicable": (lambda b: b.evidence(*(b.test(n, **IDLE) for n in "abcd")), Blame.NOTHING_TESTED),
    "interrupted": (
        lambda b: b.evidence(tests=(), interrupted=b.interrupted(), suites_finished=None, checked=None),
        Blame.INTERRUPTED,
    ),
    "interrupted while starting": (
        lambda b: b.evidence(
            tests=(), collected=(), interrupted=b.interrupted(), ready=None, suites_finished=None, checked=None
        ),
        Blame.INTERRUPTED,
    ),
    "engine stopped": (
        lambda b: b.evidence(
            b.failed("a"),
            b.test("b", outcome=Outcome.UNREACHABLE),
            b.test("c", outcome=Outcome.UNFINISHED),
            broke=b.broke(EnvironmentCause.ENGINE),
            suites_finished=None,
            checked=None,
        ),
        Blame.ENVIRONMENT,
    ),
    "never started": (
        lambda b: b.evidence(
            tests=(),
            collected=(),
            ready=None,
            checked=None,
            suites_finished=None,
            broke=b.broke(EnvironmentCause.SET_UP),
        ),
        Blame.ENVIRONMENT,
    ),
    "candidate crashed": (
        lambda b: b.evidence(
            b.test("a"),
            b.test("b", outcome=Outcome.UNREACHABLE),
            b.test("c", outcome=Outcome.UNFINISHED),
            broke=b.broke(EnvironmentCause.CRASHED),
            suites_finished=None,
            checked=None,
        ),
        Blame.CANDIDATE,
    ),
    "disk full": (
        lambda b: b.evidence(b.test("a"), lost=(EvidenceLost(why="no space left"),), run_finished=None),
        Blame.ENVIRONMENT,
    ),
    "test process killed": (
        lambda b: b.evidence(
            b.test("a"),
            b.test("b", outcome=Outcome.UNFINISHED),
            suites_broke=(b.suites_broke(),),
            suites_finished=None,
        ),
        Blame.HARNESS,
    ),
    "failed": (lambda b: b.evidence(*(b.test(n) for n in "abc"), b.failed("d")), Blame.CANDIDATE),
    "failed and broken": (
        lambda b: b.evidence(b.test("a"), b.test("b"), b.failed("c"), b.test("d", outcome=Outcome.BROKEN)),
        Blame.CANDIDATE,
    ),
    "broken": (
        lambda b: b.evidence(*(b.test(n) for n in "abc"), b.test("d", outcome=Outcome.BROKEN)),
        Blame.HARNESS,
    ),
    "vacuous": (lambda b: b.evidence(*(b.test(n) for n in "abc"), b.test("d", assertions=0)), Blame.HARNESS),
    "unidentified": (
        lambda b: b.evidence(ready=b.ready(b.identity(digest="", kind=DigestKind.NONE))),
        Blame.HARNESS,
    ),
    "left behind": (lambda b: b.evidence(run_finished=RunFinished(left_behind=("pid 7",))), Blame.HARNESS),
}


@pytest.mark.parametrize("name", TRUTH)
def test_the_truth_table(build: Builders, name: str) -> None:
    """Each way to break a run blames what broke it; only the good run is approved."""
    broken, blame = TRUTH[name]
    verdict = judge(build.case(broken(build)), build.now)
    assert (verdict.blame, verdict.decision) == (blame, blame.decision)
    assert (verdict.decision is Decision.APPROVED) is (name == "good")


@pytest.mark.parametrize("name", ["engine stopped", "never started", "candidate crashed"])
def test_a_broken_environment_is_told_once(build: Builders, name: str) -> None:
    """One finding names the root cause and what follows from it is noted; faults seen before stand beside it."""
    verdict = judge(build.case(TRUTH[name][0](build)), build.now)
    blamed = [finding.rule for finding in verdict.findings if finding.blame is not Blame.NOBODY]
    assert blamed == (["environment-healthy", "tests-passed"] if name == "engine stopped" else ["environment-healthy"])
    assert not any(rule.holds for rule in verdict.rules if rule.rule in {"floors", "suites-executed", "tests-passed"})


def test_an_approved_verdict_says_what_it_rests_on(build: Builders) -> None:
    """Every rule was asked and holds, and everything that was tested, and with what, is named."""
    verdict = judge(build.case(), build.now)
    assert [rule.rule for rule in verdict.rules] == [rule.id for rule in RULES]
    assert all(rule.holds for rule in verdict.rules)
    assert (verdict.run_id, verdict.system, verdict.candidate, verdict.baseline) == ("run-1", "sekmet", "2", "1")
    assert (verdict.environment, verdict.suite_revision, verdict.policy_digest) == ("process", "rev", "pol")
    assert (verdict.identities, verdict.seed, verdict.evidence_digest) == ((build.identity(),), 7, "sha256:e")
    assert (verdict.started_at, verdict.judged_at) == (build.now, build.now)


def test_without_a_manifest_nothing_is_invented(build: Builders) -> None:
    """What the run did not say is unknown."""
    verdict = judge(build.case(Evidence(manifest=None)), build.now)
    assert {verdict.run_id, verdict.system, verdict.candidate, verdict.baseline, verdict.environment} == {UNKNOWN}
    assert {verdict.suite_revision, verdict.policy_digest} == {UNKNOWN}
    assert (verdict.identities, verdict.started_at, verdict.suites) == ((), None, ())


def test_every_planned_suite_is_counted_even_without_tests(build: Builders) -> None:
    """A suite without tests is shown with zeros, and so is one that nobody planned."""
    evidence = build.evidence(
        build.test("a"),
        build.failed("b"),
        build.test("c", suite="stray"),
        build.test("d", suite=""),
        manifest=build.manifest("incidents", build.suite),
    )
    incidents, contracts, stray, homeless = judge(build.case(evidence), build.now).suites
    assert (incidents.suite, incidents.title, incidents.total, incidents.floor) == (
        "incidents",
        "Suite incidents",
        0,
        None,
    )
    assert (contracts.counts["passed"], contracts.counts["failed"], contracts.total, contracts.floor) == (1, 1, 2, 4)
    assert (stray.title, stray.total) == ("stray", 1)
    assert (homeless.title, homeless.total) == ("in no planned suite", 1)
    assert set(incidents.counts) == {outcome.value for outcome in Outcome}


def test_a_rule_that_crashes_has_not_approved(build: Builders) -> None:
    """A crash is a finding against the harness that names the rule; the other rules are still asked."""

    def crash(_case: Case) -> tuple[Finding, ...]:
        raise ZeroDivisionError("share of nothing")

    verdict = judge(build.case(), build.now, rules=(Rule("fragile", "Holds.", crash), *RULES))
    assert (verdict.blame, verdict.rules[0].holds) == (Blame.HARNESS, False)
    assert verdict.rules[0].findings[0].detail == "ZeroDivisionError: share of nothing"
    assert all(rule.holds for rule in verdict.rules[1:])


def test_no_rules_approve_nothing(build: Builders) -> None:
    """Empty never passes."""
    assert judge(build.case(), build.now, rules=()).blame is Blame.HARNESS


def test_a_rule_left_open_while_nobody_is_blamed_does_not_approve(build: Builders) -> None:
    """A rule that was not asked of a whole run does not hold, also where no other rule says why."""
    vacuous = tuple(rule for rule in RULES if rule.id == "no-vacuous-test")
    verdict = judge(build.case(build.empty()), build.now, rules=vacuous)
    assert (verdict.findings[0].blame, verdict.rules[0].holds, verdict.blame) == (Blame.NOBODY, False, Blame.HARNESS)


def test_a_note_does_not_stand_in_the_way(build: Builders) -> None:
    """A declared skip above the floor is shown, its rule holds, and the run is approved."""
    evidence = build.evidence(*(build.test(name) for name in "abcd"), build.test("e", **SKIP))
    verdict = judge(build.case(evidence), build.now)
    assert [finding.rule for finding in verdict.findings] == ["skips-declared"]
    assert (verdict.decision, all(rule.holds for rule in verdict.rules)) == (Decision.APPROVED, True)
