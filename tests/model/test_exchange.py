"""An exchange in one line."""

from __future__ import annotations

import pytest

from epjgate.model.exchange import Exchange


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (201, None, "POST http://a/Patient -> 201 in 12 ms"),
        (None, "timed out", "POST http://a/Patient -> no answer (timed out) in 12 ms"),
    ],
)
def test_a_summary_says_what_was_asked_and_answered(status: int | None, error: str | None, expected: str) -> None:
    """Method, URL, status or why there is none, and milliseconds."""
    exchange = Exchange("POST", "http://a/Patient", {}, None, status, {}, None, 0.0123, error)
    assert exchange.summary() == expected
    assert Exchange(**exchange.as_dict()) == exchange  # type: ignore[arg-type]  # its own values, as it gave them
