"""Which fields of which segments HL7 v2 messages fill."""

from __future__ import annotations

from collections.abc import Iterable

from epjgate.drivers.hl7v2 import parsed

Fields = dict[str, tuple[int, ...]]
"""The numbers of the fields that are filled, by segment."""


def fields_of(text: str) -> Fields:
    """Return the fields that the message `text` fills, segment ends CR or LF; CandidateFault where it is no message."""
    found: dict[str, set[int]] = {}
    for segment in parsed(text.replace("\n", "\r"), "a message of the release"):
        name = str(segment[0])
        if name:
            numbers = {number for number, field in enumerate(segment) if number and str(field)}
            found.setdefault(name, set()).update(numbers)
    return {name: tuple(sorted(numbers)) for name, numbers in found.items()}


def joined(every: Iterable[Fields]) -> Fields:
    """Return the fields that at least one of `every` fills."""
    all_of: dict[str, set[int]] = {}
    for fields in every:
        for segment, numbers in fields.items():
            all_of.setdefault(segment, set()).update(numbers)
    return {segment: tuple(sorted(numbers)) for segment, numbers in sorted(all_of.items())}


def kind_of(text: str) -> str:
    """Return the type of a message as MSH-9 names it, `ADT^A01`, without its structure; empty where there is none."""
    fields = text.replace("\n", "\r").partition("\r")[0].split("|")
    parts = fields[8].split("^") if len(fields) > 8 else []
    return "^".join(parts[:2])
