"""Points in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from epjgate.drivers.dsl.instants import point_in_time

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


@pytest.mark.parametrize("fold", [0, 1])
def test_a_time_in_the_hour_that_comes_twice_equals_itself_read_back(fold: int) -> None:
    """The offset of the moment is kept, so the time compares with what a system returns."""
    at = datetime(2026, 10, 25, 2, 30, tzinfo=COPENHAGEN, fold=fold)
    fixed = point_in_time("at", at)
    assert fixed == datetime.fromisoformat(at.isoformat())
    assert fixed.utcoffset() == timedelta(hours=2 - fold)
    assert fixed.astimezone(UTC) == at.astimezone(UTC)


def test_a_time_without_a_zone_is_refused_by_name() -> None:
    """The message says which time it was."""
    with pytest.raises(ValueError, match=r"taken_at 2026-03-29T02:30:00 has no time zone"):
        point_in_time("taken_at", datetime(2026, 3, 29, 2, 30))  # noqa: DTZ001  (the missing zone is the point)
