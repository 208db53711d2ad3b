"""Two documents that mean the same differ in nothing, however they are written."""

from __future__ import annotations

import copy
import time
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contracts.diff.strategies import COMPONENTS, SCHEMAS

from epjgate.contracts.diff.openapi import differences
from epjgate.model.contract_change import ContractChange, Grade

THOROUGHLY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _document(schema: Any, components: Any = COMPONENTS) -> dict[str, Any]:
    body = {"content": {"application/json": {"schema": schema}}}
    return {
        "openapi": "3.1.0",
        "paths": {
            "/a/{id}": {
                "post": {
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                        {"name": "q", "in": "query", "schema": schema},
                        {"name": "r", "in": "query", "schema": {"type": "string"}},
                    ],
                    "requestBody": body,
                    "responses": {"200": {"description": "ok", **body}},
                }
            }
        },
        "components": {"schemas": components},
    }


def _changes(before: Any, after: Any) -> list[ContractChange]:
    return [*differences(before, after), *differences(after, before)]


def _renamed(node: Any) -> Any:
    """Return a schema whose references have other names."""
    if isinstance(node, dict):
        return {
            key: value.replace("schemas/", "schemas/My") if key == "$ref" else _renamed(value)
            for key, value in node.items()
        }
    return [_renamed(one) for one in node] if isinstance(node, list) else node


@THOROUGHLY
@given(schema=SCHEMAS)
def test_names_of_components_mean_nothing(schema: Any) -> None:
    """Renaming every component, with its references, changes nothing."""
    renamed = {f"My{name}": _renamed(one) for name, one in COMPONENTS.items()}
    assert _changes(_document(schema), _document(_renamed(schema), renamed)) == []


@THOROUGHLY
@given(schema=SCHEMAS)
def test_where_a_schema_stands_means_nothing(schema: Any) -> None:
    """Told in place, as a component, or as the only member of an allOf, anyOf or oneOf: it is the same schema."""
    inside = _document(schema)
    apart = _document({"$ref": "#/components/schemas/Here"}, {**COMPONENTS, "Here": schema})
    assert _changes(inside, apart) == []
    for word in ("allOf", "anyOf", "oneOf"):
        assert _changes(inside, _document({word: [schema]})) == [], word


@THOROUGHLY
@given(schema=SCHEMAS, texts=st.randoms(use_true_random=False))
def test_order_means_nothing(schema: Any, texts: Any) -> None:
    """Members, lists of names and values, variants and parameters can stand in any order."""

    def shuffled(node: Any) -> Any:
        if isinstance(node, dict):
            names = list(node)
            texts.shuffle(names)
            return {name: shuffled(node[name]) for name in names}
        if isinstance(node, list):
            return texts.sample([shuffled(one) for one in node], len(node))
        return node

    before = _document(schema)
    assert _changes(before, shuffled(before)) == []


@THOROUGHLY
@given(schema=SCHEMAS)
def test_annotations_mean_nothing(schema: Any) -> None:
    """A text for people beside a schema changes nothing."""
    told = {**schema, "description": "what it is"} if isinstance(schema, dict) else schema
    assert _changes(_document(schema), _document(told)) == []


@THOROUGHLY
@given(schema=SCHEMAS)
def test_the_name_of_a_path_parameter_is_no_harm(schema: Any) -> None:
    """It is told, as safe, and hides nothing else."""
    before = _document(schema)
    after = copy.deepcopy(before)
    after["paths"]["/a/{key}"] = after["paths"].pop("/a/{id}")
    after["paths"]["/a/{key}"]["post"]["parameters"][0]["name"] = "key"
    assert {change.rule for change in _changes(before, after)} == {"diff-openapi-path-param-renamed"}


@THOROUGHLY
@given(one=SCHEMAS, other=SCHEMAS)
def test_every_change_has_a_place_of_its_own(one: Any, other: Any) -> None:
    """What is breaking for the request is told at the request: places begin with the operation."""
    for change in differences(_document(one), _document(other)):
        assert change.place.startswith("POST /a/{id} ")
        assert change.place == change.place.strip()


def test_what_cannot_be_read_is_breaking() -> None:
    """A form that nobody foresaw is told at its operation, and the others are compared all the same."""
    before = _document({"type": "string"})
    after = copy.deepcopy(before)
    after["paths"]["/b"] = {"get": {"responses": {}}}
    after["paths"]["/a/{id}"]["post"]["parameters"] = "none"
    changes = {change.rule: change for change in differences(before, after)}
    assert sorted(changes) == ["diff-openapi-not-comparable", "diff-openapi-operation-added"]
    assert changes["diff-openapi-not-comparable"].grade is Grade.BREAKING
    assert changes["diff-openapi-not-comparable"].place == "POST /a/{id}"


def test_a_schema_nested_beyond_measure_is_breaking() -> None:
    """It ends, and says so: a crash or a silent pass would both be wrong."""
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(5000):
        deep = {"type": "array", "items": deep}
    found = list(differences(_document(deep), _document({**deep, "minItems": 1})))
    assert {(change.rule, change.grade) for change in found} == {("diff-openapi-not-comparable", Grade.BREAKING)}


def test_many_circles_end_soon() -> None:
    """Eighty schemas that all refer to each other, one changed in one word, are compared within seconds."""

    def all_of(bound: int) -> dict[str, Any]:
        names = [f"T{number}" for number in range(80)]
        members = {name: {"$ref": f"#/components/schemas/{name}"} for name in names}
        told: dict[str, Any] = {name: {"type": "object", "properties": members} for name in names}
        told["T7"] = {"type": "object", "properties": {**members, "own": {"type": "string", "maxLength": bound}}}
        return told

    start = {"$ref": "#/components/schemas/T0"}
    began = time.monotonic()
    found = list(differences(_document(start, all_of(5)), _document(start, all_of(6))))
    assert time.monotonic() - began < 20
    assert {change.rule: change.place for change in found} == {
        "diff-openapi-request-bound-lifted": "POST /a/{id} body application/json T7.own maxLength",
        "diff-openapi-response-bound-given-up": "POST /a/{id} response 200 application/json T7.own maxLength",
    }
