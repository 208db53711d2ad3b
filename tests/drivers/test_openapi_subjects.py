"""Which requests a check is about: only those count as asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.drivers.notebook import DOCUMENT

from epjgate.drivers.openapi_subjects import Asked, Described, is_subject

DESCRIBED = Described(DOCUMENT)
READ = Asked("GET", "/notes/{id}", "/notes/n1", 200, True, "positive", "", "", True)  # noqa: FBT003 - values of a fixture
MADE, DELETED = ("POST", "/notes", 201), ("DELETE", "/notes/n1", 204)


@pytest.mark.parametrize(
    ("check", "asked", "expected"),
    [
        ("not_a_server_error", READ, True),
        ("response_schema_conformance", READ, True),
        ("response_schema_conformance", replace(READ, has_content=False), False),
        ("response_schema_conformance", replace(READ, status=404), False),
        ("response_headers_conformance", READ, False),
        ("positive_data_acceptance", READ, True),
        ("negative_data_rejection", READ, False),
        ("negative_data_rejection", replace(READ, mode="negative"), True),
        ("negative_data_rejection", replace(READ, mode="negative", scenario="unspecified_http_method"), False),
        ("unsupported_method", replace(READ, scenario="unspecified_http_method"), True),
        ("unsupported_method", READ, False),
        ("allow_header_conformance", replace(READ, status=405), True),
        ("allow_header_conformance", READ, False),
        ("missing_required_header", replace(READ, scenario="missing_parameter", location="header"), True),
        ("missing_required_header", replace(READ, scenario="missing_parameter", location="query"), False),
        ("ignored_auth", READ, False),
        ("ignored_auth", replace(READ, is_signed_in=False), True),
        ("ensure_resource_availability", replace(READ, earlier=(MADE,)), True),
        ("ensure_resource_availability", READ, False),
        ("use_after_free", replace(READ, earlier=(MADE, DELETED)), True),
        ("use_after_free", replace(READ, path="/notes/n11", earlier=(MADE, DELETED)), False),
        ("use_after_free", replace(READ, earlier=(MADE, ("DELETE", "/notes/n1", 404))), False),
        ("a check that nobody knows", READ, False),
        ("not_a_server_error", replace(READ, status=None), False),
    ],
)
def test_a_check_is_about_what_it_can_object_to(check: str, asked: Asked, *, expected: bool) -> None:
    """A request that a check has nothing to say about does not count as asked."""
    assert is_subject(check, asked, DESCRIBED) is expected


def test_what_is_open_to_all_is_not_about_signing_in() -> None:
    """An operation without a requirement, or with an empty one among them, lets everybody in."""
    unsigned = replace(READ, is_signed_in=False)
    requirements: tuple[list[dict[str, list[str]]], ...] = ([], [{}, {"token": []}])
    for security in requirements:
        described = Described({"paths": {"/notes/{id}": {"get": {"responses": {}, "security": security}}}})
        assert not described.needs_sign_in(unsigned)


def test_a_range_of_statuses_and_a_reference_are_understood() -> None:
    """What is described as 2XX, or elsewhere in the document, is described."""
    told: dict[str, Any] = {"headers": {"ETag": {}}}
    document = {
        "paths": {"/notes/{id}": {"get": {"responses": {"2XX": {"$ref": "#/components/responses/told"}}}}},
        "components": {"responses": {"told": told}},
    }
    assert Described(document).response(READ) == told
    assert is_subject("response_headers_conformance", READ, Described(document))


def test_a_document_that_is_none_describes_nothing() -> None:
    """It has no operation, and nothing that was asked is in it."""
    described = Described(["no document"])
    assert (described.operations, described.has(READ)) == (0, False)
    assert (DESCRIBED.operations, DESCRIBED.has(READ)) == (3, True)
