"""Which fields an HL7 v2 message fills."""

from __future__ import annotations

import pytest

from epjgate.errors import CandidateFault
from epjgate.surfaces.hl7_fields import fields_of, joined, kind_of

MESSAGE = "\r".join(
    (
        r"MSH|^~\&|EPJ||LAB||20260302||ADT^A01^ADT_A01|1|P|2.5",
        "PID|1||[cpr 1a2b3c]^^^CPR||Skov^Bo",
        "OBX|1|NM|||",
        "OBX|2||NPU^x",
        "",
    )
)


@pytest.mark.parametrize("end", ["\r", "\n"], ids=["as sent", "as evidence keeps it"])
def test_filled_fields_are_numbered_as_the_standard_does(end: str) -> None:
    """MSH-1 is the separator itself; fields that are empty are not filled, and segments of a name are one."""
    assert fields_of(MESSAGE.replace("\r", end)) == {
        "MSH": (1, 2, 3, 5, 7, 9, 10, 11, 12),
        "PID": (1, 3, 5),
        "OBX": (1, 2, 3),
    }


def test_several_messages_are_joined() -> None:
    """What one of them fills is filled."""
    assert joined(({"PID": (3, 5)}, {"PID": (5, 11), "NTE": (3,)})) == {"NTE": (3,), "PID": (3, 5, 11)}
    assert joined(()) == {}


def test_the_type_is_without_its_structure() -> None:
    """MSH-9 may name the structure of the message or not; the type is the same."""
    assert kind_of(MESSAGE) == "ADT^A01"
    assert kind_of("MSH|^~\\&|||||||ACK|1") == "ACK"
    assert kind_of("MSH|^~\\&|") == ""


def test_what_is_no_message_fills_nothing_in_silence() -> None:
    """It is said, and not an empty list of fields."""
    with pytest.raises(CandidateFault):
        fields_of("PID|1||nobody")
