"""Differences between database schemas: the release before must run on the schema of the release after.

While a release is rolled out, or rolled back, the old program works on the new schema. So each rule asks what a
statement written for the baseline's schema meets in the candidate's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from epjgate.contracts.diff.rules import Rulebook
from epjgate.model.contract_change import ContractChange
from epjgate.model.surface import Column, DatabaseSchema, ForeignKey, Table

BOOK = Rulebook("database", "database")

TABLE_REMOVED = BOOK.breaking(
    "table-removed", "Table removed", "Statements of the release before name a table that is gone."
)
TABLE_ADDED = BOOK.safe("table-added", "Table added", "The release before names no table that it does not know.")
COLUMN_REMOVED = BOOK.breaking(
    "column-removed", "Column removed", "Statements of the release before name a column that is gone."
)
COLUMN_ADDED = BOOK.safe("column-added", "Column added", "An insert that leaves the new column out still succeeds.")
COLUMN_DEMANDED = BOOK.breaking(
    "column-demanded",
    "Column added that must be filled",
    "An insert of the release before leaves the column out and fails.",
)
TYPE_WIDENED = BOOK.risky(
    "type-widened", "Type widened", "The release before can meet values that are longer or larger than it ever stored."
)
TYPE_CHANGED = BOOK.breaking(
    "type-changed",
    "Type narrowed or changed",
    "A value that the release before stores can be refused, cut or read otherwise.",
)
NULL_REFUSED = BOOK.breaking(
    "null-refused", "Column no longer nullable", "The release before stores null where it is now refused."
)
NULL_ALLOWED = BOOK.risky(
    "null-allowed", "Column became nullable", "The release before can read null where none ever stood."
)
DEFAULT_REMOVED = BOOK.breaking(
    "default-removed",
    "Default removed from a column that must be filled",
    "An insert that relied on the default fails.",
)
DEFAULT_DROPPED = BOOK.risky(
    "default-dropped", "Default removed from a nullable column", "An insert that relied on the default stores null."
)
DEFAULT_ADDED = BOOK.safe("default-added", "Default added", "An insert that names the column stores what it stored.")
PRIMARY_KEY_CHANGED = BOOK.breaking(
    "primary-key-changed",
    "Primary key changed",
    "Rows that the release before told apart collide, or are no longer found by key.",
)
INDEX_REMOVED = BOOK.risky("index-removed", "Index removed", "Searches that the index served read the whole table.")
INDEX_ADDED = BOOK.safe("index-added", "Index added", "Statements give the same rows.")
UNIQUE_ADDED = BOOK.breaking(
    "unique-added", "Uniqueness demanded", "A row that the release before stores twice is refused."
)
UNIQUE_REMOVED = BOOK.breaking(
    "unique-removed", "Uniqueness given up", "Duplicates that the release before relied on being refused are stored."
)
FOREIGN_KEY_ADDED = BOOK.breaking(
    "foreign-key-added", "Foreign key added", "Inserts and deletions in the order of the release before can be refused."
)
FOREIGN_KEY_REMOVED = BOOK.risky(
    "foreign-key-removed", "Foreign key removed", "Rows can be left pointing at nothing, and nobody is told."
)
CHECK_ADDED = BOOK.breaking(
    "check-added", "Condition on rows added", "A row that the release before stores can be refused."
)
CHECK_REMOVED = BOOK.risky("check-removed", "Condition on rows removed", "Rows that were refused are now stored.")

# A type of the left takes in every value of those on its right without loss (SQL:2016, 4.4 numbers and 4.2 strings).
_HOLDS = {
    "BIGINT": {"INTEGER", "INT", "SMALLINT"},
    "INTEGER": {"SMALLINT", "INT"},
    "INT": {"SMALLINT", "INTEGER"},
    "TEXT": {"VARCHAR", "CHAR", "CHARACTER VARYING", "CHARACTER"},
    "DOUBLE PRECISION": {"REAL", "FLOAT"},
    "CHARACTER VARYING": {"VARCHAR"},
    "VARCHAR": {"CHARACTER VARYING"},
}
_TYPE = re.compile(r"\s*([A-Z][A-Z0-9_ ]*?)\s*(?:\(([\d, ]+)\))?\s*(WITH(?:OUT)? TIME ZONE)?\s*(?:COLLATE .*)?")


def differences(baseline: DatabaseSchema, candidate: DatabaseSchema) -> Iterator[ContractChange]:
    """Yield what statements written for `baseline` meet in `candidate`; names of constraints mean nothing."""
    for name in sorted(baseline.tables.keys() | candidate.tables.keys()):
        place = f"table {name}"
        before, after = baseline.tables.get(name), candidate.tables.get(name)
        if before is None:
            yield TABLE_ADDED.added(place)
        elif after is None:
            yield TABLE_REMOVED.removed(place)
        else:
            yield from _columns(place, before, after)
            yield from _keys(place, before, after)
            yield from _indexes(place, before, after)


def _columns(place: str, before: Table, after: Table) -> Iterator[ContractChange]:
    for name in sorted(before.columns.keys() | after.columns.keys()):
        at = f"{place} column {name}"
        was, now = before.columns.get(name), after.columns.get(name)
        if was is None and now is not None:
            rule = COLUMN_ADDED if now.nullable or now.default else COLUMN_DEMANDED
            yield rule.added(at, now.type)
        elif now is None and was is not None:
            yield COLUMN_REMOVED.removed(at, was.type)
        elif was is not None and now is not None:
            yield from _column(at, was, now)


def _column(at: str, was: Column, now: Column) -> Iterator[ContractChange]:
    if _parsed(was.type) != _parsed(now.type):
        rule = TYPE_WIDENED if _holds(now.type, was.type) else TYPE_CHANGED
        yield rule.changed(at, was.type, now.type)
    if was.nullable and not now.nullable:
        yield NULL_REFUSED.changed(at, "nullable", "not null")
    if now.nullable and not was.nullable:
        yield NULL_ALLOWED.changed(at, "not null", "nullable")
    if was.default and not now.default:
        yield (DEFAULT_DROPPED if now.nullable else DEFAULT_REMOVED).removed(at, "default")
    if now.default and not was.default:
        yield DEFAULT_ADDED.added(at, "default")


def _keys(place: str, before: Table, after: Table) -> Iterator[ContractChange]:
    if before.primary_key != after.primary_key:
        yield PRIMARY_KEY_CHANGED.changed(place, ", ".join(before.primary_key), ", ".join(after.primary_key))
    was, now = ({_pointer(key): key for key in table.foreign_keys} for table in (before, after))
    for pointer in sorted(was.keys() - now.keys()):
        yield FOREIGN_KEY_REMOVED.removed(f"{place} foreign key {pointer}")
    for pointer in sorted(now.keys() - was.keys()):
        yield FOREIGN_KEY_ADDED.added(f"{place} foreign key {pointer}")
    for check in sorted(set(before.checks) - set(after.checks)):
        yield CHECK_REMOVED.removed(f"{place} check {check}")
    for check in sorted(set(after.checks) - set(before.checks)):
        yield CHECK_ADDED.added(f"{place} check {check}")


def _pointer(key: ForeignKey) -> str:
    pairs = sorted(zip(key.columns, key.refers_to, strict=False))
    return f"({', '.join(one for one, _ in pairs)}) -> {key.table} ({', '.join(other for _, other in pairs)})"


def _indexes(place: str, before: Table, after: Table) -> Iterator[ContractChange]:
    was, now = _unique(before), _unique(after)
    for columns in sorted(was - now):
        yield UNIQUE_REMOVED.removed(f"{place} unique ({columns})")
    for columns in sorted(now - was):
        yield UNIQUE_ADDED.added(f"{place} unique ({columns})")
    # A unique index serves searches as well: nothing is lost with the plain one beside it.
    for columns in sorted(_plain(before) - _searchable(after)):
        yield INDEX_REMOVED.removed(f"{place} index ({columns})")
    for columns in sorted(_plain(after) - _searchable(before)):
        yield INDEX_ADDED.added(f"{place} index ({columns})")


def _unique(table: Table) -> set[str]:
    """Return the columns that are unique together; their order means nothing."""
    return {", ".join(sorted(index.columns)) for index in table.indexes if index.unique}


def _plain(table: Table) -> set[str]:
    return {", ".join(index.columns) for index in table.indexes if not index.unique}


def _searchable(table: Table) -> set[str]:
    return {", ".join(index.columns) for index in table.indexes}


def _parsed(text: str) -> tuple[str, tuple[int, ...], str]:
    """Return the name of a type, its numbers and its time zone; a type of another form is all name."""
    match = _TYPE.fullmatch(text.upper())
    if match is None:
        return text.upper(), (), ""
    name, numbers, zone = match.groups()
    return name, tuple(int(number) for number in (numbers or "").replace(" ", "").split(",") if number), zone or ""


def _holds(wide: str, narrow: str) -> bool:
    """Whether every value of the type `narrow` is a value of `wide` as well."""
    (name, size, zone), (other, other_size, other_zone) = _parsed(wide), _parsed(narrow)
    if zone != other_zone or (name != other and other not in _HOLDS.get(name, ())):
        return False
    if not size:
        return True
    if len(size) == 2 and len(other_size) == 2:  # digits in all, and behind the point
        return size[1] >= other_size[1] and size[0] - size[1] >= other_size[0] - other_size[1]
    return len(size) == len(other_size) == 1 and size[0] >= other_size[0]
