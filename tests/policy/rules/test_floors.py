"""The rule floors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from epjgate.model.events import Level
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame
from epjgate.policy.document import NotApplicable
from epjgate.policy.rules.floors import check

if TYPE_CHECKING:
    from tests.policy.conftest import Builders


@pytest.mark.parametrize("floor", [1, 4])
def test_as_many_passes_as_the_floor_are_approved(build: Builders, floor: int) -> None:
    """Four passed: floors up to four hold."""
    assert check(build.case(floor=floor)) == ()


def test_fewer_passes_than_the_floor_although_nothing_failed_are_tests_gone_missing(build: Builders) -> None:
    """Nobody is to blame but the run itself: it tested less than was agreed."""
    (finding,) = check(build.case(floor=5))
    assert finding.blame is Blame.NOTHING_TESTED
    assert finding.summary == f"4 of at least 5 tests of {build.suite} passed: tests went missing"


@pytest.mark.parametrize(
    ("outcome", "blame"),
    [
        (Outcome.FAILED, Blame.CANDIDATE),
        (Outcome.UNREACHABLE, Blame.CANDIDATE),
        (Outcome.BROKEN, Blame.HARNESS),
        (Outcome.UNFINISHED, Blame.HARNESS),
        (Outcome.SKIPPED, Blame.NOTHING_TESTED),
        (Outcome.NOT_APPLICABLE, Blame.NOTHING_TESTED),
    ],
)
def test_what_explains_the_shortfall_is_blamed(build: Builders, outcome: Outcome, blame: Blame) -> None:
    """Two of four did not pass; how they ended says why the floor was missed. Skips never fill it."""
    tests = [build.test("a"), build.test("b"), build.test("c", outcome=outcome), build.test("d", outcome=outcome)]
    (finding,) = check(build.case(build.evidence(*tests)))
    assert finding.blame is blame


def test_a_test_that_ran_several_times_fills_a_floor_once(build: Builders) -> None:
    """Attempts of one test are no tests: three of `a` leave three others missing."""
    tests = [build.test(f"a[attempt {number}]", attempt=number) for number in (1, 2, 3, 4)]
    (finding,) = check(build.case(build.evidence(*tests)))
    assert (finding.blame, finding.summary[:17]) == (Blame.NOTHING_TESTED, "1 of at least 4 t")


def test_a_failure_does_not_explain_tests_that_are_gone(build: Builders) -> None:
    """One failed and one is missing: the missing one decides."""
    (finding,) = check(build.case(build.evidence(build.test("a"), build.test("b"), build.failed("c"))))
    assert finding.blame is Blame.NOTHING_TESTED


def test_a_failed_recommendation_does_not_reject_through_the_floor(build: Builders) -> None:
    """What the policy calls advice is shown as the reason, and stands in nobody's way."""
    advisory = build.failed("d", requirements=(build.requirement(Level.SHOULD),))
    (finding,) = check(build.case(build.evidence(*(build.test(name) for name in "abc"), advisory)))
    assert (finding.blame, "on advice only" in finding.summary) == (Blame.NOBODY, True)


def test_a_suite_without_a_floor_blames_the_harness_and_says_what_to_commit(build: Builders) -> None:
    """Without a floor nobody would notice tests going missing; the fix holds the line to add."""
    (finding,) = check(build.case(floor=None))
    assert finding.blame is Blame.HARNESS
    assert finding.fix.endswith(f'[floors.{build.system}]: "{build.suite}" = 4')


@pytest.mark.parametrize(
    ("share", "last", "asked"),
    [
        (1.0, Outcome.NOT_APPLICABLE, False),
        (1.0, Outcome.SKIPPED, True),
        (1.0, Outcome.PASSED, True),
        (0.9, Outcome.NOT_APPLICABLE, True),
    ],
)
def test_a_suite_for_other_systems_needs_no_floor(build: Builders, share: float, last: Outcome, *, asked: bool) -> None:
    """Only where the policy says that all of it may be not applicable, and all of it was."""
    tests = [build.test("a", outcome=Outcome.NOT_APPLICABLE), build.test("b", outcome=last)]
    allowed = NotApplicable(max_shares={build.system: {build.suite: share}})
    findings = check(build.case(build.evidence(*tests), policy=build.policy(not_applicable=allowed), floor=None))
    assert [finding.blame for finding in findings] == [Blame.HARNESS] * asked


def test_every_planned_suite_is_held_to_its_own_floor(build: Builders) -> None:
    """Passes of one suite do not fill the floor of another, nor does a floor speak for another."""
    evidence = build.evidence(manifest=build.manifest(build.suite, "incidents"))
    (finding,) = check(build.case(evidence, incidents=1))
    assert (finding.blame, "0 of at least 1 test of incidents" in finding.summary) == (Blame.NOTHING_TESTED, True)
    (finding,) = check(build.case(evidence))
    assert (finding.blame, "incidents" in finding.summary) == (Blame.HARNESS, True)


@pytest.mark.parametrize("why", ["broke", "interrupted", "suites_broke"])
def test_a_run_that_was_cut_short_misses_floors_for_a_reason_told_elsewhere(build: Builders, why: str) -> None:
    """The rule is left open instead of calling the tests gone."""
    causes = {"broke": build.broke(), "interrupted": build.interrupted(), "suites_broke": (build.suites_broke(),)}
    (finding,) = check(build.case(build.evidence(build.test(), **{why: causes[why]})))
    assert finding.blame is Blame.NOBODY


def test_no_tests_miss_every_floor(build: Builders) -> None:
    """Zero passes are below any floor."""
    assert check(build.case(build.empty()))[0].blame is Blame.NOTHING_TESTED


def test_a_run_that_planned_nothing_leaves_the_rule_open(build: Builders) -> None:
    """No suite, no floor, and no rule that holds."""
    (finding,) = check(build.case(build.evidence(manifest=build.manifest(suites=()))))
    assert finding.summary == "Not judged as a whole: no suite was planned"
