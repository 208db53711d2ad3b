"""A part of a surface that only one of two releases shows."""

from __future__ import annotations

import pytest

from epjgate.contracts.diff import compare
from epjgate.contracts.diff.absence import INTERFACES
from epjgate.model.contract_change import Grade, Kind
from epjgate.model.surface import PARTS, DatabaseSchema, MemberShape, PartName, Surface

FULL = Surface(
    system="tiny",
    version="1",
    digest="",
    capability_statement={"resourceType": "CapabilityStatement"},
    openapi={"openapi": "3.1.0", "paths": {}},
    hl7v2={"out:ADT^A01": {"PID": (3,)}},
    database=DatabaseSchema(tables={}),
    messages={"fmk": {"order": {"a": MemberShape(types=("string",), required=True)}}},
)
NOTHING: dict[PartName, object] = {
    "capability_statement": None,
    "openapi": None,
    "hl7v2": {},
    "database": None,
    "messages": {},
}


def _without(part: PartName, reason: str = "not asked") -> Surface:
    absent = {part: reason} if reason else {}
    return FULL.model_copy(update={part: NOTHING[part], "absent": absent})


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_the_candidate_lacks_is_breaking(part: PartName) -> None:
    """What cannot be looked at is never a pass; nothing else is told of the part."""
    (change,) = compare(FULL, _without(part, "it crashed"))
    assert (change.interface, change.grade, change.kind) == (INTERFACES[part], Grade.BREAKING, Kind.REMOVED)
    assert (change.after, change.rule.endswith("part-lost")) == ("it crashed", True)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_the_baseline_lacks_is_risky(part: PartName) -> None:
    """There is nothing to compare with, and that is told."""
    (change,) = compare(_without(part), FULL)
    assert (change.grade, change.kind, change.before) == (Grade.RISKY, Kind.ADDED, "not asked")


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_neither_shows_is_no_change(part: PartName) -> None:
    """A system without a database at hand would else change with every release."""
    assert compare(_without(part), _without(part, "another reason")) == ()


@pytest.mark.parametrize("poor", ["baseline", "candidate"])
def test_a_part_that_is_not_whole_is_not_compared(poor: str) -> None:
    """What had not arrived was not removed, and what was removed had perhaps not arrived: no change says so."""
    more = FULL.model_copy(
        update={"messages": {"fmk": {"order": {}}}, "database": None, "absent": {"database": "gone"}}
    )
    late = {"incomplete": {"messages": "on their way"}}
    sides = (FULL.model_copy(update=late), more) if poor == "baseline" else (FULL, more.model_copy(update=late))
    assert [one.interface for one in compare(FULL, more)] == ["database", "messages"]
    assert [one.interface for one in compare(*sides)] == ["database"]


@pytest.mark.parametrize("part", ["capability_statement", "openapi", "database"])
def test_a_document_that_is_missing_without_a_word_is_missing(part: PartName) -> None:
    """A forgotten reason does not make a missing part equal to a missing part of the other, or to a full one."""
    (change,) = compare(FULL, _without(part, ""))
    assert (change.grade, change.after) == (Grade.BREAKING, "no reason is given")


def test_messages_that_were_looked_for_and_not_seen_are_compared() -> None:
    """Nothing sent any more is a change of each type, not a part that could not be taken."""
    rules = {change.rule for change in compare(FULL, FULL.model_copy(update={"hl7v2": {}, "messages": {}}))}
    assert rules == {"diff-hl7v2-type-removed", "diff-messages-partner-lost"}
