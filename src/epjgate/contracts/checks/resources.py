"""Ways through FHIR resources that several checks go: objects, texts, identifiers, patients.

`identifiers` and `patients` raise ValueError where they find nothing: what was lost on the way must not look like
what is in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from epjgate.contracts.checks.interface import Document

Found = Iterator[tuple[str, dict[str, Any]]]
"""Objects with their places in the document."""


def objects(value: Document, path: str = "") -> Found:
    """Yield every object in `value` with its place, `value` itself at the empty one; nothing where there is none."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from objects(item, f"{path}[{number}]")
    elif isinstance(value, dict):
        yield path, value
        for name, item in value.items():
            yield from objects(item, f"{path}.{name}" if path else name)


def texts(value: Document, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text in `value` with its place."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list | dict):
        for name, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from texts(item, f"{path}.{name}" if isinstance(name, str) else f"{path}[{name}]")


def identifiers(document: Document, systems: tuple[str, ...]) -> Found:
    """Yield every identifier of `systems`."""
    found = [(path, one) for path, one in objects(document) if one.get("system") in systems]
    if not found:
        raise ValueError(f"no identifier has the system {systems[0]}")
    yield from found


def patients(document: Document) -> Found:
    """Yield every Patient in `document`, with what the places of its elements begin with."""
    found = [
        (f"{path}." if path else "", one) for path, one in objects(document) if one.get("resourceType") == "Patient"
    ]
    if not found:
        raise ValueError("there is no Patient")
    yield from found
