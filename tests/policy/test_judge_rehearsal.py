"""The judge, on rehearsals of an upgrade."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import availability, bounds, ended, rehearsal_plan, steps_of, window_forecast

from epjgate.model.events import EnvironmentCause
from epjgate.model.evidence import Evidence
from epjgate.model.outcome import Outcome
from epjgate.model.rehearsal import CensusChange, StepOutcome
from epjgate.model.rehearsal_events import WindowForecasted, WindowNotForecasted
from epjgate.model.verdict import Blame, Decision
from epjgate.policy.judge import judge
from epjgate.policy.rules import REHEARSAL_RULES, RULES

if TYPE_CHECKING:
    from tests.policy.conftest import Builders

Broken = Callable[["Builders"], Evidence]
FAILED, BROKEN = StepOutcome.FAILED, StepOutcome.BROKEN
EVENTS = ("manifest", "ready", "checked", "suites_finished", "run_finished", "availability", "forecasted")
LISTS = ("collected", "tests", "steps_begun", "steps_ended", "censuses")


def revived(build: Builders) -> Evidence:
    """Return a rehearsal in which the migration revives finished prescriptions."""
    good = build.rehearsal()
    changes = (CensusChange(what="prescriptions ended", before="40", after="0"),)
    counted = (one.model_copy(update={"changes": changes}) if one.step == "t1.s8" else one for one in good.censuses)
    return replace(good, censuses=tuple(counted))


# Each way in which a rehearsal can go wrong, and whom the judge must blame.
TRUTH: dict[str, tuple[Broken, Blame]] = {
    "good": (lambda b: b.rehearsal(), Blame.NOBODY),
    "quadratic": (
        lambda b: b.rehearsal(
            forecasted=WindowForecasted(forecast=window_forecast(upgrade_s=bounds(18_720, 14_160, 24_660)))
        ),
        Blame.CANDIDATE,
    ),
    "too few sizes": (
        lambda b: b.rehearsal(
            forecasted=None, not_forecasted=WindowNotForecasted(problem="2 sizes", why="no curve", fix="3 sizes")
        ),
        Blame.HARNESS,
    ),
    "no forecast": (lambda b: b.rehearsal(forecasted=None), Blame.NOTHING_TESTED),
    "migration fails": (
        lambda b: b.rehearsal(None, ended("t1.s6", FAILED), forecasted=None, checked=None),
        Blame.CANDIDATE,
    ),
    "candidate does not come up where tests cross": (
        lambda b: b.rehearsal(
            None,
            ended("t0.s6", FAILED),
            tests=(
                b.test("a[before]", suite="upgrade"),
                b.test("a[after]", suite="upgrade", outcome=Outcome.SKIPPED, reason="it did not stand"),
            ),
            forecasted=None,
            availability=None,
            checked=None,
        ),
        Blame.CANDIDATE,
    ),
    "backup fails": (lambda b: b.rehearsal(None, ended("t1.s5", FAILED), forecasted=None), Blame.ENVIRONMENT),
    "fill fails": (lambda b: b.rehearsal(None, ended("t1.s1", FAILED), forecasted=None), Blame.HARNESS),
    "machine goes away": (
        lambda b: b.rehearsal(
            None, ended("t1.s6", BROKEN), forecasted=None, checked=None, broke=b.broke(EnvironmentCause.ENGINE)
        ),
        Blame.ENVIRONMENT,
    ),
    "stopped by somebody": (
        lambda b: b.rehearsal(
            steps_begun=b.rehearsal().steps_begun[:9],
            steps_ended=b.rehearsal().steps_ended[:8],
            censuses=(),
            forecasted=None,
            availability=None,
            checked=None,
            suites_finished=None,
            interrupted=b.interrupted(),
        ),
        Blame.INTERRUPTED,
    ),
    "revives prescriptions": (revived, Blame.CANDIDATE),
    "a test fails after": (
        lambda b: b.rehearsal(tests=(b.test("a[after]", suite="upgrade"), b.failed("b[back]", suite="upgrade"))),
        Blame.CANDIDATE,
    ),
    "unreachable after": (lambda b: b.rehearsal(availability=availability(closed=((10, 20),))), Blame.CANDIDATE),
    "nothing began": (lambda b: b.rehearsal(steps_begun=(), steps_ended=(), censuses=()), Blame.NOTHING_TESTED),
    "flawed": (lambda b: b.rehearsal(flaws=("t0.s1 ended twice",)), Blame.NOTHING_TESTED),
}


@pytest.mark.parametrize("name", TRUTH)
def test_the_truth_table(build: Builders, name: str) -> None:
    """Each way to go wrong blames what went wrong; only the good rehearsal is approved."""
    broken, blame = TRUTH[name]
    verdict = judge(build.case(broken(build)), build.now)
    assert (verdict.blame, verdict.decision) == (blame, blame.decision)
    assert (verdict.decision is Decision.APPROVED) is (name == "good")


@pytest.mark.parametrize("name", ["migration fails", "candidate does not come up where tests cross", "backup fails"])
def test_a_step_that_was_not_done_is_told_once(build: Builders, name: str) -> None:
    """The other rules are left open and do not hold."""
    verdict = judge(build.case(TRUTH[name][0](build)), build.now)
    blamed = {finding.rule for finding in verdict.findings if finding.blame is not Blame.NOBODY}
    assert blamed == {"upgrade-steps-done"}
    held = {rule.rule for rule in verdict.rules if rule.holds}
    assert not held & {"window-kept", "records-kept", "reachable-during-upgrade", "suites-executed", "tests-passed"}


def test_the_verdict_on_a_rehearsal_says_that_it_is_one(build: Builders) -> None:
    """It names the upgrade, was asked the rules of an upgrade, and holds what was found."""
    evidence = build.rehearsal()
    verdict = judge(build.case(evidence), build.now)
    assert verdict.rehearsal == "0.9 -> 1.0"
    assert [rule.rule for rule in verdict.rules] == [rule.id for rule in REHEARSAL_RULES]
    rehearsed = verdict.rehearsed
    assert rehearsed is not None
    assert (rehearsed.plan, rehearsed.forecast) == (rehearsal_plan(), window_forecast())
    assert (rehearsed.steps, rehearsed.censuses) == (evidence.steps_ended, evidence.censuses)
    assert (rehearsed.availability, rehearsed.not_forecasted) == (evidence.availability, None)


def test_the_verdict_on_a_release_is_no_rehearsal(build: Builders) -> None:
    """Nor can one be made of it by what a rehearsal leaves behind."""
    strange = {name: getattr(build.rehearsal(), name) for name in ("steps_begun", "steps_ended", "forecasted")}
    for evidence in (build.evidence(), build.evidence(**strange)):
        verdict = judge(build.case(evidence), build.now)
        assert (verdict.rehearsal, verdict.rehearsed) == ("", None)
        assert [rule.rule for rule in verdict.rules] == [rule.id for rule in RULES]
        assert (verdict.decision is Decision.APPROVED) is (evidence == build.evidence())


@pytest.mark.parametrize("event", [*EVENTS, *LISTS])
def test_a_good_rehearsal_without_one_of_its_events_is_not_approved(build: Builders, event: str) -> None:
    """Each kind of event of a good rehearsal is needed."""
    nothing: Any = () if event in LISTS else None
    evidence = replace(build.rehearsal(), **{event: nothing})
    assert judge(build.case(evidence), build.now).decision is not Decision.APPROVED


@given(data=st.data())
def test_a_good_rehearsal_without_one_of_its_steps_is_not_approved(build: Builders, data: st.DataObject) -> None:
    """No beginning, no end and no census can be left out, and no step may have ended in another way."""
    good = build.rehearsal()
    name = data.draw(st.sampled_from(["steps_begun", "steps_ended", "censuses"]))
    every = getattr(good, name)
    at = data.draw(st.integers(0, len(every) - 1))
    fewer: dict[str, Any] = {name: (*every[:at], *every[at + 1 :])}
    assert judge(build.case(replace(good, **fewer)), build.now).decision is not Decision.APPROVED
    step = data.draw(st.sampled_from(steps_of(rehearsal_plan())))
    outcome = data.draw(st.sampled_from([FAILED, StepOutcome.STALLED, BROKEN]))
    other = tuple(ended(step.id, outcome) if one.step == step.id else one for one in good.steps_ended)
    assert judge(build.case(replace(good, steps_ended=other)), build.now).decision is not Decision.APPROVED


def test_no_floor_is_asked_of_a_rehearsal(build: Builders) -> None:
    """None is shown either, or fewer tests would look like a fault."""
    (suite,) = judge(build.case(build.rehearsal(), upgrade=400), build.now).suites
    assert (suite.suite, suite.floor) == ("upgrade", None)
