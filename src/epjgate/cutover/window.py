"""Puts a change window, told in local times, on the real time line, where a night may lack an hour or have it twice.

Summer time begins and ends at 01:00 UTC on the last Sundays of March and October (directive 2000/84/EC, articles 2, 3).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from epjgate.errors import UsageError
from epjgate.model.cutover import ClockShift, Moment, Window
from epjgate.model.rehearsal import RehearsalPlan

ZONE = "Europe/Copenhagen"
_HOUR = timedelta(hours=1)
_MINUTES_A_DAY = 24 * 60


def window_of(plan: RehearsalPlan) -> Window:
    """Return the window of `plan`; one that ends at or before the time it begins ends on the next day.

    Where a time comes twice the shorter window counts: it begins at the second and ends at the first.
    Raises UsageError for a date that is none, and for a time that no clock shows, that night or ever.
    """
    begins, ends = _time_of_day(plan.window_from), _time_of_day(plan.window_until)
    night = _night(_day(plan.date), begins, ends) if plan.date else None
    return Window(
        date=plan.date,
        local_from=plan.window_from,
        local_until=plan.window_until,
        planned_min=plan.window_min,
        real_min=(night[1] - night[0]) / timedelta(minutes=1) if night else _nominal_min(begins, ends),
        begin=told_locally(night[0]) if night else None,
        end=told_locally(night[1]) if night else None,
        shift=_shift(*night) if night else None,
    )


def moment(begin: datetime | None, after_s: float) -> Moment:
    """Return the time `after_s` seconds after `begin`, of which the clock is told where `begin` is known.

    Raises UsageError where no calendar reaches that far.
    """
    if begin is None:
        return Moment(after_s=after_s)
    try:
        return Moment(after_s=after_s, at=told_locally(begin + timedelta(seconds=after_s)))
    except OverflowError as err:
        raise UsageError(
            f"no clock tells the time {after_s:g} s after the start",
            "the forecast is beyond all bounds",
            "rehearse again",
        ) from err


def instants(day: date, local: time) -> tuple[datetime, ...]:
    """Return when the clock shows `local` on `day`, in UTC: once, or twice in the night when clocks are set back.

    Raises UsageError where it never does: in the night when clocks are set forward.
    """
    told = datetime.combine(day, local)
    both = sorted({told.replace(tzinfo=_zone(), fold=fold).astimezone(UTC) for fold in (0, 1)})
    real = tuple(one for one in both if told_locally(one).replace(tzinfo=None) == told)
    if real:
        return real
    raise UsageError(
        f"there is no {local:%H:%M} on {day}",
        "clocks are set forward that night, past this time",
        f"name {told_locally(both[-1]):%H:%M}, or another night",
    )


def told_locally(instant: datetime) -> datetime:
    """Return `instant` as the hospital's clock shows it, with the offset from UTC that holds at that moment.

    The offset is a fixed one: between times of one zone Python counts by the clock's face, not by real time.
    """
    local = instant.astimezone(_zone())
    return local.replace(tzinfo=timezone(local.utcoffset() or timedelta()))


def _night(day: date, begins: time, ends: time) -> tuple[datetime, datetime]:
    try:
        begin = instants(day, begins)[-1]
        end = next(one for one in instants(day + timedelta(days=ends <= begins), ends) if one > begin)
    except OverflowError as err:
        raise UsageError(f"no window on {day}", "the calendar ends there", "name the day of the upgrade") from err
    return begin, end


def _shift(begin: datetime, end: datetime) -> ClockShift | None:
    """Return the clock change after `begin` and until `end`; it comes at a full hour of UTC, at most once in a day."""
    before = told_locally(begin).utcoffset()
    hour = begin.replace(minute=0, second=0, microsecond=0) + _HOUR
    while hour <= end:
        local = told_locally(hour)
        after = local.utcoffset()
        if before is not None and after is not None and after != before:
            return ClockShift(at=local, by_min=round((after - before) / timedelta(minutes=1)))
        hour += _HOUR
    return None


def _nominal_min(begins: time, ends: time) -> float:
    minutes = (ends.hour - begins.hour) * 60 + ends.minute - begins.minute
    return float(minutes % _MINUTES_A_DAY or _MINUTES_A_DAY)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as err:
        raise UsageError(f"{text!r} is no date", str(err), "write it as 2027-03-09") from err


def _time_of_day(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as err:
        raise UsageError(f"{text!r} is no time of the day", str(err), "write it as 01:00, from 00:00 to 23:59") from err


@cache
def _zone() -> ZoneInfo:
    try:
        return ZoneInfo(ZONE)
    except ZoneInfoNotFoundError as err:
        raise UsageError(
            f"the time zone {ZONE} is not known here",
            "neither the system nor Python has time zone data",
            "install tzdata",
        ) from err
