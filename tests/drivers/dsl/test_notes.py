"""Notes as they are written."""

from __future__ import annotations

from datetime import datetime

import pytest

from epjgate.drivers.dsl.notes import Note


def test_a_note_has_a_moment() -> None:
    """A time without a zone is a mistake of the test."""
    with pytest.raises(ValueError, match=r"written_at .* has no time zone"):
        Note("Journal", "x", datetime(2026, 3, 1, 8))  # noqa: DTZ001  (the missing zone is the point)
