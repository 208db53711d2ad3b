"""What changed among messages that reached partners."""

from __future__ import annotations

from typing import Any

import pytest

from epjgate.contracts.diff.messages import differences
from epjgate.model.contract_change import Grade, Kind
from epjgate.model.surface import MemberShape, Shape

PLAIN = MemberShape(types=("string",), required=True)
ORDER: Shape = {
    "drug": PLAIN,
    "note": MemberShape(types=("null", "string"), required=False),
    "lines": MemberShape(types=("array",), required=True),
    "lines[]": MemberShape(types=("object",), required=True, repeats=True),
    "lines[].code": PLAIN,
    "lines[].coded": PLAIN,
}


def _changed(path: str, **update: Any) -> Shape:
    return {**ORDER, path: ORDER[path].model_copy(update=update)}


def _less(*paths: str) -> Shape:
    return {path: one for path, one in ORDER.items() if path not in paths}


@pytest.mark.parametrize(
    ("after", "rule", "kind", "grade", "place"),
    [
        (_less("drug"), "member-removed", Kind.REMOVED, Grade.BREAKING, "drug"),
        (_less("note"), "member-removed", Kind.REMOVED, Grade.BREAKING, "note"),
        (_less("lines[].code"), "member-removed", Kind.REMOVED, Grade.BREAKING, "lines[].code"),
        (
            _less("lines", "lines[]", "lines[].code", "lines[].coded"),
            *("member-removed", Kind.REMOVED, Grade.BREAKING, "lines"),
        ),
        ({**ORDER, "dose": PLAIN}, "member-added", Kind.ADDED, Grade.RISKY, "dose"),
        ({**ORDER, "dose": PLAIN, "dose.unit": PLAIN}, "member-added", Kind.ADDED, Grade.RISKY, "dose"),
        ({**ORDER, "lines[](X).a": PLAIN}, "member-added", Kind.ADDED, Grade.RISKY, "lines[](X).a"),
        (_changed("drug", required=False), "member-optional", Kind.CHANGED, Grade.BREAKING, "drug"),
        (_changed("note", required=True), "member-always", Kind.CHANGED, Grade.SAFE, "note"),
        (_changed("drug", types=("null", "string")), "value-type-added", Kind.ADDED, Grade.BREAKING, "drug as null"),
        (_changed("note", types=("string",)), "value-type-removed", Kind.REMOVED, Grade.SAFE, "note as null"),
        (_changed("drug", repeats=True), "member-repeats", Kind.CHANGED, Grade.BREAKING, "drug"),
        (_changed("lines[]", repeats=False), "member-no-longer-repeats", Kind.CHANGED, Grade.RISKY, "lines[]"),
    ],
)
def test_a_change_of_a_member_is_graded(after: Shape, rule: str, kind: Kind, grade: Grade, place: str) -> None:
    """A receiver may lose nothing that it read; what lies below a member that came or went is not told as well."""
    (change,) = differences({"fmk": {"order": ORDER}}, {"fmk": {"order": after}})
    expected = (f"diff-messages-{rule}", kind, grade, f"fmk order {place}")
    assert (change.rule, change.kind, change.grade, change.place) == expected


def test_a_type_of_another_kind_is_told_both_ways() -> None:
    """The new type is what breaks."""
    changes = list(differences({"fmk": {"o": ORDER}}, {"fmk": {"o": _changed("drug", types=("number",))}}))
    assert [(change.rule, change.grade) for change in changes] == [
        ("diff-messages-value-type-added", Grade.BREAKING),
        ("diff-messages-value-type-removed", Grade.SAFE),
    ]


@pytest.mark.parametrize(
    ("before", "after", "rule", "grade"),
    [
        ({"fmk": {"o": ORDER}}, {}, "partner-lost", Grade.BREAKING),
        ({"fmk": {"o": ORDER}}, {"fmk": {}}, "partner-lost", Grade.BREAKING),
        ({}, {"fmk": {"o": ORDER}}, "partner-new", Grade.RISKY),
        ({"fmk": {"o": ORDER, "p": ORDER}}, {"fmk": {"o": ORDER}}, "type-removed", Grade.BREAKING),
        ({"fmk": {"o": ORDER}}, {"fmk": {"o": ORDER, "p": ORDER}}, "type-added", Grade.RISKY),
    ],
)
def test_a_partner_or_type_that_came_or_went_is_graded(
    before: dict[str, dict[str, Shape]], after: dict[str, dict[str, Shape]], rule: str, grade: Grade
) -> None:
    """Told once, not for each of its members."""
    (change,) = differences(before, after)
    assert (change.rule, change.grade) == (f"diff-messages-{rule}", grade)


def test_equal_messages_do_not_differ() -> None:
    """Whatever order they were seen in."""
    assert list(differences({"fmk": {"o": ORDER}}, {"fmk": {"o": dict(reversed(ORDER.items()))}})) == []
