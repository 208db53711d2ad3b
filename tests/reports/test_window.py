"""Tests of epjgate.reports.window."""

from __future__ import annotations

import pytest
from tests.builders import availability, bounds, ended, rehearsal_plan, track, window_forecast

from epjgate.model.availability import Standing
from epjgate.model.rehearsal import StepKind, StepOutcome
from epjgate.model.verdict import Rehearsed
from epjgate.reports.window import Bar, window_of
from epjgate.reports.words import Language, Words

ENGLISH, DANISH = Words("en"), Words("da")


def test_the_plan_is_told(rehearsed: Rehearsed) -> None:
    """Upgrade, window, night, margin, production, sizes with their repeats, and what tests cross."""
    assert dict(window_of(rehearsed, ENGLISH).plan) == {
        "upgrade": "0.9 → 1.0",
        "window": "01:00-04:00 (180 min)",
        "night": "2026-03-03",
        "left as margin": "20 min",
        "production": "50,000 patients",
        "timed at": "1,000 / 3,000 / 10,000 (2 times each)",
        "crossed by tests and probes at": "1,000 patients",
    }


def test_the_forecast_is_told_with_its_bounds(rehearsed: Rehearsed) -> None:
    """In minutes; a probability is rounded down, never up to what the policy asks for."""
    window = window_of(rehearsed, ENGLISH)
    assert [(row.estimate, row.low, row.high) for row in window.forecast] == [
        ("44.0 min", "38.0 min", "200.0 min"),
        ("50.0 min", "45.0 min", "55.0 min"),
        ("0.970", "0.949", "0.990"),
        ("0.999", "0.995", "1.000"),
        ("minute 105", "minute 100", "minute 110"),
    ]
    assert window.remarks == (
        "abort by: minute 100",
        "the bounds hold with a confidence of 90 %",
        "5.0 times the largest size rehearsed is what production has",
    )
    assert window.refused == ()


def test_danish_figures(rehearsed: Rehearsed) -> None:
    """Thousands and decimals as they are written in Danish."""
    window = window_of(rehearsed, DANISH)
    assert dict(window.plan)["drift"] == "50.000 patienter"
    assert window.forecast[0].high == "200,0 min"


def test_that_no_rollback_is_sure_to_fit_is_told(rehearsed: Rehearsed) -> None:
    """None is not the first minute."""
    none = rehearsed.model_copy(update={"forecast": window_forecast(abort_minute=None)})
    assert window_of(none, ENGLISH).remarks[0] == "by no minute is a rollback sure to fit"


def test_every_step_has_a_row_with_its_times_by_size(rehearsed: Rehearsed) -> None:
    """The crossed trial and the drill have columns of their own; a step that a trial does not have is a dash."""
    window = window_of(rehearsed, ENGLISH)
    assert window.columns == (
        "crossed by tests",
        "1,000 patients",
        "3,000 patients",
        "10,000 patients",
        "migration killed",
    )
    rows = {row.step: row.cells for row in window.steps}
    assert set(rows) == set(StepKind)
    assert list(rows)[:6] == ["fill", "start_old", "prepare", "stop_old", "census", "kill_migration"]
    assert list(rows)[-2:] == ["roll_back", "recheck"]
    assert rows["migrate"] == ("1.50", "1.50 / 1.50", "1.50 / 1.50", "1.50 / 1.50", "1.50")
    assert rows["backup"] == ("-", "1.50 / 1.50", "1.50 / 1.50", "1.50 / 1.50", "-")
    assert not any(row.flawed for row in window.steps)


@pytest.mark.parametrize("outcome", [StepOutcome.FAILED, StepOutcome.STALLED, StepOutcome.BROKEN])
def test_a_step_that_was_not_done_is_marked(halted: Rehearsed, outcome: StepOutcome) -> None:
    """How it ended stands in place of its time; one that never ended says so."""
    other = halted.model_copy(update={"steps": (*halted.steps[:-1], ended("t1.s6", outcome))})
    rows = {row.step: row for row in window_of(other, ENGLISH).steps}
    told = ENGLISH[f"step.{outcome.value}"]
    assert rows["migrate"].cells[1] == f"{told} (1.50) / not done"
    assert rows["migrate"].flawed
    assert rows["recheck"].cells == ("not done", "-", "-", "-", "-")
    assert rows["backup"].cells == ("-", "1.50 / not done", "not done", "not done", "-")


def test_records_are_told_with_what_changed(rehearsed: Rehearsed) -> None:
    """One row for each census; what was counted first has nothing to differ from."""
    window = window_of(rehearsed, ENGLISH)
    rows = {row.where: row for row in window.censuses}
    assert (len(rows), window.counted_alike) == (20, "19 counts without any difference")
    verified = rows["verify, 3,000 patients, repeat 1"]
    assert verified.told == "40,000 records: 1 change"
    assert (verified.changes[0].what, verified.locks) == ("prescriptions <ended>", ("changelog",))
    assert rows["verify, 1,000 patients, migration killed 1"].told == "40,000 records: nothing changed"
    assert rows["census, 3,000 patients, repeat 1"].told == "40,000 records: counted before the upgrade"


def test_a_census_of_no_step_is_not_told() -> None:
    """The reader calls it a flaw; the report does not fall over it."""
    strange = window_of(Rehearsed(plan=rehearsal_plan(trials=rehearsal_plan().trials[:1])), ENGLISH)
    assert strange.censuses == ()


def test_a_track_is_told_as_figures_and_as_a_course(rehearsed: Rehearsed) -> None:
    """Seconds, samples and outages with their edges; the bars are shares of the whole time, the worst painted last."""
    (row,) = window_of(rehearsed, ENGLISH).tracks
    assert (row.label, row.samples) == ("read, new connections", "600 of 600")
    assert (row.down, row.unknown) == ("19.8 s", "0.00 s")
    assert row.outages[0] == "10.05-19.95 s (edges within 0.10 s): 503"
    assert [bar.standing for bar in row.bars] == ["up", "up", "up", "down", "down"]
    assert row.closed == (Bar(0.16667, 0.16667, "closed"), Bar(0.66667, 0.16667, "closed"))


def test_the_shortest_outage_can_be_seen(rehearsed: Rehearsed) -> None:
    """Half a second of an hour is no thousandth; it is drawn wider than it is."""
    brief = track((Standing.UP, 30.0), (Standing.DOWN, 30.01), (Standing.UP, 60.0))
    seen = rehearsed.model_copy(update={"availability": availability(brief)})
    bars = window_of(seen, ENGLISH).tracks[0].bars
    assert bars[-1] == Bar(0.5, 0.004, "down")


def test_closed_times_stay_within_the_picture(rehearsed: Rehearsed) -> None:
    """Whatever the lead-in and the end of the closed times are said to be."""
    seen = rehearsed.model_copy(update={"availability": availability(closed=((-5, 10), (50, 90)))})
    for bar in window_of(seen, ENGLISH).tracks[0].closed:
        assert 0 <= bar.at <= bar.at + bar.width <= 1


@pytest.mark.parametrize("language", ["en", "da"])
def test_a_rehearsal_that_came_to_a_halt_says_what_is_missing(halted: Rehearsed, language: Language) -> None:
    """No forecast, with the reason and what to do; nothing counted, nobody looked."""
    window = window_of(halted, Words(language))
    assert (window.forecast, window.remarks, window.censuses, window.tracks) == ((), (), (), ())
    assert window.refused == ("two <sizes> only", "a curve shows at 3", "rehearse at 30000")


def test_equal_input_gives_an_equal_view(rehearsed: Rehearsed) -> None:
    """The view holds no clock and no chance."""
    assert window_of(rehearsed, ENGLISH) == window_of(rehearsed, ENGLISH)


def test_a_forecast_of_the_bounds_alone(rehearsed: Rehearsed) -> None:
    """A latest start before the window is told as it is."""
    early = window_forecast(latest_rollback_start_min=bounds(-12, -40, 3), abort_minute=None)
    window = window_of(rehearsed.model_copy(update={"forecast": early}), ENGLISH)
    assert window.forecast[-1].estimate == "minute -12"
