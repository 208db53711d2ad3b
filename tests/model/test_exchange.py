"""An exchange in one line."""

from __future__ import annotations

import pytest

from epjgate.model.exchange import Exchange


def test_a_code_stands_for_the_status_where_a_protocol_has_none() -> None:
    """HL7 v2 answers AA, AE or AR; that is an answer."""
    exchange = Exchange("MLLP", "mllp://a:1", {}, "MSH", None, {}, "MSA", 0.0123, code="AE")
    assert exchange.summary() == "MLLP mllp://a:1 -> AE in 12 ms"


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
