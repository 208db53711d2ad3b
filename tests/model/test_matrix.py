"""The matrix as a value: what each build showed of each incident, once."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from epjgate.model.matrix import Matrix, Row, Showing

RED = {"fingerprints": ["abcdef01"], "message": "no"}
ROW: dict[str, Any] = {
    "source": "sha256:1",
    "at": "2026-03-03T12:00:00Z",
    "red": {"INC-0001": RED},
    "unclear": {"INC-0002": ["it broke"]},
    "not_applicable": ["INC-0003"],
    "green": ["INC-0004"],
}
MATRIX: dict[str, Any] = {
    "system": "tiny",
    "environment": "process",
    "words": "sha256:w",
    "tests": {"INC-0001": "sha256:t"},
    "repeated": {"build": "1.0.1", "source": "sha256:1", "at": ROW["at"], "runs": 20, "red": {"INC-0001": 1}},
    "builds": {"1.0.1": ROW},
}


def test_a_matrix_comes_back_from_json_as_it_went() -> None:
    """With every row and the repetition."""
    matrix = Matrix.model_validate(MATRIX)
    assert Matrix.model_validate_json(matrix.model_dump_json()) == matrix


def test_a_row_tells_what_was_seen_by_incident() -> None:
    """Four showings, of which unclear is neither red nor green."""
    assert Row.model_validate(ROW).showings == {
        "INC-0001": Showing.RED,
        "INC-0002": Showing.UNCLEAR,
        "INC-0003": Showing.NOT_APPLICABLE,
        "INC-0004": Showing.GREEN,
    }


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"green": ["INC-0001"]}, "INC-0001: named twice"),
        ({"green": ["INC-0004", "INC-0004"]}, "INC-0004: named twice"),
        ({"red": {"INC-0001": RED | {"fingerprints": []}}}, "fingerprints"),
        ({"green": ["no incident"]}, "green"),
        ({"at": "2026-03-03T12:00:00"}, "timezone"),
        ({"blue": []}, "blue"),
    ],
)
def test_a_row_that_says_two_things_or_nothing_is_none(changed: dict[str, Any], why: str) -> None:
    """A build cannot be red and green of one incident, and no red is without a fingerprint."""
    with pytest.raises(ValidationError, match=why):
        Row.model_validate(ROW | changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"schema_version": "epjgate/matrix/2"},
        {"builds": {"head": ROW}},
        {"repeated": MATRIX["repeated"] | {"runs": 0}},
    ],
)
def test_an_unknown_matrix_is_none(changed: dict[str, Any]) -> None:
    """Of another schema, of something that is no build, of a repetition that never ran."""
    with pytest.raises(ValidationError):
        Matrix.model_validate(MATRIX | changed)
