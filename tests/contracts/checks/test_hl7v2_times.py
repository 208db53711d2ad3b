"""Moments of HL7 v2: those that exist, and no others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.contracts.checks.hl7v2_times import is_moment, moment
from epjgate.drivers.hl7v2 import timestamp


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("20260301101500+0100", datetime(2026, 3, 1, 9, 15, tzinfo=UTC)),
        ("202603011015+0000", datetime(2026, 3, 1, 10, 15, tzinfo=UTC)),
        ("20260301101500.1234-0330", datetime(2026, 3, 1, 13, 45, tzinfo=UTC)),
        ("20260301101500", datetime(2026, 3, 1, 9, 15, tzinfo=UTC)),
        ("20260701101500", datetime(2026, 7, 1, 8, 15, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read(text: str, means: datetime) -> None:
    """With and without seconds, fraction and offset; without an offset it is Danish time, in winter and in summer."""
    assert is_moment(text)
    assert moment(text) == means


@pytest.mark.parametrize(
    "text",
    ["", "20260301", "2026030110", "20260230101500+0100", "20260301251500+0100", "20260301101500+01"]
    + [f"20260301101500{offset}" for offset in ("+0101", "+1500", "-1300", "+9900", "Z")],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    """Too short, a day or hour that never was, an offset that no place has."""
    assert not is_moment(text)
    with pytest.raises(ValueError):  # noqa: PT011 - whichever it is, the text is no moment
        moment(text)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), st.integers(-48, 56))  # noqa: DTZ001 - zone below
def test_what_is_written_here_is_read_again(naive: datetime, quarters: int) -> None:
    """Every moment to the second, in every zone."""
    at = naive.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=15 * quarters)))
    assert moment(timestamp(at)) == at
