"""What the judge promises of any evidence whatever."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from epjgate.model.events import EvidenceLost, Level, TestFinished
from epjgate.model.evidence import Evidence
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame, Decision, Finding, Verdict
from epjgate.policy.interface import Case, Rule
from epjgate.policy.judge import judge

if TYPE_CHECKING:
    from tests.policy.conftest import Builders

GOOD_EVENTS = ("manifest", "ready", "checked", "suites_finished", "run_finished", "collected", "tests")
SKIP: dict[str, Any] = {"outcome": Outcome.SKIPPED, "reason": "awaits INC-7", "owner": "lab team"}
IDLE: dict[str, Any] = {"outcome": Outcome.NOT_APPLICABLE, "reason": "no audit", "capabilities": ("audit",)}
Run = tuple[list[dict[str, Any]], dict[str, bool], int]


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


def runs() -> st.SearchStrategy[Run]:
    """Return what makes a run: the changes to each of its tests, what is wrong with it, and the floor."""
    wrongs = ("flaws", "lost", "broke", "interrupted", "suites_broke", *GOOD_EVENTS)
    wrong = st.dictionaries(st.sampled_from(wrongs), st.just(value=True), max_size=2)
    return st.tuples(st.lists(outcomes(), max_size=6), st.one_of(st.just({}), wrong), st.integers(1, 4))


def case_of(build: Builders, run: Run) -> Case:
    """Return the case that `run` describes."""
    changes, wrong, floor = run
    tests = [build.test(str(number), **change) for number, change in enumerate(changes)]
    bad: dict[str, Any] = {
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
    """Whether `test` may be part of an approved run: a pass that shows something, or an exception with its reason."""
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


@given(run=runs())
@example(run=([{}, {}, SKIP, IDLE], {}, 2))
@example(run=([{}, {}, {}, {}], {"flaws": True}, 4))
@settings(deadline=None)
def test_approval_means_that_every_test_is_sound(build: Builders, run: Run) -> None:
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
    run: Run,
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
def test_the_order_of_the_tests_does_not_matter(build: Builders, run: Run, data: st.DataObject) -> None:
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
