"""Local times on the real time line, on every night of the year."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cutover.nights import plan

from epjgate.cutover.window import instants, moment, told_locally, window_of
from epjgate.errors import UsageError
from epjgate.model.cutover import Window

YEARS = range(2020, 2041)
PLAN = plan()
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
TIMES = st.times().map(lambda one: time(one.hour, one.minute))


def last_sunday(year: int, month: int) -> date:
    """The rule of directive 2000/84/EC, told without a time zone database."""
    end = date(year, month, 31)
    return end - timedelta(days=(end.weekday() + 1) % 7)


def night(day: date, begins: str = "01:00", until: str = "04:00") -> Window:
    asked = {"date": day.isoformat(), "window_from": begins, "window_until": until}
    return window_of(PLAN.model_copy(update=asked))


@pytest.mark.parametrize("year", YEARS)
def test_the_night_in_which_an_hour_comes_twice_is_known(year: int) -> None:
    """The window of three hours lasts four; the clock is set back at 01:00 UTC."""
    window = night(last_sunday(year, 10))
    assert window.real_min == 240
    assert window.shift is not None
    assert (window.shift.at.astimezone(UTC).hour, window.shift.by_min) == (1, -60)
    assert f"{window.shift.at:%H:%M}" == "02:00"


@pytest.mark.parametrize("year", YEARS)
def test_the_night_that_lacks_an_hour_is_known(year: int) -> None:
    """The window of three hours lasts two, which is shorter than what was forecast."""
    window = night(last_sunday(year, 3))
    assert (window.real_min, window.shorter) == (120, True)
    assert window.shift is not None
    assert (window.shift.at.astimezone(UTC).hour, window.shift.by_min) == (1, 60)
    assert f"{window.shift.at:%H:%M}" == "03:00"


def test_no_other_night_of_those_years_has_a_change_of_the_clock() -> None:
    """Each day once: two a year, and no more."""
    found = []
    day = date(YEARS[0], 1, 1)
    while day.year in YEARS:
        if night(day).shift is not None:
            found.append(day)
        day += timedelta(days=1)
    assert found == [last_sunday(year, month) for year in YEARS for month in (3, 10)]


def test_a_window_over_midnight_ends_on_the_next_day() -> None:
    """Also over the end of a month, and into the night of a change."""
    window = night(date(2026, 10, 31), "23:00", "04:00")
    assert window.end is not None
    assert (window.end.date(), window.real_min, window.shift) == (date(2026, 11, 1), 300, None)
    assert night(date(2026, 10, 24), "23:00", "04:00").real_min == 360
    assert night(date(2027, 3, 27), "23:00", "04:00").real_min == 240


def test_a_window_that_ends_as_the_clock_changes_is_told() -> None:
    """At 02:00 it is 03:00: of two hours by the clock one is left."""
    window = night(date(2027, 3, 28), "01:00", "03:00")
    assert window.shift is not None
    assert (window.real_min, window.shift.at) == (60, window.end)


def test_a_window_that_ends_at_the_time_it_begins_lasts_a_day() -> None:
    """With a date as without."""
    assert night(date(2027, 5, 11), "01:00", "01:00").real_min == 24 * 60
    assert window_of(plan(date="", window_until="01:00")).real_min == 24 * 60


def test_without_a_date_there_are_no_times_of_the_clock() -> None:
    """The length is the one that the clock's face tells."""
    window = window_of(plan(date="", window_from="23:00", window_until="02:30"))
    assert (window.begin, window.end, window.shift, window.real_min) == (None, None, None, 210)


@given(day=DAYS, begins=TIMES, minutes=st.integers(1, 24 * 60 - 1))
def test_real_length_and_clock_agree(day: date, begins: time, minutes: int) -> None:
    """The window ends when its length has passed, and is told by the times of the plan, wherever it lies."""
    until = (datetime.combine(day, begins) + timedelta(minutes=minutes)).time()
    try:
        window = night(day, f"{begins:%H:%M}", f"{until:%H:%M}")
    except UsageError as err:
        assert "set forward" in err.cause  # noqa: PT017 - the property holds of the others
        return
    assert window.begin is not None
    assert window.end is not None
    assert (f"{window.begin:%H:%M}", f"{window.end:%H:%M}") == (window.local_from, window.local_until)
    assert window.begin.date() == day
    assert window.end - window.begin == timedelta(minutes=window.real_min)
    assert window.real_min == minutes - (window.shift.by_min if window.shift else 0)


@given(day=DAYS, after_s=st.lists(st.floats(0, 86_400), min_size=2).map(sorted))
def test_times_of_the_clock_never_run_backwards(day: date, after_s: list[float]) -> None:
    """As points in time; the face of the clock may, in one night of the year."""
    begin = night(day).begin
    told = [moment(begin, one).at for one in after_s]
    known = [at for at in told if at is not None]
    assert len(known) == len(told)
    assert all(before <= after for before, after in pairwise(known))
    lasts_s = (known[-1] - known[0]).total_seconds()
    assert lasts_s == pytest.approx(after_s[-1] - after_s[0], abs=1e-5)


def test_a_time_that_comes_twice_is_told_apart() -> None:
    """02:30 summer time, an hour later 02:30 winter time; both are on the same clock."""
    begin = night(date(2026, 10, 25)).begin
    first, second = moment(begin, 90 * 60).at, moment(begin, 150 * 60).at
    assert first is not None
    assert second is not None
    assert f"{first:%H:%M %z}, {second:%H:%M %z}" == "02:30 +0200, 02:30 +0100"
    assert instants(date(2026, 10, 25), time(2, 30)) == (first, second)


def test_where_a_time_comes_twice_the_shorter_window_counts() -> None:
    """It begins at the second and ends at the first that follows."""
    autumn = date(2026, 10, 25)
    assert night(autumn, "02:30", "04:00").real_min == 90
    assert night(autumn, "01:00", "02:30").real_min == 90
    assert night(autumn, "02:15", "02:45").real_min == 30


@pytest.mark.parametrize(("begins", "until", "fix"), [("02:30", "04:00", "03:30"), ("01:00", "02:00", "03:00")])
def test_a_time_that_never_comes_is_refused(begins: str, until: str, fix: str) -> None:
    """The clock jumps over it; the refusal names the time that the clock shows instead."""
    with pytest.raises(UsageError) as refused:
        night(date(2027, 3, 28), begins, until)
    assert fix in refused.value.fix


@pytest.mark.parametrize("day", ["2027-02-29", "soon", "28.3.2027", "9999-12-31"])
def test_a_date_that_is_none_is_refused(day: str) -> None:
    """Nor is there a night where the calendar ends."""
    with pytest.raises(UsageError):
        window_of(plan(date=day, window_from="23:00"))


@pytest.mark.parametrize("said", ["24:00", "01:60", "99:99"])
def test_a_time_that_no_clock_shows_is_refused(said: str) -> None:
    """With and without a date."""
    for day in ("", "2027-05-11"):
        with pytest.raises(UsageError, match="no time of the day"):
            window_of(plan(date=day, window_until=said))


def test_a_time_beyond_all_calendars_is_refused() -> None:
    """A forecast of ten thousand years is not wrapped around."""
    with pytest.raises(UsageError, match="no clock"):
        moment(told_locally(datetime(2027, 5, 11, tzinfo=UTC)), 1e12)
