"""The rule skips-declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.builders import ended

from epjgate.model.outcome import Outcome
from epjgate.model.rehearsal import StepOutcome
from epjgate.model.verdict import Blame
from epjgate.policy.rules.skips_declared import check

if TYPE_CHECKING:
    from tests.policy.conftest import Builders


def test_a_run_without_skips_is_approved(build: Builders) -> None:
    """Nothing skipped, nothing to declare."""
    assert check(build.case()) == ()


def test_declared_skips_are_shown_by_reason_and_owner(build: Builders) -> None:
    """Each declared reason is one note that names its owner and its tests."""
    tests = [build.test(name, outcome=Outcome.SKIPPED, reason="awaits INC-7", owner="lab team") for name in "ab"]
    tests.append(build.test("c", outcome=Outcome.SKIPPED, reason="awaits INC-7", owner="ward team"))
    first, second = check(build.case(build.evidence(*tests)))
    assert (first.blame, second.blame) == (Blame.NOBODY, Blame.NOBODY)
    assert first.tests == (tests[0].test, tests[1].test)
    assert "lab team" in first.detail
    assert second.tests == (tests[2].test,)


@pytest.mark.parametrize(("reason", "owner"), [("", "lab team"), ("awaits INC-7", ""), ("  ", "lab team"), ("x", " ")])
def test_a_skip_without_reason_or_owner_blames_the_harness(build: Builders, reason: str, owner: str) -> None:
    """A skip for which nobody answers is a test gone missing; blanks are no words."""
    test = build.test("a", outcome=Outcome.SKIPPED, reason=reason, owner=owner)
    (finding,) = check(build.case(build.evidence(test)))
    assert (finding.blame, finding.tests) == (Blame.HARNESS, (test.test,))


def test_no_tests_leave_the_rule_open(build: Builders) -> None:
    """Where nothing ran, the rule does not hold."""
    assert [finding.blame for finding in check(build.case(build.empty()))] == [Blame.NOBODY]


def test_a_part_that_could_not_be_gone_on_with_needs_no_owner(build: Builders) -> None:
    """Of a test that crosses an upgrade: a part before it did not pass, or a step was not done; both are blamed."""
    skipped = build.test("a[after]", outcome=Outcome.SKIPPED, reason="its part before did not pass")
    other = build.test("b[after]")
    broken = build.rehearsal(tests=(build.failed("a[before]"), skipped, other))
    assert check(build.case(broken)) == ()
    halted = build.rehearsal(None, ended("t0.s5", StepOutcome.FAILED), tests=(build.test("a[before]"), skipped))
    assert [finding.blame for finding in check(build.case(halted))] == [Blame.NOBODY]
    alone = build.rehearsal(tests=(build.test("a[before]"), skipped, other, build.failed("c[before]")))
    assert [finding.blame for finding in check(build.case(alone))] == [Blame.HARNESS]
    release = build.evidence(build.failed("a[before]"), skipped)
    assert [finding.blame for finding in check(build.case(release))] == [Blame.HARNESS]
