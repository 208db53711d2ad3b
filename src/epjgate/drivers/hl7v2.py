"""HL7 v2.5 messages: written from plain fields, acknowledgements read (HL7 v2.5 chapter 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import hl7

from epjgate.contracts.er7 import Er7, read_er7
from epjgate.errors import CandidateFault

Field = str | Sequence[str]
"""A field: one text, or the components of one; a text that is `Raw` stands as it is."""


class Raw(str):
    """A field that is already written: separators in it separate, escape sequences in it mean something."""

    __slots__ = ()


class Charset(StrEnum):
    """The character set of a message, as MSH-18 names it (HL7 table 0211)."""

    UTF_8 = "UNICODE UTF-8"
    LATIN_1 = "8859/1"

    @property
    def encoding(self) -> str:
        """The name by which Python knows it."""
        return "utf-8" if self is Charset.UTF_8 else "iso-8859-1"


@dataclass(frozen=True)
class Header:
    """What MSH says: who sends which type of message to whom, when, under which id, in which character set."""

    sender: str
    kind: str
    message_id: str
    at: datetime
    charset: Charset = Charset.UTF_8
    facility: str = ""
    receiver: str = "EPJ"
    receiving_facility: str = ""


# What the parser raises; its assertion is about separators that MSH-2 names twice.
_BROKEN = (hl7.HL7Exception, ValueError, IndexError, KeyError, AssertionError)
# It logs whole fields that it cannot unescape, and a field may be a person's.
for _module in (hl7.containers, hl7.util):
    _module.logger.disabled = True

_NAMES = {"\\": "E", "|": "F", "^": "S", "&": "T", "~": "R", "\n": ".br"}
_ESCAPES = str.maketrans({letter: f"\\{name}\\" for letter, name in _NAMES.items()})


def message(header: Header, *segments: Sequence[Field]) -> bytes:
    """Return a whole message; each of `segments` is its name followed by its fields from the first one on.

    Fields are escaped here (2.7). Raises UnicodeEncodeError where the character set has no such letter.
    """
    kind: Sequence[str] = header.kind.split("^")
    msh: list[Field] = [
        "MSH",
        header.sender,
        header.facility,
        header.receiver,
        header.receiving_facility,
        timestamp(header.at),
        "",
        kind,
        header.message_id,
        "P",
        "2.5",
        *[""] * 5,
        header.charset.value,
    ]
    first = "|".join(["MSH", r"^~\&", *map(_written, msh[1:])])
    rest = ["|".join(map(_written, segment)) for segment in segments]
    return "".join(f"{segment}\r" for segment in (first, *rest)).encode(header.charset.encoding)


def timestamp(at: datetime) -> str:
    """Return `at` as an HL7 time with seconds and offset (2.A.22); ValueError where it has no zone."""
    if at.utcoffset() is None:
        raise ValueError(f"{at.isoformat()} has no time zone")
    return at.strftime("%Y%m%d%H%M%S%z")


@dataclass(frozen=True)
class Acknowledged:
    """An acknowledgement as it came; `code` is MSA-1, `message_id` MSA-2."""

    er7: Er7
    code: str
    message_id: str

    @property
    def text(self) -> str:
        """The whole message, segments ended by carriage returns."""
        return self.er7.text


def acknowledged(answer: str) -> Acknowledged:
    """Return `answer` as an acknowledgement; CandidateFault where it is none."""
    try:
        message = read_er7(answer)
        said = message.first("MSA")
    except ValueError as err:
        raise CandidateFault(f"the answer is no acknowledgement: {err}") from err
    return Acknowledged(message, said.value(1), said.value(2))


def parsed(text: str, what: str) -> hl7.Message:
    """Return `text` as a message; CandidateFault, naming it as `what`, where it is none."""
    try:
        return hl7.parse(text)
    except _BROKEN as err:
        raise CandidateFault(f"{what} is no HL7 v2 message: {type(err).__name__}: {err}") from err


def segments_of(text: str, what: str) -> dict[str, hl7.Segment]:
    """Return the first segment of each name in `text`; CandidateFault, naming it as `what`, where it is no message."""
    found: dict[str, hl7.Segment] = {}
    for segment in parsed(text, what):
        if name := str(segment[0]):
            found.setdefault(name, segment)
    return found


def field_of(segment: hl7.Segment, number: int, component: int = 1) -> str:
    """Return a component of the first repetition of a field, unescaped; empty where it is left out."""
    try:
        field = segment(number)
    except IndexError:
        return ""
    first = field[0] if len(field) else ""
    parts = list(first) if isinstance(first, hl7.Repetition) else [first]
    raw = parts[component - 1] if component <= len(parts) else ""
    whole = str(raw)
    return str(hl7.util.unescape(segment, whole)).replace("\r", "\n") if whole else ""


def _written(field: Field) -> str:
    if isinstance(field, Raw):
        return str(field)
    parts = [field] if isinstance(field, str) else field
    return "^".join(part.translate(_ESCAPES) for part in parts)
