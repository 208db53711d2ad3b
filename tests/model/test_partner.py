"""What receiving systems can be told is closed: no fault that could mean two things."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from epjgate.model.partner import Fault, FaultKind

TAKE_TIME = {FaultKind.LATENCY, FaultKind.LATE_ACKNOWLEDGEMENT}


@pytest.mark.parametrize("kind", FaultKind)
def test_only_faults_that_take_time_have_seconds(kind: FaultKind) -> None:
    """A late acknowledgement says how late; a reset that claims to take a second is refused."""
    right, wrong = (3.0, 0.0) if kind in TAKE_TIME else (0.0, 3.0)
    assert Fault(kind=kind, about="x", seconds=right).seconds == right
    with pytest.raises(ValidationError, match="seconds"):
        Fault(kind=kind, about="x", seconds=wrong)


def test_a_fault_strikes_something() -> None:
    """A fault about nothing would strike every test that runs; it is refused."""
    with pytest.raises(ValidationError, match="about"):
        Fault(kind=FaultKind.RESET, about="")


def test_a_fault_strikes_once_unless_told_otherwise() -> None:
    """Without a number, one message is struck."""
    assert Fault(kind=FaultKind.RESET, about="x").times == 1
