"""The register of checks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from epjgate.contracts.checks.interface import CHECKS, check, violations
from epjgate.errors import UsageError


@pytest.fixture
def named() -> Iterator[str]:
    """A rule whose check wants a name, for this test only."""

    def has_name(document: Any) -> Iterator[str]:
        if not document["name"]:
            yield "name: it is empty"

    check("test-named")(has_name)
    yield "test-named"
    del CHECKS["test-named"]


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"name": "Ål"}, []),
        ({"name": ""}, ["name: it is empty"]),
        ({}, ["the document is not of the kind that the rule is about: KeyError: 'name'"]),
    ],
)
def test_a_check_says_what_breaks_its_rule(named: str, document: Any, found: list[str]) -> None:
    """A document that lacks what the rule is about breaks it as well."""
    assert violations(named, document) == found


def test_what_is_no_document_at_all_breaks_the_rule(named: str) -> None:
    """A check that trips is not silent."""
    (found,) = violations(named, None)
    assert "not of the kind" in found


def test_a_rule_without_a_check_is_not_kept() -> None:
    """Nothing to ask is no answer."""
    with pytest.raises(UsageError, match="test-nobody"):
        violations("test-nobody", {})


def test_a_rule_has_one_check(named: str) -> None:
    """A second one would hide the first."""
    with pytest.raises(ValueError, match="has a check already"):
        check(named)(lambda _document: ())
