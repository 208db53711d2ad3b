"""The judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from epjgate.model.events import EnvironmentCause, EvidenceLost, Level, RunFinished, TestFinished
from epjgate.model.evidence import Evidence
from epjgate.model.manifest import DigestKind
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame, Decision, Finding, Verdict
from epjgate.policy.interface import Case, Rule
from epjgate.policy.judge import UNKNOWN, judge
from epjgate.policy.rules import RULES

if TYPE_CHECKING:
    from tests.policy.conftest import Builders

Broken = Callable[["Builders"], Evidence]
GOOD_EVENTS = ("manifest", "ready", "checked", "suites_finished", "run_finished", "collected", "tests")
SKIP: dict[str, Any] = {"outcome": Outcome.SKIPPED, "reason": "awaits INC-7", "owner": "lab team"}
IDLE: dict[str, Any] = {"outcome": Outcome.NOT_APPLICABLE, "reason": "no audit", "capabilities": ("audit",)}
# Reads like the evidence of a run that the table of issues calls broken, then what the judge must make of it.
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


def outcomes() -> st.SearchStrategy[dict[str, Any]]:
    """Return changes to a test: most leave it passed, the others end it in every way there is."""
    return st.one_of(
        st.just({}),
        st.just(SKIP),
        st.just(IDLE),
        st.builds(
            lambda outcome, assertions, reason: {"outcome": outcome, "assertions": assertions, "reason": reason},
            st.sampled_from(Outcome),
            st.integers(0, 1),
            st.sampled_from(["", "because"]),
        ),
    )


def runs() -> st.SearchStrategy[tuple[list[dict[str, Any]], dict[str, bool], int]]:
    """Return what makes a run: the changes to each of its tests, what is wrong with it, and the floor."""
    wrongs = ("flaws", "lost", "broke", "interrupted", "suites_broke", *GOOD_EVENTS)
    wrong = st.dictionaries(st.sampled_from(wrongs), st.just(value=True), max_size=2)
    return st.tuples(st.lists(outcomes(), max_size=6), st.one_of(st.just({}), wrong), st.integers(1, 4))


def case_of(build: Builders, run: tuple[list[dict[str, Any]], dict[str, bool], int]) -> Case:
    """Return the case that `run` describes."""
    changes, wrong, floor = run
    tests = [build.test(str(number), **change) for number, change in enumerate(changes)]
    bad = {
        "flaws": ("altered",),
        "lost": (EvidenceLost(why="disk"),),
        "broke": build.broke(),
        "interrupted": build.interrupted(),
        "suites_broke": (build.suites_broke(),),
    }
    evidence = build.evidence(*tests) if tests else build.empty()
    for event in wrong:
        evidence = replace(evidence, **{event: bad[event]}) if event in bad else without(evidence, event)
    return build.case(evidence, floor=floor)


def without(evidence: Evidence, event: str) -> Evidence:
    """Return `evidence` as if `event` had never been written."""
    nothing: Any = () if event in {"collected", "tests"} else None
    return replace(evidence, **{event: nothing})


def degraded(evidence: Evidence, number: int, change: dict[str, Any]) -> Evidence:
    """Return `evidence` with `change` applied to one test."""
    tests = list(evidence.tests)
    tests[number] = tests[number].model_copy(update=change)
    return replace(evidence, tests=tuple(tests))


def is_sound(test: TestFinished) -> bool:
    """Whether `test` may be part of an approved run; the builder's policy takes no advice for tests without level."""
    match test.outcome:
        case Outcome.PASSED:
            return test.assertions > 0 and test.exchanges > 0
        case Outcome.SKIPPED:
            return bool(test.reason and test.owner)
        case Outcome.NOT_APPLICABLE:
            return bool(test.reason)
        case Outcome.FAILED:
            return bool(test.requirements) and all(one.level is Level.SHOULD for one in test.requirements)
        case _:
            return False


@pytest.mark.parametrize("name", TRUTH)
def test_the_truth_table(build: Builders, name: str) -> None:
    """Each way to break a run blames what broke it; only the good run is approved."""
    broken, blame = TRUTH[name]
    verdict = judge(build.case(broken(build)), build.now)
    assert (verdict.blame, verdict.decision) == (blame, blame.decision)
    assert (verdict.decision is Decision.APPROVED) is (name == "good")


@pytest.mark.parametrize("name", ["engine stopped", "never started", "candidate crashed"])
def test_a_broken_environment_is_told_once(build: Builders, name: str) -> None:
    """One finding names the root cause; what follows from it is noted, and only faults seen before it stand beside it."""
    verdict = judge(build.case(TRUTH[name][0](build)), build.now)
    blamed = [finding.rule for finding in verdict.findings if finding.blame is not Blame.NOBODY]
    assert blamed == (["environment-healthy", "tests-passed"] if name == "engine stopped" else ["environment-healthy"])
    assert not any(rule.holds for rule in verdict.rules if rule.rule in {"floors", "suites-executed", "tests-passed"})


def test_an_approved_verdict_says_what_it_rests_on(build: Builders) -> None:
    """Every rule was asked and holds; the verdict is bound to run, candidate, bits, suites, policy, evidence and time."""
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
        manifest=build.manifest("incidents", build.suite),
    )
    incidents, contracts, stray = judge(build.case(evidence), build.now).suites
    assert (incidents.suite, incidents.title, incidents.total, incidents.floor) == (
        "incidents",
        "Suite incidents",
        0,
        None,
    )
    assert (contracts.counts["passed"], contracts.counts["failed"], contracts.total, contracts.floor) == (1, 1, 2, 4)
    assert (stray.suite, stray.total) == ("stray", 1)
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


@given(run=runs())
@example(run=([{}, {}, SKIP, IDLE], {}, 2))
@example(run=([{}, {}, {}, {}], {"flaws": True}, 4))
@settings(deadline=None)
def test_approval_means_that_every_test_is_sound(
    build: Builders, run: tuple[list[dict[str, Any]], dict[str, bool], int]
) -> None:
    """Approved: something passed, every test is sound, and nothing is wrong with the run."""
    case = case_of(build, run)
    if judge(case, build.now).decision is Decision.APPROVED:
        assert any(test.outcome is Outcome.PASSED for test in case.evidence.tests)
        assert all(is_sound(test) for test in case.evidence.tests)
        assert run[1] == {}


def test_a_run_with_all_that_the_policy_allows_is_approved(build: Builders) -> None:
    """The properties would hold for a judge that approves nothing; this one does approve."""
    advice = build.failed("advice", requirements=(build.requirement(Level.SHOULD),))
    evidence = build.evidence(build.test("a"), build.test("b", **SKIP), build.test("c", **IDLE), advice)
    assert judge(build.case(evidence, floor=2), build.now).decision is Decision.APPROVED


@pytest.mark.parametrize("event", GOOD_EVENTS)
def test_good_evidence_without_one_of_its_events_is_not_approved(build: Builders, event: str) -> None:
    """Each event of a good run is needed."""
    assert judge(build.case(without(build.evidence(), event)), build.now).decision is not Decision.APPROVED


@given(number=st.integers(0, 3), change=outcomes().filter(bool))
@settings(deadline=None)
def test_good_evidence_with_one_degraded_test_is_not_approved(
    build: Builders, number: int, change: dict[str, Any]
) -> None:
    """At the floor, no test can end in any other way than a pass that shows something."""
    evidence = degraded(build.evidence(), number, change)
    sound_pass = evidence.tests[number].outcome is Outcome.PASSED and evidence.tests[number].assertions > 0
    assert (judge(build.case(evidence), build.now).decision is Decision.APPROVED) is sound_pass


@given(run=runs(), event=st.sampled_from(GOOD_EVENTS), change=outcomes(), data=st.data())
@settings(deadline=None)
def test_what_was_not_approved_is_not_approved_when_it_gets_worse(
    build: Builders,
    run: tuple[list[dict[str, Any]], dict[str, bool], int],
    event: str,
    change: dict[str, Any],
    data: st.DataObject,
) -> None:
    """Neither an event that goes missing nor a sound test that ends otherwise turns a verdict into approved."""
    case = case_of(build, run)
    if judge(case, build.now).decision is Decision.APPROVED:
        return
    assert judge(replace(case, evidence=without(case.evidence, event)), build.now).decision is not Decision.APPROVED
    sound = [n for n, t in enumerate(case.evidence.tests) if t.outcome is Outcome.PASSED and is_sound(t)]
    if sound:
        worse = degraded(case.evidence, data.draw(st.sampled_from(sound)), change)
        assert judge(replace(case, evidence=worse), build.now).decision is not Decision.APPROVED


@given(run=runs(), data=st.data())
@settings(deadline=None)
def test_the_order_of_the_tests_does_not_matter(
    build: Builders, run: tuple[list[dict[str, Any]], dict[str, bool], int], data: st.DataObject
) -> None:
    """The same evidence gives the same verdict, to the last word, in whatever order the tests ended."""
    case = case_of(build, run)
    shuffled = replace(case.evidence, tests=tuple(data.draw(st.permutations(case.evidence.tests))))
    assert judge(replace(case, evidence=shuffled), build.now) == judge(case, build.now)


@given(before=st.lists(st.sampled_from(Blame)), added=st.sampled_from(Blame))
@settings(deadline=None)
def test_one_more_finding_never_improves_the_decision(build: Builders, before: list[Blame], added: Blame) -> None:
    """The blame that ranks first decides; more findings can only bring one that ranks before it."""

    def verdict(*blames: Blame) -> Verdict:
        findings = tuple(Finding(rule="any", blame=blame, summary="found") for blame in blames)
        return judge(build.case(), build.now, rules=(Rule("any", "Holds.", lambda _case: findings),))

    assert verdict(*before, added).blame.rank <= verdict(*before).blame.rank
    assert (verdict(*before).decision is Decision.APPROVED) is all(blame is Blame.NOBODY for blame in before)
