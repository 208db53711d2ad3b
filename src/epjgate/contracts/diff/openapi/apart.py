"""Whether two alternatives can be told apart by every value: none fits both."""

from __future__ import annotations

from epjgate.contracts.diff.openapi.alternatives import Alternative, Expansion, Parts
from epjgate.contracts.diff.openapi.document import Document
from epjgate.contracts.diff.openapi.effective import Effective, effective
from epjgate.contracts.diff.openapi.rules import Side


def apart(document: Document, one: Alternative, other: Alternative) -> bool:
    """Whether it can be shown that no request fits both `one` and `other`; where it cannot, they may overlap."""
    first, second = (effective(document, each, Side.REQUEST) for each in (one, other))
    if first.nullable and second.nullable:
        return False
    return (
        not first.types & second.types
        or _no_common_value(first.enum, second.enum)
        or (first.types & second.types == {"object"} and _apart_by_a_member(document, first, second))
    )


def _no_common_value(first: frozenset[str] | None, second: frozenset[str] | None) -> bool:
    return first is not None and second is not None and not first & second


def _apart_by_a_member(document: Document, first: Effective, second: Effective) -> bool:
    return any(
        (one.required - other.members.keys() and other.closed) for one, other in ((first, second), (second, first))
    ) or any(
        _no_common_value(
            _values(document, first.members.get(name, ())), _values(document, second.members.get(name, ()))
        )
        for name in first.required & second.required
    )


def _values(document: Document, parts: Parts) -> frozenset[str] | None:
    """Return the list of values of a member that has only one alternative, None where it has none."""
    each = Expansion(document).of(parts).each
    return effective(document, each[0], Side.REQUEST).enum if len(each) == 1 else None
