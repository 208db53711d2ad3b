"""What is the same to the letter needs no closer look."""

from __future__ import annotations

from typing import Any

from epjgate.contracts.diff.openapi.document import Document
from epjgate.contracts.diff.openapi.unchanged import Unchanged


def _unchanged(before: dict[str, Any], after: dict[str, Any], version: str = "3.1.0") -> Unchanged:
    documents = [
        Document({"openapi": number, "components": {"schemas": one}}, "it")
        for number, one in (("3.1.0", before), (version, after))
    ]
    return Unchanged(*documents)


def _to(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


CIRCLE = {"A": {"items": _to("B")}, "B": {"items": _to("A")}, "C": {"items": _to("D")}, "D": {"type": "string"}}


def test_the_same_in_a_circle_is_the_same() -> None:
    """Schemas that refer to each other are not searched for ever."""
    assert _unchanged(CIRCLE, dict(reversed(CIRCLE.items()))).covers(_to("A"), _to("A"))


def test_what_refers_to_a_change_is_not_the_same() -> None:
    """However far away the change is; what does not refer to it still is."""
    unchanged = _unchanged({**CIRCLE, "E": _to("C")}, {**CIRCLE, "D": {"type": "integer"}, "E": _to("C")})
    assert not unchanged.covers(_to("D"), _to("D"))
    assert not unchanged.covers({"allOf": [_to("E")]}, {"allOf": [_to("E")]})
    assert unchanged.covers(_to("A"), _to("A"))


def test_what_is_written_otherwise_is_looked_at() -> None:
    """True is not 1, though Python says so."""
    assert not _unchanged({}, {}).covers({"default": True}, {"default": 1})
    assert _unchanged({}, {}).covers({"a": 1, "b": 2.0}, {"b": 2, "a": 1})


def test_a_discriminator_refers_without_a_reference() -> None:
    """What its mapping leads to is part of the schema."""
    parent = {"discriminator": {"propertyName": "kind", "mapping": {"d": "D"}}}
    assert not _unchanged(CIRCLE, {**CIRCLE, "D": {"type": "integer"}}).covers(parent, parent)


def test_two_editions_are_never_the_same_to_the_letter() -> None:
    """The same letters mean something else in 3.0."""
    assert not _unchanged(CIRCLE, CIRCLE, version="3.0.3").covers(_to("A"), _to("A"))
