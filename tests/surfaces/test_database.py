"""The schema of a database, as a release tells it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pytest

from epjgate.environments.interface import Running
from epjgate.errors import CandidateFault
from epjgate.model.system import DatabaseAccess
from epjgate.surfaces.database import database_schema

ACCESS = DatabaseAccess(service="epj", command=("tell", "schema"))
TABLE = '{"tables": {"notes": {"columns": {"id": {"type": "INTEGER", "nullable": false}}, "primary_key": ["id"]}}}'


class Telling:
    """A release whose command prints what it is told to, and keeps what was asked of it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.asked: list[tuple[str, Sequence[str]]] = []

    def run_beside(self, service: str, command: Sequence[str]) -> str:
        """Print the text."""
        self.asked.append((service, command))
        return self._text


def told(text: str) -> Running:
    """Return a release that prints `text`."""
    return cast("Running", Telling(text))


def test_the_schema_is_what_the_command_prints_beside_its_service() -> None:
    """Tables, columns and keys, as the database has them."""
    telling = Telling(TABLE)
    schema = database_schema(ACCESS, cast("Running", telling))
    assert telling.asked == [("epj", ("tell", "schema"))]
    assert schema.tables["notes"].columns["id"].type == "INTEGER"
    assert schema.tables["notes"].primary_key == ("id",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the whole text"),
        ("no records", "the whole text"),
        ('{"tables": {}}', "holds no table"),
        ('{"tables": {"notes": {}}}', "tables.notes.columns"),
        (TABLE.replace('"nullable"', '"optional"'), "nullable"),
    ],
)
def test_what_is_no_schema_is_never_an_empty_one(text: str, why: str) -> None:
    """A release that tells nothing of its database would otherwise look as if it had lost nothing."""
    with pytest.raises(CandidateFault, match=why):
        database_schema(ACCESS, told(text))
