"""Differences between the members of two schemas of objects, and between the elements of two of arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from epjgate.contracts.diff.openapi import schema_rules
from epjgate.contracts.diff.openapi.alternatives import Parts
from epjgate.contracts.diff.openapi.effective import Effective
from epjgate.contracts.diff.openapi.finding import Finding, Nested
from epjgate.contracts.diff.openapi.rules import Side
from epjgate.contracts.diff.rules import DiffRule
from epjgate.model.contract_change import Kind

HasDefault = Callable[[Parts], bool]

_REQUIRED: dict[Side, DiffRule] = {
    Side.REQUEST: schema_rules.REQUEST_PROPERTY_REQUIRED,
    Side.RESPONSE: schema_rules.RESPONSE_PROPERTY_REQUIRED,
}
_OPTIONAL: dict[Side, DiffRule] = {
    Side.REQUEST: schema_rules.REQUEST_PROPERTY_OPTIONAL,
    Side.RESPONSE: schema_rules.RESPONSE_PROPERTY_OPTIONAL,
}
_REMOVED: dict[Side, DiffRule] = {
    Side.REQUEST: schema_rules.REQUEST_PROPERTY_REMOVED,
    Side.RESPONSE: schema_rules.RESPONSE_PROPERTY_REMOVED,
}


def members(old: Effective, new: Effective, side: Side, has_default: HasDefault) -> Iterator[Finding | Nested]:
    """Yield what changed about each member by name, and what of it is to be compared."""
    before, after = (one.members.keys() | one.required for one in (old, new))
    for name in sorted(before | after):
        was, now = old.members.get(name, ()), new.members.get(name, ())
        if name not in before:
            yield from _added(name, old, new, side, has_default)
            if old.additional:
                yield Nested(name, old.additional, now)
        elif name not in after:
            yield Finding(_REMOVED[side], Kind.REMOVED, name)
        else:
            yield from _presence(name, old, new, side, has_default)
            yield Nested(name, was, now)


def _added(name: str, old: Effective, new: Effective, side: Side, has_default: HasDefault) -> Iterator[Finding]:
    if side is Side.RESPONSE:
        rule = schema_rules.RESPONSE_PROPERTY_UNEXPECTED if old.closed else schema_rules.RESPONSE_PROPERTY_ADDED
    elif name not in new.required:
        rule = schema_rules.REQUEST_PROPERTY_ADDED
    elif has_default(new.members.get(name, ())):
        rule = schema_rules.REQUEST_PROPERTY_DEMANDED_DEFAULT
    else:
        rule = schema_rules.REQUEST_PROPERTY_DEMANDED
    yield Finding(rule, Kind.ADDED, name)


def _presence(name: str, old: Effective, new: Effective, side: Side, has_default: HasDefault) -> Iterator[Finding]:
    if name in old.required and name not in new.required:
        yield Finding(_OPTIONAL[side], Kind.CHANGED, name, "required", "optional")
    if name in new.required and name not in old.required:
        with_default = side is Side.REQUEST and has_default(new.members.get(name, ()))
        rule = schema_rules.REQUEST_PROPERTY_REQUIRED_DEFAULT if with_default else _REQUIRED[side]
        yield Finding(rule, Kind.CHANGED, name, "optional", "required")


def undescribed(old: Effective, new: Effective, side: Side) -> Iterator[Finding | Nested]:
    """Yield what changed about members that are not described one by one, and the elements of arrays."""
    common = old.types & new.types
    if "object" in common:
        if new.closed and not old.closed:
            yield Finding(schema_rules.ADDITIONAL.tightened[side], Kind.CHANGED, "{*}", "possible", "excluded")
        if old.closed and not new.closed:
            yield Finding(schema_rules.ADDITIONAL.loosened[side], Kind.CHANGED, "{*}", "excluded", "possible")
        if not old.closed and not new.closed and (old.additional or new.additional):
            yield Nested("{*}", old.additional, new.additional)
    if "array" in common and (old.items or new.items):
        yield Nested("[]", old.items, new.items)
