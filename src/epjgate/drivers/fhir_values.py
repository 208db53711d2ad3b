"""Reads and writes the FHIR R4 data types: what a candidate left out or misspelt is the candidate's fault."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from epjgate.errors import CandidateFault

Resource = dict[str, Any]
Parsed = TypeVar("Parsed")

UCUM = "http://unitsofmeasure.org"
# FHIR R4 datatypes, `instant` and `dateTime`: a time needs seconds and a zone.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def value_at(resource: Any, *path: str | int) -> Any:
    """Return the value at `path`, a key for each object and an index for each list on the way.

    Raises CandidateFault, naming the path and how far it went, where the candidate sent nothing there.
    """
    value = resource
    for depth, part in enumerate(path):
        if not _has(value, part):
            reached = written_path(resource, path[: depth + 1])
            raise CandidateFault(f"{written_path(resource, path)} is missing: there is no {reached}")
        value = value[part]
    return value


def text_at(resource: Any, *path: str | int) -> str:
    """Return the text at `path`; CandidateFault where there is none or it is something else."""
    value = value_at(resource, *path)
    if not isinstance(value, str):
        raise CandidateFault(f"{written_path(resource, path)} is {value!r}, not a text")
    return value


def texts_at(resource: Any, *path: str | int) -> tuple[str, ...]:
    """Return the texts in the list at `path`; CandidateFault where there is none or it holds something else."""
    found = value_at(resource, *path)
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise CandidateFault(f"{written_path(resource, path)} is {found!r}, not a list of texts")
    return tuple(found)


def object_at(resource: Any, *path: str | int) -> Resource:
    """Return the object at `path`; CandidateFault where there is none or it is something else."""
    value = value_at(resource, *path)
    if not isinstance(value, dict):
        raise CandidateFault(f"{written_path(resource, path)} is {value!r}, not an object")
    return value


def objects_at(resource: Resource, *path: str | int) -> list[Resource]:
    """Return the objects in the list at `path`, none where its last element is left out.

    Raises CandidateFault where it is no list, or holds something else.
    """
    *parents, last = path
    parent = value_at(resource, *parents)
    if isinstance(parent, dict) and last not in parent:
        return []
    found = value_at(resource, *path)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise CandidateFault(f"{written_path(resource, path)} is {found!r}, not a list of objects")
    return found


def date_at(resource: Any, *path: str | int) -> date:
    """Return the full date at `path`; CandidateFault where there is none or it is shortened."""
    text = text_at(resource, *path)
    if not _DATE.fullmatch(text):
        raise CandidateFault(f"{written_path(resource, path)} is {text!r}, not a full date")
    return _parsed(date.fromisoformat, text, written_path(resource, path))


def instant_at(resource: Any, *path: str | int) -> datetime:
    """Return the point in time at `path`, with its zone; CandidateFault where it lost its zone or its seconds."""
    text = text_at(resource, *path)
    if not _INSTANT.fullmatch(text):
        raise CandidateFault(f"{written_path(resource, path)} is {text!r}, not a time with seconds and zone")
    return _parsed(datetime.fromisoformat, text, written_path(resource, path))


def decimal_at(resource: Any, *path: str | int) -> Decimal:
    """Return the number at `path` with the digits that were sent; CandidateFault where it is no number."""
    value = value_at(resource, *path)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise CandidateFault(f"{written_path(resource, path)} is {value!r}, not a number")
    return Decimal(value)


def quantity_at(resource: Any, *path: str | int) -> tuple[Decimal, str]:
    """Return value and UCUM code of the quantity at `path`; CandidateFault where its unit is missing or not UCUM."""
    system = text_at(resource, *path, "system")
    if system != UCUM:
        raise CandidateFault(f"{written_path(resource, path)}.system is {system!r}, not {UCUM}")
    return decimal_at(resource, *path, "value"), text_at(resource, *path, "code")


def quantity(value: Decimal, unit: str) -> Resource:
    """Return a Quantity of `value` in `unit`, a UCUM code that is also the unit shown."""
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def instant(at: datetime) -> str:
    """Return `at` as a FHIR time, in UTC where its offset is not in whole minutes; ValueError where it has no zone."""
    offset = at.utcoffset()
    if offset is None:
        raise ValueError(f"{at.isoformat()} has no time zone")
    return (at.astimezone(UTC) if offset % timedelta(minutes=1) else at).isoformat()


def written_path(resource: Any, path: tuple[str | int, ...]) -> str:
    """Return `path` as FHIRPath writes it, for example `Patient.name[0].family`."""
    root = resource.get("resourceType", "element") if isinstance(resource, dict) else type(resource).__name__
    return str(root) + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


def _has(value: Any, part: str | int) -> bool:
    if isinstance(part, int):
        return isinstance(value, list) and -len(value) <= part < len(value)
    return isinstance(value, dict) and part in value


def _parsed(parse: Callable[[str], Parsed], text: str, where: str) -> Parsed:
    try:
        return parse(text)
    except ValueError as err:
        raise CandidateFault(f"{where} is {text!r}: {err}") from err
