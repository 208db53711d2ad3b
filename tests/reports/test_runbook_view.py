"""A runbook in words, before it becomes Markdown or a page."""

from __future__ import annotations

import pytest
from tests.cutover.nights import forecast, interval, plan

from epjgate.cutover.clock import cutover_of
from epjgate.model.verdict import Decision
from epjgate.reports.runbook_view import runbook_view


def test_each_step_has_its_times() -> None:
    """When it is expected to be done, when it begins and is done at the latest, and how long it takes."""
    migration = runbook_view(cutover_of(plan(), forecast()), "en").upgrade[3]
    assert (migration.number, migration.name) == (4, "migrate the database")
    assert (migration.expected, migration.begins, migration.latest) == ("01:32 CEST", "01:18 CEST", "01:45 CEST")
    assert migration.takes == "20 min, at most 27 min"


def test_the_point_of_no_return_stands_before_one_step() -> None:
    """Before it the old release is started again; from it on only the rollback leads back."""
    rows = runbook_view(cutover_of(plan(), forecast()), "en").upgrade
    assert [row.first_past_return for row in rows] == [False, False, False, True, False, False, False]
    assert {row.late for row in rows[:3]}.isdisjoint(row.late for row in rows[3:])
    assert ("Point of no return", "01:18 CEST at the latest, the start of: migrate the database") in runbook_view(
        cutover_of(plan(), forecast()), "en"
    ).times


def test_the_abort_time_is_the_cautious_one_alone() -> None:
    """No other time of the clock is offered for it; the estimate is told in minutes, where the making is told."""
    view = runbook_view(cutover_of(plan(), forecast()), "en")
    assert (view.abort, view.abort_known) == ("03:07 CEST, minute 127 of the window", True)
    assert "minute 134; bounds: minute 127 to minute 135" in " ".join(view.how)
    assert "03:14" not in repr(view)


def test_where_no_rollback_is_sure_to_fit_no_abort_time_is_given() -> None:
    """Nowhere: not for the steps, not for the rollback, whose times count from its own start."""
    none = forecast(abort_minute=None, latest_rollback_start_min=interval(3, -4, 9))
    view = runbook_view(cutover_of(plan(), none), "en")
    assert (view.go, view.advice, view.abort_known) == (False, "NO-GO", False)
    assert view.abort.startswith("NO-GO")
    assert "no abort time" in view.upgrade_how
    assert "minute 3" not in repr(view)
    assert [row.latest for row in view.rollback] == ["+1 min", "+21 min", "+23 min", "+33 min"]
    assert not any("At the abort time" in row.late for row in view.upgrade)


def test_without_a_date_all_times_count_from_the_start() -> None:
    """And it is said that nothing that a date decides was checked."""
    view = runbook_view(cutover_of(plan(date=""), forecast()), "en")
    assert [row.latest for row in view.upgrade][:2] == ["+1 min", "+4 min"]
    assert view.abort == "+2 h 7 min, minute 127 of the window"
    assert "NOT checked" in " ".join(view.how)
    assert view.night == "01:00-04:00, no date was named"
    assert "CEST" not in repr(view)


def test_the_offset_from_utc_stands_with_the_edges_of_the_window() -> None:
    """They differ in the night of a change."""
    times = dict(runbook_view(cutover_of(plan(date="2026-10-25"), forecast()), "en").times)
    assert times["Window begins"] == "01:00 CEST (UTC+02:00)"
    assert times["Window ends"] == "04:00 CET (UTC+01:00)"
    assert times["Real length"] == "4 h"


def test_a_window_over_midnight_names_both_days() -> None:
    """By which a night that was meant to be the one before is seen."""
    over = plan(window_from="23:00", window_until="02:00")
    assert (
        runbook_view(cutover_of(over, forecast()), "en").night
        == "Tuesday 11 May 2027 - Wednesday 12 May 2027, 23:00-02:00"
    )


@pytest.mark.parametrize(("verdict", "word"), [(None, "not told here"), (Decision.REJECTED, "rejected")])
def test_the_verdict_of_the_gate_stands_beside_the_advice(verdict: Decision | None, word: str) -> None:
    """Or that it is not known."""
    facts = dict(runbook_view(cutover_of(plan(), forecast(), verdict=verdict), "en").facts)
    assert facts["verdict of the gate"] == word


def test_what_is_verified_after_a_rollback_is_the_old_release() -> None:
    """Though the same step verified the upgrade."""
    view = runbook_view(cutover_of(plan(), forecast()), "en")
    assert view.rollback[-1].name == view.upgrade[5].name
    assert view.rollback[-1].look != view.upgrade[5].look
