"""Completeness: in which share of the messages of a standard set of cases each field was filled in production.

A register that gets fewer fields than before notices it only months later; so the shares are kept as a document, and a
candidate that fills a field in fewer messages than production did is at fault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from epjgate.errors import UsageError
from epjgate.model.base import Value
from epjgate.model.parsing import parse_toml

FILE = "completeness.toml"

Share = Annotated[Decimal, Field(ge=0, le=1)]


class Completeness(Value):
    """`contracts/<interface>/completeness.toml`; `fields` maps a path such as `Contact.End` to its share, 0 to 1."""

    schema_version: Literal["epjgate/completeness/1"]
    title: str
    source: Annotated[str, Field(min_length=1)]
    messages: Annotated[int, Field(ge=1)]
    fields: Annotated[dict[str, Share], Field(min_length=1)]


def load_completeness(interface: Path) -> Completeness:
    """Return the document in the folder of an interface; raises UsageError where there is none or it has mistakes."""
    file = interface / FILE
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as err:
        raise UsageError(f"{file} cannot be read", f"{err}", "write down what production fills") from err
    return parse_toml(text, str(file), Completeness)


def shares_filled(messages: Sequence[dict[str, Any]]) -> dict[str, Decimal]:
    """Return in which share of `messages` each field is filled, by its path; nothing where there are no messages."""
    filled = Counter(path for message in messages for path in _filled(message))
    return {path: Decimal(count) / len(messages) for path, count in sorted(filled.items())}


def shortfalls(expected: Completeness, messages: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield in words where `messages` are fewer or hold less than production's did."""
    if len(messages) < expected.messages:
        yield f"{len(messages)} messages, where production sends {expected.messages}"
    found = shares_filled(messages)
    for path, share in expected.fields.items():
        now = found.get(path, Decimal(0))
        if now < share:
            yield f"{path} is filled in {now:.0%} of the messages, where production fills it in {share:.0%}"


def _filled(message: dict[str, Any], above: str = "") -> Iterator[str]:
    for name, value in message.items():
        if isinstance(value, dict):
            yield from _filled(value, f"{above}{name}.")
        elif value not in (None, "", []):
            yield f"{above}{name}"
