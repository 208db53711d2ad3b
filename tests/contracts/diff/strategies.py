"""Schemas and values for properties: small, yet with every word that narrows what is valid."""

from __future__ import annotations

import copy
from itertools import product
from typing import Any

from hypothesis import strategies as st

_SMALL: list[Any] = [None, True, False, -1, 0, 1, 2, 3, 0.5, 1.5, "", "a", "ab", "abc"]
_LISTS: list[Any] = [[], *([one] for one in _SMALL), [0, 0], ["a", "b"], ["a", "a"], [None, 1], [[]], [{}], [{"a": 1}]]
_FOR_A: list[Any] = ["left out", None, 1, "a", 2.5, [], {"a": "a"}]
_FOR_B: list[Any] = ["left out", 0, "ab", {}, [1]]
_OBJECTS: list[Any] = [
    {name: one for name, one in (("a", a), ("b", b)) if one != "left out"} for a, b in product(_FOR_A, _FOR_B)
]
VALUES = [*_SMALL, *_LISTS, *_OBJECTS, {"c": 1}, {"a": {"a": {"a": "a"}}}]

_NAMES = st.sampled_from("ab")
_numbers = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "number"])},
    optional={
        "minimum": st.integers(-1, 2),
        "maximum": st.integers(0, 3),
        "exclusiveMinimum": st.integers(-1, 1),
        "multipleOf": st.sampled_from([0.5, 1, 2]),
    },
)
_strings = st.fixed_dictionaries(
    {"type": st.just("string")},
    optional={"minLength": st.integers(0, 2), "maxLength": st.integers(0, 3), "pattern": st.sampled_from(["^a", ".*"])},
)
_lists_of_values = st.fixed_dictionaries(
    {"enum": st.lists(st.sampled_from([None, True, 0, 1, "a", "ab"]), min_size=1, max_size=3, unique_by=repr)}
)
_others = st.sampled_from(
    [
        {},
        True,
        {"type": "boolean"},
        {"type": "null"},
        {"type": ["string", "null"]},
        {"type": ["integer", "string"]},
        {"type": ["object", "array"]},
        {"const": "a"},
        {"not": {"type": "string"}},
        {"$ref": "#/components/schemas/Tree"},
        {"$ref": "#/components/schemas/Short", "minLength": 1},
    ]
)


def _composed(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    objects = st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(_NAMES, inner)},
        optional={
            "required": st.lists(_NAMES, unique=True),
            "additionalProperties": st.one_of(st.booleans(), inner),
            "maxProperties": st.integers(0, 2),
        },
    )
    arrays = st.fixed_dictionaries(
        {"type": st.just("array")},
        optional={"items": inner, "minItems": st.integers(0, 2), "uniqueItems": st.booleans()},
    )
    choices = st.one_of(
        several.map(lambda each: {"anyOf": each}),
        several.map(lambda each: {"oneOf": each}),
        several.map(lambda each: {"allOf": each}),
        st.tuples(several, inner.filter(lambda one: isinstance(one, dict))).map(
            lambda two: {**two[1], "anyOf": two[0]}
        ),
    )
    return st.one_of(objects, arrays, choices)


SCHEMAS = st.recursive(st.one_of(_numbers, _strings, _lists_of_values, _others), _composed, max_leaves=6)
COMPONENTS = {
    "Tree": {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Tree"}, "b": {"type": "integer"}}},
    "Short": {"type": "string", "maxLength": 2},
}


@st.composite
def pairs_of_schemas(draw: st.DrawFn) -> tuple[Any, Any]:
    """Return two schemas that have to do with each other: one made of the other, or one word of it taken away."""
    one, other = draw(SCHEMAS), draw(SCHEMAS)
    word = draw(st.sampled_from(["", "allOf", "anyOf", "oneOf", "less", "unrelated"]))
    if word == "less":
        changed = copy.deepcopy(one)
        holder, key = draw(st.sampled_from(_words(changed) or [({"": ""}, "")]))
        del holder[key]
    else:
        changed = {"": one, "unrelated": other}.get(word, {word: [one, other]})
    return (one, changed) if draw(st.booleans()) else (changed, one)


def _words(node: Any) -> list[tuple[Any, Any]]:
    """Return every word of a schema and its parts, and every element of a list, with what holds it."""
    if isinstance(node, dict):
        # A schema that describes members or elements is meant for objects or arrays, even where no type says so.
        implied = {"properties", "items"} & node.keys()
        here = [(node, key) for key in node if not (key == "type" and implied)]
        return [*here, *(found for value in node.values() for found in _words(value))]
    if isinstance(node, list) and len(node) > 1:
        return [*((node, number) for number in range(len(node))), *(found for value in node for found in _words(value))]
    return []
