"""A refusal is unknown, not a statement about the candidate."""

from __future__ import annotations

from epjgate.errors import CandidateFault, GateError
from epjgate.forecast.refusal import ForecastRefused


def test_it_says_what_why_and_what_to_measure() -> None:
    """As every error of the gate, and no fault of the candidate."""
    refused = ForecastRefused("p", "c", "f")
    assert isinstance(refused, GateError)
    assert not isinstance(refused, CandidateFault)
    assert str(refused) == "p\n  why: c\n  fix: f"
