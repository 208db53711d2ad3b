"""Checks of OpenAPI documents: the known-good one keeps every rule, each change breaks the rule that it is about."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from tests.drivers.notebook import DOCUMENT

from epjgate.contracts.checks import violations

RULES = (
    "openapi-document-valid",
    "openapi-references-resolve",
    "openapi-operation-ids-unique",
    "openapi-path-parameters-described",
    "openapi-success-described",
    "openapi-security-schemes-exist",
    "openapi-links-lead-to-operations",
)


@pytest.fixture
def document() -> dict[str, Any]:
    """A document that keeps every rule."""
    return copy.deepcopy(DOCUMENT)


@pytest.mark.parametrize("rule", RULES)
def test_a_document_in_order_breaks_no_rule(rule: str, document: dict[str, Any]) -> None:
    """Nothing is said of it."""
    assert violations(rule, document) == []


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("other", [[], "text", None, {"paths": 1}])
def test_what_is_no_document_breaks_the_rules_that_look_into_it(rule: str, other: object) -> None:
    """A list, a text or nothing is never in order; only a rule about references has nothing to follow there."""
    if rule != "openapi-references-resolve":
        assert violations(rule, other)


def test_a_parameter_of_the_path_item_counts(document: dict[str, Any]) -> None:
    """What all operations of a path share is written once."""
    item = document["paths"]["/notes/{id}"]
    item["parameters"] = item["get"].pop("parameters")
    del item["delete"]["parameters"]
    assert violations("openapi-path-parameters-described", document) == []


def test_a_path_parameter_that_is_optional_or_not_in_the_path_is_told(document: dict[str, Any]) -> None:
    """Both directions, with the place."""
    parameters = document["paths"]["/notes/{id}"]["get"]["parameters"]
    parameters[0]["required"] = False
    parameters.append({"name": "page", "in": "path", "required": True, "schema": {}})
    found = violations("openapi-path-parameters-described", document)
    assert "GET /notes/{id}: page is not in the path" in found
    assert any("id has to be required" in one for one in found)


def test_a_link_is_followed_to_its_parameters(document: dict[str, Any]) -> None:
    """A link that gives what the operation does not take would never work."""
    links = document["paths"]["/notes"]["post"]["responses"]["201"]["links"]
    links["read"]["parameters"] = {"path.id": "$response.body#/id", "name": "$response.body#/text"}
    (told,) = violations("openapi-links-lead-to-operations", document)
    assert "gives name" in told


def test_a_reference_through_a_list_and_with_escapes_is_followed(document: dict[str, Any]) -> None:
    """JSON pointers count into lists, and write / as ~1."""
    place = "#/paths/~1notes~1{id}/get/parameters/0"
    document["paths"]["/notes/{id}"]["delete"]["parameters"] = [{"$ref": place}]
    assert violations("openapi-references-resolve", document) == []
    assert violations("openapi-path-parameters-described", document) == []
    document["paths"]["/notes/{id}"]["delete"]["parameters"] = [{"$ref": place.replace("/0", "/7")}]
    assert violations("openapi-references-resolve", document)
