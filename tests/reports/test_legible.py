"""Tests of epjgate.reports.legible."""

from __future__ import annotations

import unicodedata
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epjgate.reports.legible import legible, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ægir Ødegård 😀", "Ægir Ødegård 😀"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\rb", "a\\x0db"),
        ("a\r\nb\tc", "a\nb\tc"),
        ("\u202egodkendt", "\\u202egodkendt"),
        ("\ud800\ufffe\x9b", "\\ud800\\ufffe\\x9b"),
    ],
)
def test_what_cannot_be_seen_is_spelt_out(text: str, shown: str) -> None:
    """Letters stay; whatever steers a terminal, turns the reading direction or breaks XML is shown by its code."""
    assert legible(text) == shown


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_legible_text_is_valid_everywhere(text: str) -> None:
    """The result can be encoded, put into XML, and holds no control character but tab and line end."""
    shown = legible(text)
    root = ElementTree.fromstring(f"<a>{shown.replace('&', '').replace('<', '')}</a>")  # noqa: S314 - our own text
    assert root.tag == "a"
    assert all(unicodedata.category(char) != "Cc" or char in "\t\n" for char in shown)
    assert legible(shown) == shown


@settings(deadline=None)
@given(st.text(), st.integers(min_value=2, max_value=80))
def test_one_line_is_one_line(text: str, most: int) -> None:
    """No line end is left, and never more than the length asked for."""
    line = one_line(text, most)
    assert line.splitlines() in ([line], [])
    assert len(line) <= most


def test_a_cut_is_marked() -> None:
    """A reader sees that something is missing."""
    assert one_line("abcdef", 4) == "abc…"
