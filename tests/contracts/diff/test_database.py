"""What changed in a database schema, seen by the release before."""

from __future__ import annotations

from typing import Any

import pytest

from epjgate.contracts.diff.database import differences
from epjgate.model.contract_change import Grade
from epjgate.model.surface import Column, DatabaseSchema, ForeignKey, Index, Table

BREAKING, RISKY, SAFE = Grade.BREAKING, Grade.RISKY, Grade.SAFE
PERSON = Table(
    columns={
        "id": Column(type="INTEGER", nullable=False, default=True),
        "cpr": Column(type="VARCHAR(10)", nullable=False),
        "weight": Column(type="NUMERIC(5, 2)", nullable=True),
        "ward": Column(type="INTEGER", nullable=True, default=True),
        "born": Column(type="TIMESTAMP WITH TIME ZONE", nullable=True),
    },
    primary_key=("id",),
    indexes=(Index(name="ix_ward", columns=("ward", "cpr")), Index(name="uq", columns=("cpr", "born"), unique=True)),
    foreign_keys=(ForeignKey(columns=("ward",), table="ward", refers_to=("id",)),),
    checks=("weight > 0",),
)


def _schema(**update: Any) -> DatabaseSchema:
    return DatabaseSchema(tables={"person": PERSON.model_copy(update=update)})


def _column(name: str, **update: Any) -> DatabaseSchema:
    return _schema(columns={**PERSON.columns, name: PERSON.columns[name].model_copy(update=update)})


def _and(name: str, column: Column) -> DatabaseSchema:
    return _schema(columns={**PERSON.columns, name: column})


def _less(name: str) -> DatabaseSchema:
    return _schema(columns={other: column for other, column in PERSON.columns.items() if other != name})


BEFORE = _schema()
CHANGES: list[tuple[DatabaseSchema, str, Grade, str]] = [
    (DatabaseSchema(tables={}), "table-removed", BREAKING, ""),
    (DatabaseSchema(tables={"person": PERSON, "bed": PERSON}), "table-added", SAFE, "table bed"),
    (_less("weight"), "column-removed", BREAKING, " column weight"),
    (_and("bed", Column(type="TEXT", nullable=True)), "column-added", SAFE, " column bed"),
    (_and("bed", Column(type="TEXT", nullable=False, default=True)), "column-added", SAFE, " column bed"),
    (_and("bed", Column(type="TEXT", nullable=False)), "column-demanded", BREAKING, " column bed"),
    (_column("cpr", type="VARCHAR(20)"), "type-widened", RISKY, " column cpr"),
    (_column("cpr", type="TEXT"), "type-widened", RISKY, " column cpr"),
    (_column("cpr", type="VARCHAR(8)"), "type-changed", BREAKING, " column cpr"),
    (_column("cpr", type="INTEGER"), "type-changed", BREAKING, " column cpr"),
    (_column("id", type="BIGINT"), "type-widened", RISKY, " column id"),
    (_column("id", type="SMALLINT"), "type-changed", BREAKING, " column id"),
    (_column("weight", type="NUMERIC(6, 2)"), "type-widened", RISKY, " column weight"),
    (_column("weight", type="NUMERIC(5, 3)"), "type-changed", BREAKING, " column weight"),
    (_column("born", type="TIMESTAMP WITHOUT TIME ZONE"), "type-changed", BREAKING, " column born"),
    (_column("weight", nullable=False), "null-refused", BREAKING, " column weight"),
    (_column("cpr", nullable=True), "null-allowed", RISKY, " column cpr"),
    (_column("id", default=False), "default-removed", BREAKING, " column id"),
    (_column("ward", default=False), "default-dropped", RISKY, " column ward"),
    (_column("weight", default=True), "default-added", SAFE, " column weight"),
    (_schema(primary_key=("id", "cpr")), "primary-key-changed", BREAKING, ""),
    (_schema(indexes=PERSON.indexes[1:]), "index-removed", RISKY, " index (ward, cpr)"),
    (_schema(indexes=(*PERSON.indexes, Index(columns=("born",)))), "index-added", SAFE, " index (born)"),
    (
        _schema(indexes=(*PERSON.indexes, Index(columns=("born",), unique=True))),
        *("unique-added", BREAKING, " unique (born)"),
    ),
    (_schema(indexes=PERSON.indexes[:1]), "unique-removed", BREAKING, " unique (born, cpr)"),
    (
        _schema(foreign_keys=(*PERSON.foreign_keys, ForeignKey(columns=("cpr",), table="cpr", refers_to=("id",)))),
        *("foreign-key-added", BREAKING, " foreign key (cpr) -> cpr (id)"),
    ),
    (_schema(foreign_keys=()), "foreign-key-removed", RISKY, " foreign key (ward) -> ward (id)"),
    (_schema(checks=("weight > 0", "id > 0")), "check-added", BREAKING, " check id > 0"),
    (_schema(checks=()), "check-removed", RISKY, " check weight > 0"),
]


@pytest.mark.parametrize(("after", "rule", "grade", "place"), CHANGES)
def test_a_change_is_graded(after: DatabaseSchema, rule: str, grade: Grade, place: str) -> None:
    """By what a statement of the release before meets."""
    (change,) = differences(BEFORE, after)
    where = place if place.startswith("table") else f"table person{place}"
    assert (change.rule, change.grade, change.place) == (f"diff-database-{rule}", grade, where)


def test_a_check_in_other_words_is_taken_for_another() -> None:
    """Nobody can tell whether the new condition lets all through that the old one did."""
    changes = list(differences(BEFORE, _schema(checks=("weight > 1",))))
    assert [change.grade for change in changes] == [RISKY, BREAKING]


@pytest.mark.parametrize(
    "after",
    [
        _schema(indexes=(Index(columns=("born", "cpr"), unique=True), Index(name="other", columns=("ward", "cpr")))),
        _column("cpr", type="varchar(10)"),
        _column("cpr", type='VARCHAR(10) COLLATE "da_DK"'),
        DatabaseSchema(
            tables={"person": PERSON.model_copy(update={"columns": dict(reversed(PERSON.columns.items()))})}
        ),
    ],
)
def test_names_and_order_mean_nothing(after: DatabaseSchema) -> None:
    """A constraint of another name, a type in small letters: the same schema."""
    assert list(differences(BEFORE, after)) == []


def test_an_index_beside_a_unique_one_adds_nothing() -> None:
    """Neither when it comes nor when it goes."""
    unique = _schema(indexes=(Index(columns=("cpr",), unique=True),))
    both = _schema(indexes=(Index(columns=("cpr",), unique=True), Index(columns=("cpr",))))
    assert [*differences(unique, both), *differences(both, unique)] == []


def test_a_unique_index_stands_in_for_a_plain_one() -> None:
    """Searches are served by it as well; what is told is that duplicates are refused."""
    unique = tuple(index.model_copy(update={"unique": True}) for index in PERSON.indexes)
    assert {change.rule for change in differences(BEFORE, _schema(indexes=unique))} == {"diff-database-unique-added"}
