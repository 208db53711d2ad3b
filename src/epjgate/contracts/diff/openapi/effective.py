"""What an alternative says of a value in all, its parts taken together."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from epjgate.contracts.diff.openapi.alternatives import Alternative, Parts
from epjgate.contracts.diff.openapi.document import Document
from epjgate.contracts.diff.openapi.rules import Side
from epjgate.contracts.diff.openapi.words import CONDITIONS, inlined
from epjgate.contracts.diff.reading import NotComparable, Object, as_list, as_object
from epjgate.contracts.diff.rules import canonical

ALL_TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object"})
Bound = tuple[Fraction, int]
"""A bound and its strictness: the greater of two lower bounds, and the lesser of two upper ones, is the tighter."""

LOWER = {
    "minimum": "number",
    "minLength": "string",
    "minItems": "array",
    "minProperties": "object",
    "uniqueItems": "array",
}
UPPER = {"maximum": "number", "maxLength": "string", "maxItems": "array", "maxProperties": "object"}
TYPE_OF = {**LOWER, **UPPER, "multipleOf": "number", "pattern": "string"}

NOWHERE = "$ref"
"""The condition that a reference stands for which cannot be followed."""

# Formats that leave no value out that anyone sends: a number of 64 bits, and a hint to a screen.
_SAYS_NOTHING = {"int64", "double", "password", ""}
_MATCHES_ALL = {"", ".*", "^.*$", "^.*", ".*$"}
_SUGGESTS = {"properties": "object", "required": "object", "additionalProperties": "object", "items": "array"}


@dataclass(frozen=True, eq=False)
class Effective:
    """What holds for a value; None or empty where nothing is said.

    `types` leaves null out, which `nullable` tells, and holds `integer` wherever it holds `number`. Values of `enum`,
    `default`, `patterns` and `conditions` are canonical texts. `members` are those that travel on the side asked for.
    """

    types: frozenset[str]
    nullable: bool
    enum: frozenset[str] | None
    lower: dict[str, Bound]
    upper: dict[str, Bound]
    multiples: frozenset[Fraction]
    formats: frozenset[str]
    patterns: frozenset[str]
    conditions: dict[str, frozenset[str]]
    members: dict[str, Parts]
    required: frozenset[str]
    closed: bool
    additional: Parts
    items: Parts
    default: str | None
    deprecated: bool
    mapping: dict[str, str]


def effective(document: Document, one: Alternative, side: Side) -> Effective:
    """Return what `one` says of a value that travels on `side`; raises NotComparable for words of a wrong form."""
    parts = one.parts
    types, null = _types(parts)
    enum = _enum(parts)
    null = null and (enum is None or "null" in enum)
    told_null = document.as_3_0 and any(part.get("nullable") is True for part in parts)
    hidden = "readOnly" if side is Side.REQUEST else "writeOnly"
    members = {
        name: found
        for name, found in _members(parts).items()
        if not any(marked(document, part, hidden) for part in found)
    }
    left_out = _members(parts).keys() - members.keys()
    schemas = [part["additionalProperties"] for part in parts if isinstance(part.get("additionalProperties"), dict)]
    return Effective(
        types=types,
        nullable=one.nullable or null or told_null,
        enum=None if enum is None else enum - {"null"},
        lower=_bounds(parts, LOWER, types, max),
        upper=_bounds(parts, UPPER, types, min),
        multiples=frozenset(
            step for part in parts if "multipleOf" in part and (step := _number(part["multipleOf"])) > 0
        ),
        formats=frozenset(str(part["format"]) for part in parts if part.get("format", "") not in _SAYS_NOTHING),
        patterns=frozenset(str(part["pattern"]) for part in parts if part.get("pattern", "") not in _MATCHES_ALL),
        conditions=_conditions(document, parts),
        members=members,
        required=frozenset(_required(parts)) - left_out,
        closed=any(False in (part.get("additionalProperties"), part.get("unevaluatedProperties")) for part in parts),
        additional=tuple(schema for schema in schemas if schema),
        items=tuple(part["items"] for part in parts if isinstance(part.get("items"), dict)),
        default=next((canonical(part["default"]) for part in parts if "default" in part), None),
        deprecated=any(part.get("deprecated") is True for part in parts),
        mapping=_mapping(parts),
    )


def marked(document: Document, raw: Any, word: str, depth: int = 0) -> bool:
    """Whether a schema, or one that it refers to or joins, says `word: true`."""
    if not isinstance(raw, dict) or depth > 9:
        return False
    if raw.get(word) is True:
        return True
    ref = raw.get("$ref")
    joined = [document.target(ref)] if isinstance(ref, str) and document.has(ref) else []
    return any(marked(document, one, word, depth + 1) for one in [*joined, *as_list(raw.get("allOf"), "allOf")])


def _types(parts: Iterable[Object]) -> tuple[frozenset[str], bool]:
    """Return the types that all `parts` allow, and whether null is one; untold, those that other words suggest."""
    allowed, told = ALL_TYPES | {"null"}, False
    for part in parts:
        if "type" in part:
            names = part["type"] if isinstance(part["type"], list) else [part["type"]]
            allowed, told = allowed & _with_integers(names), True
    if not told:
        suggested = {kind for part in parts for word, kind in _SUGGESTS.items() if word in part}
        suggested |= {_type_of(value) for part in parts for value in _values(part) or ()}
        allowed = _with_integers(suggested) if suggested else allowed
    return frozenset(allowed - {"null"}), "null" in allowed


def _with_integers(names: Iterable[Any]) -> frozenset[str]:
    found = frozenset(str(name) for name in names)
    return found | {"integer"} if "number" in found else found


def _type_of(value: Any) -> str:
    kinds: tuple[tuple[Any, str], ...] = (
        (bool, "boolean"),
        (int, "integer"),
        (float, "number"),
        (str, "string"),
        (list, "array"),
        (dict, "object"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def _values(part: Object) -> list[Any] | None:
    if "const" in part:
        return [part["const"]]
    return as_list(part["enum"], "enum") if "enum" in part else None


def _enum(parts: Iterable[Object]) -> frozenset[str] | None:
    lists = [frozenset(canonical(value) for value in found) for part in parts if (found := _values(part)) is not None]
    return frozenset.intersection(*lists) if lists else None


def _bounds(parts: Iterable[Object], words: dict[str, str], types: frozenset[str], tightest: Any) -> dict[str, Bound]:
    found: dict[str, Bound] = {}
    whole = "integer" in types and "number" not in types
    for part in parts:
        for word in words:
            for bound in _bounds_of(part, word):
                kept = _whole(word, bound) if whole else bound
                found[word] = tightest(found[word], kept) if word in found else kept
    return {word: bound for word, bound in found.items() if word in UPPER or word == "minimum" or bound[0] > 0}


def _bounds_of(part: Object, word: str) -> Iterable[Bound]:
    strict = f"exclusive{word.capitalize()}"
    step = 1 if word in LOWER else -1
    flag = part.get(strict)
    if word in part:
        yield _number(part[word]), step if flag is True else 0
    if flag is not None and not isinstance(flag, bool):
        yield _number(flag), step


def _whole(word: str, bound: Bound) -> Bound:
    """Return the bound of a whole number as one that is not strict: more than 0 is at least 1."""
    value, strict = bound
    if word == "minimum":
        return Fraction(math.floor(value) + 1 if strict else math.ceil(value)), 0
    if word == "maximum":
        return Fraction(math.ceil(value) - 1 if strict else math.floor(value)), 0
    return bound


def _number(value: Any) -> Fraction:
    try:
        return Fraction(str(int(value) if isinstance(value, bool) else value))
    except (ValueError, ZeroDivisionError) as err:
        raise NotComparable(f"{value!r} stands where a number should") from err


def _conditions(document: Document, parts: Iterable[Object]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for part in parts:
        for group in CONDITIONS:
            told = {word: inlined(document, part[word]) for word in group if word in part}
            if told:
                found.setdefault(group[0], set()).add(canonical(told))
        if "$ref" in part and not document.has(str(part["$ref"])):
            found.setdefault(NOWHERE, set()).add(str(part["$ref"]))
    return {word: frozenset(texts) for word, texts in found.items()}


def _members(parts: Iterable[Object]) -> dict[str, Parts]:
    found: dict[str, Parts] = {}
    for part in parts:
        for name, schema in as_object(part.get("properties"), "properties").items():
            found[name] = (*found.get(name, ()), schema)
    return found


def _required(parts: Iterable[Object]) -> set[str]:
    return {str(name) for part in parts for name in as_list(part.get("required"), "required")}


def _mapping(parts: Iterable[Object]) -> dict[str, str]:
    """Return what the discriminator of a parent, which lists its children by no `oneOf`, maps to what."""
    found: dict[str, str] = {}
    for part in parts:
        discriminator = as_object(part.get("discriminator"), "a discriminator")
        if discriminator and not (part.get("oneOf") or part.get("anyOf")):
            found |= {value: str(ref) for value, ref in as_object(discriminator.get("mapping"), "a mapping").items()}
    return found
