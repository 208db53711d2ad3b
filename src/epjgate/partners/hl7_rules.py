"""What a laboratory or an imaging department accepts: admissions and orders in HL7 v2.

Source: HL7 v2.5.1 chapters 2 (header, acknowledgement), 3 (ADT) and 4 (ORM).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from pydantic import JsonValue

from epjgate.partners.hl7_message import Hl7Message, Unreadable, acknowledgement, decoded, read_message, read_text
from epjgate.partners.interface import Judgement
from epjgate.partners.person_number import read_number

_TIME = re.compile(r"\d{8}(\d{4}(\d{2}(\.\d{1,4})?)?)?([+-]\d{4})?", re.ASCII)
_ARRIVAL, _DEPARTURE = "PV1-44", "PV1-45"


class Department:
    """Plays a receiver of HL7 v2: AA accepts, AE refuses the content, AR what cannot be read or is not supported.

    A message whose MSH-10 was accepted from the same sender before gets the same answer and is not processed.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget all messages."""
        self._answers: dict[tuple[str, str, str], bytes] = {}

    def kind(self, message: bytes) -> str:
        """Return type and trigger, for example `ADT^A01`; `?` where they cannot be read."""
        try:
            return _type(read_message(message))
        except Unreadable:
            return "?"

    def text(self, message: bytes) -> str:
        """Return the message in the character set that it names."""
        return decoded(message)

    def parsed(self, text: str) -> dict[str, JsonValue]:
        """Return the fields by name, empty where the text is no message."""
        try:
            return read_text(text).fields
        except Unreadable:
            return {}

    def is_read(self, message: bytes) -> bool:  # noqa: ARG002 - the port asks for it
        """Return False: no message only asks."""
        return False

    def judge(self, message: bytes, now: datetime) -> Judgement[bytes]:  # noqa: ARG002 - a department looks at no clock
        """Judge the header, then the content."""
        try:
            read = read_message(message)
        except Unreadable as err:
            return _refused(message, "AR", str(err))
        identity = (read["MSH-3"], read["MSH-4"], read["MSH-10"])
        if (first := self._answers.get(identity)) is not None:
            return Judgement(first, accepted=True, repeated=True)
        if reason := _header_mistake(read):
            return _refused(message, "AE", reason)
        rules = _CONTENT.get(_type(read))
        if rules is None:
            return _refused(message, "AR", "MSH-9: a message of this type is not supported")
        if reason := next(filter(None, (rule(read) for rule in (_person_mistake, *rules))), ""):
            return _refused(message, "AE", reason)
        self._answers[identity] = acknowledgement(message, "AA")
        return Judgement(self._answers[identity], accepted=True)

    def refusal(self, message: bytes) -> Judgement[bytes]:
        """Return AE."""
        return _refused(message, "AE", "the receiver refuses this message")

    def transient(self, message: bytes) -> bytes | None:  # noqa: ARG002 - the port asks for it
        """Return None: HL7 v2 has no answer that asks for another try."""
        return None


def _refused(message: bytes, code: str, reason: str) -> Judgement[bytes]:
    return Judgement(acknowledgement(message, code, reason), accepted=False, reason=f"{code} {reason}")


def _type(message: Hl7Message) -> str:
    return f"{message['MSH-9.1']}^{message['MSH-9.2']}"


def _header_mistake(message: Hl7Message) -> str:
    """Return which rule the header breaks."""
    if message.segments.count("MSH") != 1:
        return "MSH: a message has one header"
    wrong = {
        "MSH-3: the sender is missing": not message["MSH-3"],
        "MSH-7: no time": not _TIME.fullmatch(message["MSH-7.1"]),
        "MSH-10: the message has no identity": not message["MSH-10"],
        "MSH-11: neither P, T nor D": message["MSH-11.1"] not in {"P", "T", "D"},
        "MSH-12: no version 2": not message["MSH-12.1"].startswith("2."),
    }
    return next((rule for rule, broken in wrong.items() if broken), "")


def _number_mistake(message: Hl7Message, name: str) -> str:
    try:
        read_number(message[f"{name}.1"])
    except ValueError as err:
        return f"{name}: {err}"
    return ""


def _person_mistake(message: Hl7Message) -> str:
    return _number_mistake(message, "PID-3") or ("" if message["PID-5"] else "PID-5: the name is missing")


def _admission_mistake(message: Hl7Message) -> str:
    return _time_mistake(message, _ARRIVAL) or ("" if message["PV1-3"] else "PV1-3: the ward is missing")


def _discharge_mistake(message: Hl7Message) -> str:
    return _time_mistake(message, _DEPARTURE)


def _time_mistake(message: Hl7Message, name: str) -> str:
    return "" if _TIME.fullmatch(message[f"{name}.1"]) else f"{name}: no time"


def _merge_mistake(message: Hl7Message) -> str:
    if message["MRG-1.1"] == message["PID-3.1"]:
        return "MRG-1: a person cannot be merged into itself"
    return _number_mistake(message, "MRG-1")


def _order_mistake(message: Hl7Message) -> str:
    wrong = {
        "ORC-1: the order control is missing": not message["ORC-1"],
        "ORC-2: the order has no number": not message["ORC-2.1"],
        "OBR-2: not the number of ORC-2": message["OBR-2.1"] != message["ORC-2.1"],
        "OBR-4: it is not said what is ordered": not message["OBR-4.1"],
    }
    return next((rule for rule, broken in wrong.items() if broken), "")


_CONTENT: Mapping[str, tuple[Callable[[Hl7Message], str], ...]] = {
    "ADT^A01": (_admission_mistake,),
    "ADT^A03": (_discharge_mistake,),
    "ADT^A08": (),
    "ADT^A40": (_merge_mistake,),
    "ORM^O01": (_order_mistake,),
}
