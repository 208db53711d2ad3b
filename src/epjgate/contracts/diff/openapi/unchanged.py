"""Which parts of two documents are the same to the letter, references included: those need no closer look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from epjgate.contracts.diff.openapi.document import Document, schema_reference
from epjgate.contracts.diff.rules import canonical


class Unchanged:
    """Answers whether a part of one document is the same in another, and all that it refers to as well."""

    def __init__(self, before: Document, after: Document) -> None:
        self._same_words = before.as_3_0 == after.as_3_0
        self._kept = _kept_references(before, after)

    def covers(self, old: Any, new: Any) -> bool:
        """Whether `old` and `new` are the same to the letter, and refer to the same only."""
        return self._same_words and canonical(old) == canonical(new) and self._kept.issuperset(_references(old))


def _kept_references(before: Document, after: Document) -> set[str]:
    """Return the references that mean the same in both: all that are equal, less those that refer to others."""
    contents: dict[str, tuple[str, set[str]]] = {}
    waiting = {*_references(before.root), *_references(after.root)}
    while waiting:
        ref = waiting.pop()
        old, new = (document.target(ref) if document.has(ref) else ref for document in (before, after))
        contents[ref] = ("" if canonical(old) == canonical(new) else "changed", set(_references(old)))
        waiting |= contents[ref][1] - contents.keys()
    kept = {ref for ref, (change, _) in contents.items() if not change}
    while lost := {ref for ref in kept if not contents[ref][1] <= kept}:
        kept -= lost
    return kept


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            if key == "mapping" and isinstance(value, dict):  # of a discriminator, which refers without $ref
                yield from (schema_reference(ref) for ref in value.values() if isinstance(ref, str))
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
