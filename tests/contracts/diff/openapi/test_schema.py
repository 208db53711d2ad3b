"""Schemas are compared for what they let through: JSON Schema itself is asked whether the comparison is right."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from tests.contracts.diff.strategies import COMPONENTS, VALUES, pairs_of_schemas

from epjgate.contracts.diff.openapi.document import Document
from epjgate.contracts.diff.openapi.finding import Finding
from epjgate.contracts.diff.openapi.rules import Side
from epjgate.contracts.diff.openapi.schema import SchemaComparison

# What the comparison calls safe or risky although JSON Schema may refuse a value, each for a reason told by its rule.
BY_CONVENTION = {"diff-openapi-request-property-added"}


def _document() -> Document:
    return Document({"openapi": "3.1.0", "components": {"schemas": COMPONENTS}}, "the test")


def _found(old: Any, new: Any, side: Side) -> list[Finding]:
    return list(SchemaComparison(_document(), _document()).differences((old,), (new,), side))


def _validator(told: Any) -> Draft202012Validator:
    """Return what asks JSON Schema, each oneOf read as anyOf: that variants may overlap has a rule of its own."""
    return Draft202012Validator({"allOf": [_any_of(told)], "components": {"schemas": COMPONENTS}})


def _any_of(node: Any) -> Any:
    if isinstance(node, dict):
        told = {key: _any_of(value) for key, value in node.items()}
        return {"allOf": [told, {"anyOf": told.pop("oneOf")}]} if "oneOf" in told else told
    return [_any_of(one) for one in node] if isinstance(node, list) else node


THOROUGHLY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@THOROUGHLY
@given(pair=pairs_of_schemas())
def test_a_request_without_a_breaking_change_is_still_taken(pair: tuple[Any, Any]) -> None:
    """Every value that the old schema let through is let through by the new one."""
    old, new = pair
    found = _found(old, new, Side.REQUEST)
    if any(one.breaks or one.rule.id in BY_CONVENTION for one in found):
        return
    taken, still = _validator(old), _validator(new)
    assert [one for one in VALUES if taken.is_valid(one) and not still.is_valid(one)] == []


@THOROUGHLY
@given(pair=pairs_of_schemas())
def test_a_response_without_a_breaking_change_keeps_its_promise(pair: tuple[Any, Any]) -> None:
    """Every value that the new schema lets through was let through by the old one."""
    old, new = pair
    found = _found(old, new, Side.RESPONSE)
    if any(one.breaks for one in found):
        return
    promised, given_out = _validator(old), _validator(new)
    assert [one for one in VALUES if given_out.is_valid(one) and not promised.is_valid(one)] == []
