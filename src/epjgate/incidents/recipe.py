"""Reads a fault recipe: how the fault of an incident is re-created at the interface where no build has it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from epjgate.errors import UsageError
from epjgate.incidents.record import Record
from epjgate.model.alteration import Alteration
from epjgate.model.base import Value
from epjgate.model.parsing import parse_toml

SCHEMA = "epjgate/fault/1"


class Recipe(Value):
    """What a recipe says: in words how the fault looked to others, and which alterations make it so again."""

    schema_version: Literal["epjgate/fault/1"]
    about: str = Field(min_length=1)
    alteration: tuple[Alteration, ...] = Field(min_length=1)


def alterations_of(record: Record) -> tuple[Alteration, ...]:
    """Return what the recipe of `record` does; nothing where its record names none.

    Raises UsageError for a recipe that is not there or has a mistake.
    """
    name = record.incident.fault
    if not name:
        return ()
    file = record.folder / name
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise UsageError(f"{file} cannot be read", f"{err}", f"write it beside {record.file.name}") from err
    return parse_toml(text, str(file), Recipe).alteration
