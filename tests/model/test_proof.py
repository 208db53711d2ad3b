"""Proofs as values."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from epjgate.model.proof import Proof, Proofs, Refusal

GOOD: dict[str, Any] = {
    "system": "tiny",
    "how": "build",
    "known_bad": {"version": "1", "digests": {"desk": "sha256:1"}},
    "fixed_in": {"version": "2", "digests": {"desk": "sha256:2"}},
    "fingerprints": ["abcdef01"],
    "message": "no",
    "red": 3,
    "green": 3,
    "at": "2026-03-03T12:00:00Z",
    "test_digest": "sha256:t",
    "dsl_digest": "sha256:w",
}


def test_a_proof_comes_back_from_json_as_it_went() -> None:
    """With everything that it is bound to."""
    proofs = Proofs(incident="INC-0001", proofs={"process": Proof.model_validate(GOOD)})
    assert Proofs.model_validate_json(proofs.model_dump_json()) == proofs


@pytest.mark.parametrize(
    "changed",
    [
        {"fingerprints": []},
        {"red": 0},
        {"green": 0},
        {"at": "2026-03-03T12:00:00"},
        {"fingerprints": ["no hex at all"]},
        {"how": "guess"},
    ],
)
def test_a_proof_that_shows_nothing_is_none(changed: dict[str, Any]) -> None:
    """Without a red, a green, a fingerprint or a moment in time nothing was proven."""
    with pytest.raises(ValidationError):
        Proof.model_validate(GOOD | changed)


def test_a_refusal_has_a_reason() -> None:
    """Nobody could act on one without."""
    with pytest.raises(ValidationError):
        Refusal.model_validate({"reasons": [], "at": GOOD["at"]})
