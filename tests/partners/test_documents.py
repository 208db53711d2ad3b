"""Documents are read strictly, and times compared as times."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.partners.documents import Malformed, is_before, json_object, moment


def test_numbers_keep_their_digits() -> None:
    """0.10 is not 0.1: what a partner parsed shows what was sent."""
    assert json_object(b'{"a": 0.10, "b": 1E400, "c": 7, "d": "\xc3\xa6"}') == {
        "a": "0.10",
        "b": "1E400",
        "c": 7,
        "d": "æ",
    }


@given(st.binary(max_size=30) | st.sampled_from([b"[]", b'"a"', b"[" * 10_000, b'{"a": Infinity}', b'{"a":"\\udfff"}']))
def test_whatever_comes_is_an_object_or_malformed(body: bytes) -> None:
    """No bytes bring the reader down."""
    try:
        found = json_object(body)
    except Malformed:
        return
    assert isinstance(found, dict)


@pytest.mark.parametrize("text", ["", "2024-02-30", "20240314", "2024-03-14T08:00:00", "today", "2024-3-1"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    """Days that never were, other ways of writing, times without their offset."""
    with pytest.raises(ValueError, match=r"."):
        moment(text)


def test_moments_are_days_or_times() -> None:
    """Both ways that ISO 8601 is used in the documents."""
    assert moment("2024-03-14") == date(2024, 3, 14)
    assert moment("2024-03-14T08:00:00Z") == datetime(2024, 3, 14, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("2024-03-31T01:30:00+01:00", "2024-03-31T03:00:00+02:00", True),
        ("2024-10-27T02:30:00+01:00", "2024-10-27T02:45:00+02:00", False),
        ("2024-03-14", "2024-03-14T08:00:00+01:00", False),
        ("2024-03-13", "2024-03-14T08:00:00+01:00", True),
    ],
)
def test_order_follows_the_clock_not_the_letters(first: str, second: str, *, expected: bool) -> None:
    """The hours around a change of summer time are in their true order; a day is before the next one only."""
    assert is_before(first, second) is expected
