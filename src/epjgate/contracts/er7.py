"""Reads an HL7 v2 message as it is written: segments, fields, repetitions and components (HL7 v2.5.1, 2.5 to 2.7).

It takes the text literally and repairs nothing, so that a check sees what a lenient parser would smooth over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MEANINGS = {"F": "|", "S": "^", "T": "&", "R": "~", "E": "\\", ".br": "\n"}
_ESCAPE = re.compile(r"\\([FSTRE]|\.br)\\")


@dataclass(frozen=True)
class Er7Segment:
    """One segment; fields, repetitions and components count from 1, and MSH-1 is the field separator itself."""

    name: str
    fields: tuple[str, ...]

    def raw(self, field: int) -> str:
        """Return a field as it is written, empty where it is left out."""
        return self.fields[field - 1] if field <= len(self.fields) else ""

    def repetitions(self, field: int) -> tuple[str, ...]:
        """Return the repetitions of a field as they are written, none where it is empty."""
        return tuple(self.raw(field).split("~")) if self.raw(field) else ()

    def value(self, field: int, component: int = 1, *, repetition: int = 1) -> str:
        """Return one component as the text that it stands for, empty where it is left out."""
        repetitions = self.repetitions(field)
        components = repetitions[repetition - 1].split("^") if repetition <= len(repetitions) else []
        return unescaped(components[component - 1]) if component <= len(components) else ""


@dataclass(frozen=True)
class Er7:
    """A message: its text as it came, and its segments in order."""

    text: str
    segments: tuple[Er7Segment, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the segments, in order."""
        return tuple(segment.name for segment in self.segments)

    @property
    def header(self) -> Er7Segment:
        """The first segment, MSH."""
        return self.segments[0]

    @property
    def kind(self) -> str:
        """Message type and trigger of MSH-9, for example `ADT^A01`."""
        return f"{self.header.value(9)}^{self.header.value(9, 2)}".rstrip("^")

    def all(self, name: str) -> Iterator[Er7Segment]:
        """Yield every segment called `name`."""
        return (segment for segment in self.segments if segment.name == name)

    def first(self, name: str) -> Er7Segment:
        """Return the first segment called `name`; raises ValueError where there is none."""
        found = next(self.all(name), None)
        if found is None:
            raise ValueError(f"{self.kind or 'the message'} has no segment {name}")
        return found


def read_er7(text: str) -> Er7:
    """Return the message in `text`; raises ValueError where it does not begin with MSH and the usual separators."""
    if not text.startswith("MSH|^~\\&|"):
        raise ValueError("it does not begin with MSH|^~\\&|")
    return Er7(text, tuple(_segment(line) for line in text.split("\r") if line))


def unescaped(text: str) -> str:
    """Return what `text` says; escape sequences other than those of separators and line breaks stay (2.7)."""
    return _ESCAPE.sub(lambda found: _MEANINGS[found[1]], text)


def _segment(line: str) -> Er7Segment:
    name, *fields = line.split("|")
    return Er7Segment(name, ("|", *fields) if name == "MSH" else tuple(fields))
