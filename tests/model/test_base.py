"""Values: frozen, and closed."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from epjgate.model.events import RunFinished


def test_a_value_cannot_be_changed() -> None:
    """Evidence that was read cannot be altered on its way to the judge."""
    event = RunFinished()
    with pytest.raises(ValidationError, match="frozen"):
        event.left_behind = ("a",)  # type: ignore[misc]  # that it is refused is what is tested


def test_an_unknown_key_is_refused() -> None:
    """A key of a later version is an error, never ignored."""
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        RunFinished.model_validate({"left_over": []})
