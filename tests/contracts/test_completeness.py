"""Completeness: what is filled less than in production is told, and nothing at all is never complete."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.contracts.completeness import FILE, Completeness, load_completeness, shares_filled, shortfalls
from epjgate.errors import UsageError

DOCUMENT = """
schema_version = "epjgate/completeness/1"
title = "Reports"
source = "production"
messages = 4
[fields]
Id = "1"
"Contact.End" = "0.75"
"""


@pytest.fixture
def expected(tmp_path: Path) -> Completeness:
    """Four messages, three of them with an end."""
    (tmp_path / FILE).write_text(DOCUMENT, encoding="utf-8")
    return load_completeness(tmp_path)


def messages(*ends: str | None) -> list[dict[str, Any]]:
    """Return a message for each end; None leaves it out."""
    return [{"Id": "1", "Contact": {"End": end} if end is not None else {}} for end in ends]


def test_as_full_as_production_is_full(expected: Completeness) -> None:
    """The same share or more, the same number or more."""
    assert list(shortfalls(expected, messages("x", "x", "x", None))) == []
    assert list(shortfalls(expected, messages("x", "x", "x", "x", "x"))) == []


@pytest.mark.parametrize("missing", ["", None])
def test_a_field_that_is_filled_less_is_told(expected: Completeness, missing: str | None) -> None:
    """An empty value is none; path, share now and share of production are said."""
    (found,) = shortfalls(expected, messages("x", "x", missing, missing))
    assert found == "Contact.End is filled in 50% of the messages, where production fills it in 75%"


def test_fewer_messages_are_told(expected: Completeness) -> None:
    """Also where those that came are full."""
    (found,) = shortfalls(expected, messages("x", "x", "x"))
    assert found == "3 messages, where production sends 4"


def test_nothing_is_not_complete(expected: Completeness) -> None:
    """Without messages nothing is filled."""
    assert len(list(shortfalls(expected, []))) == 3


@given(filled=st.integers(0, 9), empty=st.integers(0, 9))
def test_a_share_is_exact(filled: int, empty: int) -> None:
    """Messages with the field, of all messages."""
    shares = shares_filled(messages(*["x"] * filled, *[None] * empty))
    assert shares.get("Contact.End", Decimal(0)) == (Decimal(filled) / (filled + empty) if filled else 0)


@pytest.mark.parametrize(
    ("old", "new"),
    [("messages = 4", "messages = 0"), ('"0.75"', '"1.1"'), ("/1", "/2"), ('source = "production"', 'source = ""')],
)
def test_a_document_with_a_mistake_is_refused(tmp_path: Path, old: str, new: str) -> None:
    """An unknown schema, no messages, a share above the whole, no source."""
    (tmp_path / FILE).write_text(DOCUMENT.replace(old, new), encoding="utf-8")
    with pytest.raises(UsageError):
        load_completeness(tmp_path)


def test_no_document_is_an_error(tmp_path: Path) -> None:
    """Nothing to compare with is no comparison."""
    with pytest.raises(UsageError, match=FILE):
        load_completeness(tmp_path)
