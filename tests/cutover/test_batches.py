"""Batch times of registers, on ordinary nights and on those of a clock change."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cutover.nights import plan

from epjgate.cutover.batches import batches_between
from epjgate.cutover.window import window_of
from epjgate.model.cutover import Caution


def met(day: str, begins: str, until: str) -> list[str]:
    window = window_of(plan(date=day, window_from=begins, window_until=until))
    assert window.begin is not None
    assert window.end is not None
    return [f"{batch.value} {at:%d %H:%M %z}" for batch, at in batches_between(window.begin, window.end)]


@pytest.mark.parametrize(
    ("begins", "until", "expected"),
    [
        ("01:00", "04:00", ["lpr_list_made 11 01:55 +0200", "lpr_list_sent 11 04:00 +0200"]),
        ("23:00", "03:00", ["lpr_list_made 12 01:55 +0200"]),
        ("02:00", "03:59", []),
        ("01:55", "01:56", ["lpr_list_made 11 01:55 +0200"]),
        ("04:00", "05:00", ["lpr_list_sent 11 04:00 +0200"]),
        ("04:30", "04:10", ["lpr_list_made 12 01:55 +0200", "lpr_list_sent 12 04:00 +0200"]),
    ],
)
def test_batches_in_the_window_are_found(begins: str, until: str, expected: list[str]) -> None:
    """Begin and end included, on both days of a window over midnight, in the order of time."""
    assert met("2027-05-11", begins, until) == expected


def test_a_change_of_the_clock_moves_them() -> None:
    """01:55 is before it and 04:00 after it, by the offset of its own."""
    assert met("2026-10-25", "01:00", "04:00") == ["lpr_list_made 25 01:55 +0200", "lpr_list_sent 25 04:00 +0100"]
    assert met("2027-03-28", "01:00", "04:00") == ["lpr_list_made 28 01:55 +0100", "lpr_list_sent 28 04:00 +0200"]


@given(st.dates(date(2020, 1, 1), date(2040, 12, 30)))
def test_each_batch_comes_once_in_a_day(day: date) -> None:
    """Whatever the clock does that night."""
    window = window_of(plan(date=day.isoformat(), window_from="12:00", window_until="11:59"))
    assert window.begin is not None
    assert window.end is not None
    found = list(batches_between(window.begin, window.end))
    assert [batch for batch, _ in found] == [Caution.LPR_LIST_MADE, Caution.LPR_LIST_SENT]
    assert {at.date() for _, at in found} == {day + timedelta(days=1)}
