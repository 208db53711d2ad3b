"""The wording of findings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.policy.wording import SUMMARY_LIMIT, brief, counted, listed


@given(st.text())
def test_brief_text_is_one_short_line(text: str) -> None:
    """Whatever a test or a service wrote, a summary is one line within the limit."""
    line = brief(text)
    assert len(line) <= SUMMARY_LIMIT
    assert len(line.splitlines()) <= 1


def test_brief_keeps_what_fits_and_marks_what_it_cut() -> None:
    """Text at the limit stays; one character more is cut, visibly."""
    assert brief("æøå\n and  more") == "æøå and more"
    assert brief("abcd", 4) == "abcd"
    assert brief("abcde", 4) == "abc…"


@pytest.mark.parametrize(("number", "text"), [(0, "0 tests"), (1, "1 test"), (2, "2 tests")])
def test_counts_agree_with_their_noun(number: int, text: str) -> None:
    """One test, two tests."""
    assert counted(number, "test") == text


def test_a_long_list_says_how_many_it_does_not_name() -> None:
    """Nothing is left out silently."""
    assert listed("abc") == "a, b, c"
    assert listed("abcdefg") == "a, b, c, d, e, and 2 more"
