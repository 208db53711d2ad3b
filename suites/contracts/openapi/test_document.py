"""The OpenAPI document itself: what partners generate their clients from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from epjgate.plugin.rules import each_rule


@each_rule(
    "openapi-document-valid",
    "openapi-references-resolve",
    "openapi-operation-ids-unique",
    "openapi-path-parameters-described",
    "openapi-success-described",
    "openapi-security-schemes-exist",
    "openapi-links-lead-to-operations",
)
@pytest.mark.severity("critical")
@pytest.mark.read_only
def test_the_document_keeps_to_the_specification(
    rule: str, document: Any, violations: Callable[[str, Any], list[str]]
) -> None:
    """The document that the candidate describes itself by keeps to the OpenAPI Specification."""
    found = violations(rule, document)
    assert not found, f"{len(found)} violations, first: {'; '.join(found[:5])}"


@pytest.mark.severity("normal")
@pytest.mark.read_only
def test_the_document_describes_something(document: Any) -> None:
    """The document describes at least one operation: an empty one would be kept by every server."""
    operations = [(path, verb) for path, item in document["paths"].items() for verb in item]
    assert operations, "the candidate describes no operation at all"
