"""The rule window-kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.builders import bounds, ended, rehearsal_plan, window_forecast

from epjgate.model.evidence import Evidence
from epjgate.model.forecast import Interval
from epjgate.model.rehearsal import StepOutcome
from epjgate.model.rehearsal_events import WindowForecasted, WindowNotForecasted
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.document import WindowKept
from epjgate.policy.rules.window_kept import check

if TYPE_CHECKING:
    from tests.policy.conftest import Builders

REFUSED = WindowNotForecasted(problem="two sizes only", why="a curve shows at 3", fix="rehearse at 30000 patients")


def forecast(build: Builders, **changes: Any) -> Evidence:
    return build.rehearsal(forecasted=WindowForecasted(forecast=window_forecast(**changes)))


def blamed(findings: tuple[Finding, ...]) -> list[Blame]:
    return [finding.blame for finding in findings if finding.blame is not Blame.NOBODY]


def test_an_upgrade_that_fits_by_its_cautious_bounds_is_approved(build: Builders) -> None:
    """Upgrade, rollback and abort minute, from enough sizes and repeats."""
    assert check(build.case(build.rehearsal())) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"upgrade_s": bounds(18_720, 14_160, 24_660)}, "The upgrade does not fit its window: 312 min (236 to 411)"),
        ({"upgrade_s": bounds(2640, 2280, 10_801)}, "The upgrade may not fit its window, although the estimate does"),
        ({"fits_p": bounds(0.97, 0.949, 0.99)}, "The upgrade may not fit its window, although the estimate does"),
        ({"rollback_fits_p": bounds(0.5, 0.2, 0.7)}, "A rollback after the last check does not fit: probability 0.5"),
        ({"rollback_fits_p": bounds(0.97, 0.9, 0.99)}, "A rollback after the last check may not fit: probability 0.97"),
        ({"abort_minute": None}, "by no minute is a rollback sure to fit"),
    ],
)
def test_what_does_not_fit_by_the_bound_that_hurts_rejects(
    build: Builders, changes: dict[str, Any], words: str
) -> None:
    """Also where the estimate fits; the words tell both, and the steps that take longest are named."""
    (finding,) = check(build.case(forecast(build, **changes)))
    assert finding.blame is Blame.CANDIDATE
    assert words in finding.summary
    assert "migrate: 40 min (35 to 70), growing as patients to the power of 1.0 (1.0 to 1.2)" in finding.detail
    assert finding.fix


def test_the_bound_itself_is_kept(build: Builders) -> None:
    """A window of 180 minutes is kept by 180 minutes, and a probability that is asked for is enough."""
    exact = forecast(
        build,
        upgrade_s=bounds(2640, 2280, 10_800),
        fits_p=bounds(0.99, 0.95, 1),
        rollback_fits_p=bounds(0.99, 0.95, 1),
        abort_minute=0,
    )
    assert check(build.case(exact)) == ()


def test_a_probability_never_looks_as_if_it_were_enough(build: Builders) -> None:
    """What misses the demand by a hair is not rounded up to it."""
    (finding,) = check(build.case(forecast(build, rollback_fits_p=bounds(0.95, 0.94996, 0.96))))
    assert "0.95 (0.949 to 0.96)" in finding.summary


def test_the_policy_may_ask_for_more_or_less(build: Builders) -> None:
    """The demands are those of the policy."""
    unsure = forecast(build, fits_p=bounds(0.9, 0.8, 0.95), rollback_fits_p=bounds(0.9, 0.8, 0.95))
    easy = build.policy(window_kept=WindowKept(min_fits_p=0.8, min_rollback_fits_p=0.8))
    assert check(build.case(unsure, policy=easy)) == ()
    hard = build.policy(window_kept=WindowKept(min_fits_p=0.99))
    surely = forecast(build, fits_p=bounds(0.99, 0.985, 0.995))
    assert blamed(check(build.case(surely, policy=hard))) == [Blame.CANDIDATE]


def test_a_refused_forecast_is_the_harness_and_says_what_to_measure(build: Builders) -> None:
    """Unknown is never a fit."""
    (finding,) = check(build.case(build.rehearsal(forecasted=None, not_forecasted=REFUSED)))
    assert (finding.blame, finding.fix) == (Blame.HARNESS, "rehearse at 30000 patients")
    assert finding.summary == "Nobody knows whether the upgrade fits its window: two sizes only"


def test_no_forecast_at_all_is_never_a_fit(build: Builders) -> None:
    """A whole rehearsal that says nothing of its window has left the question out."""
    (finding,) = check(build.case(build.rehearsal(forecasted=None)))
    assert (finding.blame, "nothing says why" in finding.summary) == (Blame.NOTHING_TESTED, True)


@pytest.mark.parametrize("refused", [None, REFUSED])
def test_a_step_that_failed_explains_a_missing_forecast(build: Builders, refused: WindowNotForecasted | None) -> None:
    """The step is blamed by its own rule; this one is left open."""
    halted = build.rehearsal(None, ended("t1.s6", StepOutcome.FAILED), forecasted=None, not_forecasted=refused)
    (note,) = check(build.case(halted))
    assert (note.blame, note.summary) == (Blame.NOBODY, "Not judged as a whole: a step of the rehearsal was not done")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"production_patients": 5000}, "5000 patients for 50000"),
        ({"window_min": 600.0}, "600 minutes of window for 180"),
        ({"margin_min": 0.0}, "0 minutes of margin for 20"),
    ],
)
def test_a_forecast_of_something_else_says_nothing_of_this_window(
    build: Builders, changes: dict[str, Any], words: str
) -> None:
    """A longer window or a smaller hospital is not the one that was planned."""
    (finding,) = check(build.case(forecast(build, **changes)))
    assert (finding.blame, words in finding.summary) == (Blame.HARNESS, True)


def test_a_forecast_of_sizes_that_nobody_rehearsed_is_not_believed(build: Builders) -> None:
    """Timings have to come from this plan."""
    plan = rehearsal_plan(trials=rehearsal_plan().trials[:5])
    findings = check(build.case(build.rehearsal(plan)))
    assert blamed(findings) == [Blame.HARNESS]
    assert "timings at 10000 patients, which the plan does not have" in findings[0].summary


def unsure(interval: Interval) -> Interval:
    return interval.model_copy(update={"confidence": 0.5})


@pytest.mark.parametrize("figure", ["upgrade_s", "fits_p", "rollback_fits_p", "latest_rollback_start_min"])
def test_bounds_that_hold_too_seldom_are_no_bounds(build: Builders, figure: str) -> None:
    """A bound with a confidence of a half is close to the estimate."""
    (finding,) = check(build.case(forecast(build, **{figure: unsure(getattr(window_forecast(), figure))})))
    assert (finding.blame, "a confidence of 0.5" in finding.summary) == (Blame.HARNESS, True)


def test_too_few_sizes_and_repeats_are_named(build: Builders) -> None:
    """What the policy asks for is said, with what was measured."""
    policy = build.policy(window_kept=WindowKept(min_timed_sizes=5, min_repeats=3))
    (finding,) = check(build.case(build.rehearsal(), policy=policy))
    assert finding.blame is Blame.HARNESS
    assert finding.detail.splitlines() == [
        "migrate was timed at 3 sizes, and 5 are asked for",
        "1,000 patients were rehearsed 2 times, and 3 are asked for",
        "3,000 patients were rehearsed 2 times, and 3 are asked for",
        "10,000 patients were rehearsed 2 times, and 3 are asked for",
    ]
    assert finding.fix == "rehearse at 5 sizes or more, each 3 times or more"


def test_trials_that_are_crossed_or_drilled_are_no_repeats(build: Builders) -> None:
    """Their times do not tell of the night."""
    trials = tuple(one for one in rehearsal_plan().trials if one.repeat == 1)
    findings = check(build.case(build.rehearsal(rehearsal_plan(trials=trials))))
    assert "1,000 patients were rehearsed 1 time," in findings[0].summary


def test_a_run_that_rehearses_nothing_shows_nothing_of_a_window(build: Builders) -> None:
    """Empty never passes."""
    assert blamed(check(build.case())) == [Blame.NOTHING_TESTED]
