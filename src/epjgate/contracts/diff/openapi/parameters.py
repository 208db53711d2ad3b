"""Differences between the parameters of an operation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from epjgate.contracts.diff.openapi import rules, schema_rules
from epjgate.contracts.diff.openapi.alternatives import Parts
from epjgate.contracts.diff.openapi.document import Document
from epjgate.contracts.diff.openapi.effective import effective
from epjgate.contracts.diff.openapi.rules import Side
from epjgate.contracts.diff.openapi.schema import SchemaComparison
from epjgate.contracts.diff.reading import NotComparable, Object, as_list, as_object
from epjgate.contracts.diff.rules import DiffRule, canonical
from epjgate.model.contract_change import ContractChange

Key = tuple[str, str]
"""Where a parameter stands and what it is called; in a path its number counts, for no request holds its name."""

# Headers whose description here counts for nothing (OpenAPI 3.1, Parameter Object, `name`).
_NOT_PARAMETERS = {"accept", "content-type", "authorization"}
_PLACES = {"query": "param", "path": "path param", "header": "header", "cookie": "cookie"}
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
_SIMPLE = {"string", "number", "integer", "boolean"}
_ALIKE_FOR_ONE_VALUE = {"form", "simple"}


@dataclass(frozen=True)
class Parameter:
    """A parameter as an operation declares it."""

    place: str
    name: str
    content: Object
    document: Document

    @property
    def required(self) -> bool:
        """Whether a request must have it; one in the path always."""
        return self.place == "path" or self.content.get("required") is True

    @property
    def schema(self) -> Parts:
        """The schema of its value."""
        media = as_object(self.content.get("content"), "content")
        told = next(iter(media.values())) if media else self.content
        return (told["schema"],) if isinstance(told, dict) and "schema" in told else ()

    @property
    def label(self) -> str:
        """Its place within an operation, in words."""
        return f"{_PLACES.get(self.place, self.place)} {self.name}"


def of(document: Document, item: Object, operation: Object, path_names: list[str]) -> dict[Key, Parameter]:
    """Return the parameters of an operation; its own count before those of the path item around it.

    One that the path holds and nobody describes is any text. Raises NotComparable for one that cannot be told.
    """
    any_text: Object = {"schema": {"type": "string"}}
    found: dict[Key, Parameter] = {
        ("path", str(number)): Parameter("path", name, any_text, document) for number, name in enumerate(path_names)
    }
    for holder in (item, operation):
        for raw in as_list(holder.get("parameters"), "parameters"):
            content = document.resolved(raw, "a parameter")
            place, name = content.get("in"), content.get("name")
            if not isinstance(place, str) or not isinstance(name, str):
                raise NotComparable("a parameter has no name, or no place")
            key = _key(place, name, path_names)
            if key is not None:
                found[key] = Parameter(place, name, content, document)
    return found


def _key(place: str, name: str, path_names: list[str]) -> Key | None:
    """Return what tells a parameter from the others; None for one that no request can have."""
    if place == "path":
        return (place, str(path_names.index(name))) if name in path_names else None
    if place != "header":
        return place, name
    return None if name.lower() in _NOT_PARAMETERS else (place, name.lower())


def differences(
    place: str, before: dict[Key, Parameter], after: dict[Key, Parameter], schemas: SchemaComparison
) -> Iterator[ContractChange]:
    """Yield what changed about the parameters of the operation at `place`."""
    gone, come = before.keys() - after.keys(), after.keys() - before.keys()
    moved = {key: other for key in gone for other in come if _moved(key, other)}
    for key, other in sorted(moved.items()):
        yield rules.PARAM_MOVED.changed(f"{place} {before[key].label}", key[0], other[0])
    for key in sorted(gone - moved.keys()):
        yield rules.PARAM_REMOVED.removed(f"{place} {before[key].label}")
    for key in sorted(come - set(moved.values())):
        yield _added(after[key], schemas).added(f"{place} {after[key].label}")
    for key in sorted(before.keys() & after.keys()):
        yield from _parameter(f"{place} {before[key].label}", before[key], after[key], schemas)


def _moved(key: Key, other: Key) -> bool:
    return key[1].lower() == other[1].lower()


def _added(one: Parameter, schemas: SchemaComparison) -> DiffRule:
    if not one.required:
        return rules.PARAM_ADDED
    return rules.PARAM_DEMANDED_DEFAULT if schemas.has_default(one.schema) else rules.PARAM_DEMANDED


def _parameter(place: str, was: Parameter, now: Parameter, schemas: SchemaComparison) -> Iterator[ContractChange]:
    if now.required and not was.required:
        yield rules.PARAM_REQUIRED.changed(place, "optional", "required")
    if was.required and not now.required:
        yield rules.PARAM_OPTIONAL.changed(place, "required", "optional")
    yield from _flags(place, was.content, now.content)
    written = [_serialisation(one, schemas) for one in (was, now)]
    if written[0] != written[1]:
        yield rules.PARAM_SERIALISED.changed(place, written[0], written[1])
    if _written_as_text(was, now, schemas):
        yield schema_rules.TYPE.loosened[Side.REQUEST].changed(place, "a number or a truth value", "string")
        return
    for finding in schemas.differences(was.schema, now.schema, Side.REQUEST):
        yield finding.at(place)


def _flags(place: str, was: Object, now: Object) -> Iterator[ContractChange]:
    old, new = was.get("deprecated", False), now.get("deprecated", False)
    if old != new:
        yield (schema_rules.DEPRECATED if new else schema_rules.UNDEPRECATED).changed(place)
    for flag in ("allowReserved", "allowEmptyValue"):
        old, new = was.get(flag, False), now.get(flag, False)
        if old != new:
            yield (rules.PARAM_FORM_ACCEPTED if new else rules.PARAM_FORM_REFUSED).changed(f"{place} {flag}", old, new)


def _written_as_text(was: Parameter, now: Parameter, schemas: SchemaComparison) -> bool:
    """Whether any text is taken where a number was: outside JSON both are written alike."""
    old, new = (schemas.expanded(one.document, one.schema).each for one in (was, now))
    if len(old) != 1 or len(new) != 1 or "content" in now.content:
        return False
    before, after = effective(was.document, old[0], Side.REQUEST), effective(now.document, new[0], Side.REQUEST)
    limits = (after.lower, after.upper, after.patterns, after.formats, after.conditions)
    any_text = after.types == {"string"} and after.enum is None and not any(limits)
    return any_text and bool(before.types) and before.types <= _SIMPLE - {"string"} and before.default == after.default


def _serialisation(one: Parameter, schemas: SchemaComparison) -> str:
    """Return how the value is written; for a value that has no parts, ways that write it alike are one."""
    media = as_object(one.content.get("content"), "content")
    if media:
        return canonical(sorted(media))
    style = str(one.content.get("style") or _STYLES.get(one.place, "form"))
    if _has_no_parts(one, schemas) and style in _ALIKE_FOR_ONE_VALUE:
        return "one value"
    explode: Any = one.content.get("explode", style == "form")
    return f"{style} {'exploded' if explode else 'not exploded'}"


def _has_no_parts(one: Parameter, schemas: SchemaComparison) -> bool:
    each = schemas.expanded(one.document, one.schema).each
    return all(effective(one.document, way, Side.REQUEST).types <= _SIMPLE for way in each)
