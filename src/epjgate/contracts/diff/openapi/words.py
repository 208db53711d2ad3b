"""The words of schemas: which of them say nothing about values, and which are compared as a whole."""

from __future__ import annotations

from typing import Any

from epjgate.contracts.diff.openapi.document import Document
from epjgate.contracts.diff.rules import canonical

STRUCTURE = frozenset(
    {"$ref", "allOf", "oneOf", "anyOf", "$schema", "$id", "$anchor", "$comment", "$defs", "definitions"}
)
"""Words that put schemas together, or name them."""
ANNOTATIONS = frozenset({"title", "description", "summary", "example", "examples", "externalDocs"})
"""Words that are for people: no value is valid or not for them (JSON Schema Validation 2020-12, 9)."""
CONDITIONS: tuple[tuple[str, ...], ...] = (
    ("not",),
    ("if", "then", "else"),
    ("contains", "minContains", "maxContains"),
    ("propertyNames",),
    ("patternProperties",),
    ("prefixItems",),
    ("dependentRequired",),
    ("dependentSchemas",),
    ("unevaluatedItems",),
    ("contentEncoding", "contentMediaType", "contentSchema"),
    ("$dynamicRef",),
    ("xml",),
)
"""Words that narrow what is valid and are compared as a whole: those of one group only mean something together."""

_DEEPEST = 12
_UNORDERED = frozenset({"allOf", "oneOf", "anyOf", "enum", "required", "type"})


def inlined(document: Document, node: Any, depth: int = 0) -> Any:
    """Return `node` with references followed and annotations left out, as far down as a comparison can look.

    Lists whose order means nothing are sorted.
    """
    if isinstance(node, list):
        return [inlined(document, one, depth) for one in node]
    if not isinstance(node, dict):
        return node
    ref = node.get("$ref")
    if isinstance(ref, str) and depth < _DEEPEST and document.has(ref):
        return inlined(document, document.target(ref), depth + 1)
    # A member of `properties` may be called like an annotation: only texts and examples are left out.
    return {
        key: _in_order(key, inlined(document, value, depth))
        for key, value in node.items()
        if not (key in ANNOTATIONS and not isinstance(value, dict)) and not key.startswith("x-")
    }


def _in_order(key: str, value: Any) -> Any:
    return sorted(value, key=canonical) if key in _UNORDERED and isinstance(value, list) else value
