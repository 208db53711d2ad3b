"""Differences between what two schemas say of a value itself: type, list of values, bounds, form, default."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from epjgate.contracts.diff.openapi import schema_rules
from epjgate.contracts.diff.openapi.effective import NOWHERE, TYPE_OF, UPPER, Bound, Effective
from epjgate.contracts.diff.openapi.finding import Finding
from epjgate.contracts.diff.openapi.rules import Side
from epjgate.contracts.diff.openapi.schema_rules import Aspect
from epjgate.contracts.diff.reading import NotComparable
from epjgate.model.contract_change import Kind


def values(old: Effective, new: Effective, side: Side) -> Iterator[Finding]:
    """Yield what changed about a value that travels on `side`; nothing finer than the type where no type is left."""
    yield from _types(old, new, side)
    yield from _null(old, new, side)
    yield from _annotations(old, new, side)
    if old.types & new.types:
        yield from _enum(old, new, side)
        yield from _bounds(old, new, side)
        yield from _multiples(old, new, side)
        yield from _texts(schema_rules.FORMAT, " format", old.formats, new.formats, side)
        yield from _patterns(old, new, side)
        yield from _conditions(old, new, side)


def _types(old: Effective, new: Effective, side: Side) -> Iterator[Finding]:
    gone, come = old.types - new.types, new.types - old.types
    if gone and come:
        aspect = schema_rules.TYPE.replaced
    elif gone or come:
        aspect = schema_rules.TYPE.tightened if gone else schema_rules.TYPE.loosened
    else:
        return
    yield Finding(aspect[side], Kind.CHANGED, "", _listed(old.types), _listed(new.types))


def _listed(types: frozenset[str]) -> str:
    return " or ".join(sorted(types - {"integer"} if "number" in types else types)) or "nothing"


def _null(old: Effective, new: Effective, side: Side) -> Iterator[Finding]:
    if old.nullable and not new.nullable:
        yield Finding(schema_rules.NULL.tightened[side], Kind.CHANGED, "", "null possible", "not null")
    if new.nullable and not old.nullable:
        yield Finding(schema_rules.NULL.loosened[side], Kind.CHANGED, "", "not null", "null possible")


def _annotations(old: Effective, new: Effective, side: Side) -> Iterator[Finding]:
    if old.deprecated != new.deprecated:
        yield Finding(schema_rules.DEPRECATED if new.deprecated else schema_rules.UNDEPRECATED, Kind.CHANGED)
    if old.default == new.default:
        return
    if side is Side.RESPONSE:
        yield Finding(schema_rules.RESPONSE_DEFAULT, Kind.CHANGED, "", old.default or "", new.default or "")
    elif old.default is None:
        yield Finding(schema_rules.DEFAULT_ADDED, Kind.ADDED, "", "", new.default)
    elif new.default is None:
        yield Finding(schema_rules.DEFAULT_REMOVED, Kind.REMOVED, "", old.default)
    else:
        yield Finding(schema_rules.DEFAULT_CHANGED, Kind.CHANGED, "", old.default, new.default)


def _enum(old: Effective, new: Effective, side: Side) -> Iterator[Finding]:
    if old.enum is None or new.enum is None:
        if new.enum is not None:
            yield Finding(schema_rules.ENUM.tightened[side], Kind.ADDED, "", "", ", ".join(sorted(new.enum)))
        elif old.enum is not None:
            yield Finding(schema_rules.ENUM.loosened[side], Kind.REMOVED, "", ", ".join(sorted(old.enum)))
        return
    for value in sorted(old.enum - new.enum):
        yield Finding(schema_rules.VALUES.tightened[side], Kind.REMOVED, f" = {value}", value)
    for value in sorted(new.enum - old.enum):
        yield Finding(schema_rules.VALUES.loosened[side], Kind.ADDED, f" = {value}", "", value)


def _bounds(old: Effective, new: Effective, side: Side) -> Iterator[Finding]:
    common = old.types & new.types
    before, after = old.lower | old.upper, new.lower | new.upper
    for word in sorted(before.keys() | after.keys()):
        was, now = before.get(word), after.get(word)
        if was != now and common & _types_under(word):
            aspect = schema_rules.BOUND.tightened if _tighter(word, was, now) else schema_rules.BOUND.loosened
            yield Finding(aspect[side], Kind.CHANGED, f" {word}", _bound(was), _bound(now))


def _types_under(word: str) -> set[str]:
    """Return the types that a word speaks of; what speaks of numbers speaks of whole ones."""
    return {TYPE_OF[word], "integer"} if TYPE_OF[word] == "number" else {TYPE_OF[word]}


def _tighter(word: str, was: Bound | None, now: Bound | None) -> bool:
    """Whether fewer values keep within `now`; the two are different, and None bounds nothing."""
    if was is None or now is None:
        return was is None
    return now < was if word in UPPER else now > was


def _bound(bound: Bound | None) -> str:
    if bound is None:
        return "none"
    value, strict = bound
    return f"{'exclusive ' if strict else ''}{_number(value)}"


def _number(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else str(float(value))


def _multiples(old: Effective, new: Effective, side: Side) -> Iterator[Finding]:
    if old.multiples == new.multiples or not old.types & new.types & _types_under("multipleOf"):
        return
    if _each_divided(coarse=new.multiples, fine=old.multiples):
        aspect = schema_rules.BOUND.tightened
    elif _each_divided(coarse=old.multiples, fine=new.multiples):
        aspect = schema_rules.BOUND.loosened
    else:
        aspect = schema_rules.BOUND.replaced
    before, after = (", ".join(sorted(map(_number, one.multiples))) for one in (old, new))
    yield Finding(aspect[side], Kind.CHANGED, " multipleOf", before, after)


def _each_divided(*, coarse: frozenset[Fraction], fine: frozenset[Fraction]) -> bool:
    """Whether a multiple of all `coarse` is one of each of `fine`, as far as one step can show it for another."""
    return all(any((step / one).denominator == 1 for step in coarse) for one in fine)


def _patterns(old: Effective, new: Effective, side: Side) -> Iterator[Finding]:
    if "string" in old.types & new.types:
        yield from _texts(schema_rules.PATTERN, " pattern", old.patterns, new.patterns, side)


def _conditions(old: Effective, new: Effective, side: Side) -> Iterator[Finding]:
    nothing: frozenset[str] = frozenset()
    for word in sorted(old.conditions.keys() | new.conditions.keys()):
        before, after = (one.conditions.get(word, nothing) for one in (old, new))
        if word == NOWHERE and before != after:
            raise NotComparable(f"a schema refers to {' and '.join(sorted(before ^ after))}, which cannot be followed")
        yield from _texts(schema_rules.KEYWORD, f" {word}", before, after, side)


def _texts(aspect: Aspect, path: str, old: frozenset[str], new: frozenset[str], side: Side) -> Iterator[Finding]:
    """Yield what changed among texts that must all hold: more of them is tighter, others are anybody's guess."""
    if old == new:
        return
    before, after = " and ".join(sorted(old)), " and ".join(sorted(new))
    if old < new:
        yield Finding(aspect.tightened[side], Kind.CHANGED, path, before, after)
    elif new < old:
        yield Finding(aspect.loosened[side], Kind.CHANGED, path, before, after)
    else:
        yield Finding(aspect.replaced[side], Kind.CHANGED, path, before, after)
