"""An OpenAPI document and its references."""

from __future__ import annotations

import pytest

from epjgate.contracts.diff.openapi.document import Document, schema_reference
from epjgate.contracts.diff.reading import NotComparable

ROOT = {
    "openapi": "3.1.0",
    "a/b": {"c~d": [{"e": 1}]},
    "one": {"$ref": "#/two"},
    "two": {"$ref": "#/three"},
    "three": {"x": 1},
    "circle": {"$ref": "#/circle"},
    "held": {"here": {"$ref": "#/three"}, "x-note": 1},
}


@pytest.mark.parametrize("version", ["3.0", "3.0.3", "3.1.0", "3.2.0"])
def test_version_three_is_read(version: str) -> None:
    """What 3.0 tells otherwise is known by its number."""
    assert Document({"openapi": version}, "it").as_3_0 == version.startswith("3.0")


@pytest.mark.parametrize(
    "content", [{}, {"swagger": "2.0"}, {"openapi": 3.1}, {"openapi": "2.0"}, {"openapi": "30"}, []]
)
def test_what_is_no_document_of_version_three_is_refused(content: object) -> None:
    """It says whose document it was."""
    with pytest.raises(NotComparable, match="the candidate"):
        Document(content, "the candidate")


def test_references_are_followed() -> None:
    """As JSON pointers with their escapes, and through other references."""
    document = Document(ROOT, "it")
    assert document.target("#/a~1b/c~0d/0/e") == 1
    assert document.target("#/a%7E1b/c~0d/0") == {"e": 1}
    assert document.resolved(ROOT["one"], "one") == {"x": 1}
    assert document.objects(ROOT, "held") == {"here": {"x": 1}}


@pytest.mark.parametrize("ref", ["#/nowhere", "other.json#/three", "#/three/x/y", "#/a~1b/c~0d/9"])
def test_a_reference_to_nothing_is_said(ref: str) -> None:
    """Outside the document nothing is read."""
    document = Document(ROOT, "the baseline")
    assert not document.has(ref)
    with pytest.raises(NotComparable, match=f"the baseline refers to {ref}"):
        document.target(ref)


def test_references_in_circles_end() -> None:
    """They lead to nothing, and that is said."""
    with pytest.raises(NotComparable, match="in circles"):
        Document(ROOT, "it").resolved(ROOT["circle"], "a circle")


def test_a_mapping_names_a_schema_or_refers_to_it() -> None:
    """Both are allowed (OpenAPI, Discriminator Object)."""
    assert schema_reference("Cat") == "#/components/schemas/Cat"
    assert schema_reference("#/components/schemas/Cat") == "#/components/schemas/Cat"
