"""Takes a schema apart into all that a value may be: `oneOf` and `anyOf` spread, `$ref` and `allOf` joined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from typing import Any

from epjgate.contracts.diff.openapi.document import Document
from epjgate.contracts.diff.openapi.words import ANNOTATIONS, STRUCTURE, inlined
from epjgate.contracts.diff.reading import NotComparable, Object, as_list, as_object
from epjgate.contracts.diff.rules import canonical

Parts = tuple[Any, ...]
"""Schemas that all hold for one value, as they stand in the document."""

MOST = 256
"""More alternatives than this are not compared."""
_NEVER: Object = {"type": []}


@dataclass(frozen=True, eq=False)
class Alternative:
    """One of the things that a value may be: `parts` all hold, and none of them refers or branches any more.

    `label` tells it from the others, empty where there are none; `named` says that the label was given by an author.
    """

    parts: tuple[Object, ...] = ()
    nullable: bool = False
    label: str = ""
    named: bool = True

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for what was read from the same places of a document."""
        return (*map(id, self.parts), self.nullable)

    def joined(self, other: Alternative) -> Alternative:
        """Return what holds where both hold."""
        label = "/".join(filter(None, (self.label, other.label)))
        parts = (*self.parts, *(part for part in other.parts if all(part is not mine for mine in self.parts)))
        return Alternative(parts, self.nullable or other.nullable, label, self.named and other.named)


@dataclass(frozen=True, eq=False)
class Alternatives:
    """All that a value may be; `exclusive` where it must be exactly one of them, by a `oneOf`.

    `discriminator` names the member that tells the alternatives apart, their labels are then its values.
    """

    each: tuple[Alternative, ...]
    exclusive: bool = False
    discriminator: str = ""


class Expansion:
    """One schema being taken apart, within one document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._exclusive = False
        self._discriminators: list[str] = []

    def of(self, parts: Parts) -> Alternatives:
        """Return the alternatives of a value for which all `parts` hold; raises NotComparable for too many."""
        each = self._joined([self._spread(part, frozenset()) for part in parts])
        each = self._told_apart(_without_bare_types(_without_null(each), self._document))
        return Alternatives(
            tuple(each), self._exclusive and len(each) > 1, "/".join(dict.fromkeys(self._discriminators))
        )

    def _spread(self, raw: Any, seen: frozenset[str]) -> list[Alternative]:
        if isinstance(raw, bool):
            return [Alternative(() if raw else (_NEVER,))]
        schema = as_object(raw, "a schema")
        groups: list[list[Alternative]] = []
        ref = schema.get("$ref")
        if isinstance(ref, str) and self._document.has(ref):
            if ref not in seen:
                groups.append(self._spread(self._document.target(ref), seen | {ref}))
            if self._document.as_3_0:
                return self._joined(groups)
        groups += [self._spread(one, seen) for one in as_list(schema.get("allOf"), "allOf")]
        groups += [self._branches(schema, word, seen) for word in ("oneOf", "anyOf") if schema.get(word)]
        if any(word not in STRUCTURE and word not in ANNOTATIONS for word in schema) or _refers_elsewhere(
            schema, groups
        ):
            groups.append([Alternative((schema,))])
        return self._joined(groups)

    def _branches(self, schema: Object, word: str, seen: frozenset[str]) -> list[Alternative]:
        branches = as_list(schema[word], word)
        discriminator = as_object(schema.get("discriminator"), "a discriminator")
        if discriminator:
            self._discriminators.append(str(discriminator.get("propertyName")))
        self._exclusive |= word == "oneOf" and len(branches) > 1 and not discriminator
        found = []
        for branch in branches:
            labels, named = self._labels(branch, as_object(discriminator.get("mapping"), "a mapping"))
            for label in labels:
                head = Alternative(label=label, named=named)
                found += [head.joined(one) for one in self._spread(branch, seen)]
        return found

    def _labels(self, branch: Any, mapping: Object) -> tuple[list[str], bool]:
        """Return what a branch is called, and whether somebody named it so; else a digest of its content."""
        schema = branch if isinstance(branch, dict) else {}
        ref = schema.get("$ref")
        if isinstance(ref, str):
            name = ref.rpartition("/")[2]
            return [value for value, target in mapping.items() if target in (ref, name)] or [name], True
        if isinstance(schema.get("title"), str):
            return [schema["title"]], True
        return [sha256(canonical(inlined(self._document, branch)).encode()).hexdigest()[:8]], False

    def _joined(self, groups: list[list[Alternative]]) -> list[Alternative]:
        each = [Alternative()]
        for group in groups:
            if len(each) * len(group) > MOST:
                raise NotComparable(f"a schema of {self._document.whose} has more than {MOST} alternatives")
            each = [one.joined(other) for one, other in product(each, group)]
        return each

    def _told_apart(self, each: list[Alternative]) -> list[Alternative]:
        """Return each alternative once; a single one needs no label, unless the label is a value to be sent."""
        once = list({(one.key, one.label): one for one in each}.values())
        if len(once) == 1 and not self._discriminators:
            return [Alternative(once[0].parts, nullable=once[0].nullable)]
        return once


def _refers_elsewhere(schema: Object, groups: list[list[Alternative]]) -> bool:
    return "$ref" in schema and not groups


def _without_null(each: list[Alternative]) -> list[Alternative]:
    """Turn an alternative that is null alone into a null that the others allow."""
    rest = [one for one in each if not _is_null(one)]
    if len(rest) in (0, len(each)):
        return each
    return [Alternative(one.parts, nullable=True, label=one.label, named=one.named) for one in rest]


def _is_null(one: Alternative) -> bool:
    """Whether null fits all parts, and nothing else does."""
    choices = [choice for part in one.parts for choice in _choices(part)]
    return all(null in among for null, among in choices) and any(among == [null] for null, among in choices)


def _choices(part: Object) -> Iterator[tuple[Any, list[Any]]]:
    """Yield each list that a value must be in, of types or of values, with what stands for null there."""
    if "type" in part:
        types = part["type"] if isinstance(part["type"], list) else [part["type"]]
        yield "null", [*types, "null"] if part.get("nullable") is True else types
    if "enum" in part:
        yield None, as_list(part["enum"], "enum")
    if "const" in part:
        yield None, [part["const"]]


def _without_bare_types(each: list[Alternative], document: Document) -> list[Alternative]:
    """Turn alternatives that are each a type and nothing else into one of several types."""
    bare = all(len(one.parts) == 1 and "type" in one.parts[0] and _says_type_alone(one.parts[0]) for one in each)
    if len(each) < 2 or not bare:
        return each
    types: list[str] = []
    for one in each:
        told = one.parts[0]["type"]
        types += told if isinstance(told, list) else [told]
    if len(set(types) - ({"integer"} if "number" in types else set())) < len(types):
        return each  # they overlap, which a oneOf does not allow
    nullable = any(one.nullable or (document.as_3_0 and one.parts[0].get("nullable") is True) for one in each)
    return [Alternative(({"type": types},), nullable=nullable)]


def _says_type_alone(part: Object) -> bool:
    return not part.keys() - {"type", "nullable"} - ANNOTATIONS - STRUCTURE
