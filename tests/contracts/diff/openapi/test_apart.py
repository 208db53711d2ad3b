"""Whether no value fits two alternatives."""

from __future__ import annotations

from typing import Any

import pytest

from epjgate.contracts.diff.openapi.alternatives import Alternative
from epjgate.contracts.diff.openapi.apart import apart
from epjgate.contracts.diff.openapi.document import Document

DOCUMENT = Document({"openapi": "3.1.0"}, "it")


def _object(required: tuple[str, ...] = (), *, closed: bool = False, **members: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"type": "object", "properties": members, "required": list(required)}
    return {**told, "additionalProperties": False} if closed else told


CAT, DOG = {"const": "cat"}, {"const": "dog"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"type": "string"}, {"type": "integer"}, True),
        ({"type": "number"}, {"type": "integer"}, False),
        ({"type": ["string", "null"]}, {"type": ["integer", "null"]}, False),
        ({"enum": ["a", "b"]}, {"enum": ["c"]}, True),
        ({"enum": ["a", "b"]}, {"enum": ["b"]}, False),
        (_object(), _object(), False),
        (_object(("kind",), kind=CAT), _object(("kind",), kind=DOG), True),
        (_object(kind=CAT), _object(("kind",), kind=DOG), False),
        (_object(("kind",), kind=CAT), _object(("kind",), kind=CAT), False),
        (_object(("a",), a={}), _object(closed=True, b={}), True),
        (_object(("a",), a={}), _object(b={}), False),
        ({}, {"type": "string"}, False),
    ],
)
def test_apart(one: dict[str, Any], other: dict[str, Any], expected: bool) -> None:  # noqa: FBT001
    """What cannot be shown is not claimed, whichever of the two is asked first."""
    first, second = Alternative((one,)), Alternative((other,))
    assert apart(DOCUMENT, first, second) == apart(DOCUMENT, second, first) == expected
