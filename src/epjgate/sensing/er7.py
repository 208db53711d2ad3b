"""HL7 v2 messages as plain fields that can be changed and written back; what is not touched stays letter by letter."""

from __future__ import annotations

import re
from dataclasses import dataclass

HEADER = "MSH"
_AFTER = re.compile(r"\[\d+\]")


@dataclass
class Message:
    """Segments in their order; each maps `PID-3`, or its components `PID-3.1`, to what is written there.

    A second segment of a name is `OBX[2]`. A field with repetitions is one text. `separator` is MSH-1.
    """

    separator: str
    segments: dict[str, dict[str, str]]


def read(text: str) -> Message:
    """Return the message in `text`, which begins with MSH; its header's two first fields are left alone."""
    separator = text[3:4] or "|"
    message = Message(separator, {})
    for line in text.replace("\n", "\r").split("\r"):
        if line:
            _take(message, line)
    return message


def _take(message: Message, line: str) -> None:
    kind, *fields = line.split(message.separator)
    number = sum(plain(name) == kind for name in message.segments) + 1
    name = kind if number == 1 else f"{kind}[{number}]"
    found: dict[str, str] = {}
    for place, field in enumerate(fields, start=2 if kind == HEADER else 1):
        parts = field.split("^") if "~" not in field and (kind, place) != (HEADER, 2) else [field]
        if len(parts) == 1:
            found[f"{name}-{place}"] = field
        else:
            found.update({f"{name}-{place}.{number}": part for number, part in enumerate(parts, start=1)})
    message.segments[name] = found


def write(message: Message) -> str:
    """Return the message as text; a field or component that was taken away is empty."""
    return "".join(f"{_line(name, fields, message.separator)}\r" for name, fields in message.segments.items())


def _line(name: str, fields: dict[str, str], separator: str) -> str:
    kind = plain(name)
    first = 2 if kind == HEADER else 1
    written: dict[int, dict[int, str]] = {}
    for field, text in fields.items():
        place, _, component = field.rpartition("-")[2].partition(".")
        written.setdefault(int(place), {})[int(component or 1)] = text
    places = range(first, max(written, default=first - 1) + 1)
    return separator.join([kind, *(_field(written.get(place, {})) for place in places)])


def _field(components: dict[int, str]) -> str:
    return "^".join(components.get(number, "") for number in range(1, max(components, default=0) + 1))


def plain(name: str) -> str:
    """Return `name` without the number of its segment: `OBX[2]-5` is a place `OBX-5`."""
    return _AFTER.sub("", name)
