"""The rule no-vacuous-test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame
from epjgate.policy.rules.no_vacuous_test import check

if TYPE_CHECKING:
    from tests.policy.conftest import Builders


def test_tests_that_asked_and_checked_are_approved(build: Builders) -> None:
    """One assertion and one exchange are enough."""
    assert check(build.case(build.evidence(build.test("a", assertions=1, exchanges=1)))) == ()


@pytest.mark.parametrize("count", ["assertions", "exchanges"])
def test_a_pass_that_shows_nothing_blames_the_harness(build: Builders, count: str) -> None:
    """A test that checked nothing, or asked nothing, would pass on any candidate."""
    (finding,) = check(build.case(build.evidence(build.test("a", **{count: 0}), build.test("b"))))
    assert (finding.blame, finding.tests) == (Blame.HARNESS, (build.test("a").test,))


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.PASSED])
def test_only_a_pass_can_be_vacuous(build: Builders, outcome: Outcome) -> None:
    """A test that did not pass is judged by other rules."""
    assert check(build.case(build.evidence(build.test("a", outcome=outcome, assertions=0, exchanges=0)))) == ()


def test_no_tests_leave_the_rule_open(build: Builders) -> None:
    """Where nothing ran, nothing shows that tests are not vacuous."""
    assert [finding.blame for finding in check(build.case(build.empty()))] == [Blame.NOBODY]


@pytest.mark.parametrize(("part", "vacuous"), [("before", False), ("after", True), ("back", True)])
def test_the_part_before_an_upgrade_may_leave_the_checking_to_those_behind_it(
    build: Builders, part: str, *, vacuous: bool
) -> None:
    """It prepares; yet it has to ask the system something. In any other run the name means nothing."""
    unchecked, unasked = build.test(f"a[{part}]", assertions=0), build.test(f"a[{part}]", exchanges=0)
    assert bool(check(build.case(build.rehearsal(tests=(unchecked,))))) is vacuous
    assert check(build.case(build.rehearsal(tests=(unasked,))))
    assert check(build.case(build.evidence(unchecked)))
