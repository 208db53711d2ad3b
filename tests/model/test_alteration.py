"""One change to what a candidate answers."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from epjgate.model.alteration import Action, Alteration


@pytest.mark.parametrize(
    "given",
    [
        {"action": "drop_field", "field": "period.end"},
        {"action": "set_field", "field": "status", "value": "active"},
        {"action": "set_field", "field": "end", "value": None},
        {"action": "replace_text", "pattern": "[æøå]", "text": "?"},
        {"action": "status", "status": 200, "match": {"method": "PUT", "path": "^/Patient/", "status": 409}},
        {"action": "lose"},
        {"action": "lose", "status": 200},
        {"action": "repeat", "times": 1},
        {"action": "stale"},
    ],
)
def test_an_alteration_that_says_all_it_needs_is_taken(given: dict[str, object]) -> None:
    """It comes back from JSON as it went, for it is handed from process to process."""
    alteration = Alteration.model_validate(given)
    assert Alteration.model_validate_json(alteration.model_dump_json()) == alteration
    assert {Action(str(given["action"]))} == {alteration.action}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"action": "drop_field"}, "needs field"),
        ({"action": "set_field", "field": "a"}, "needs value"),
        ({"action": "replace_text", "pattern": "a"}, "needs text"),
        ({"action": "status"}, "needs status"),
        ({"action": "repeat", "field": "a"}, "does not use field"),
        ({"action": "drop_field", "field": "a..b"}, "member names"),
        ({"action": "replace_text", "pattern": "(", "text": ""}, "no regular expression"),
        ({"action": "lose", "match": {"status": 201}}, "no status to match"),
        ({"action": "lose", "times": -1}, "greater than or equal to 0"),
        ({"action": "vanish"}, "Input should be"),
    ],
)
def test_an_alteration_that_cannot_be_done_is_refused(given: dict[str, object], why: str) -> None:
    """A recipe with a mistake never silently alters nothing."""
    with pytest.raises(ValidationError, match=why):
        Alteration.model_validate(given)


def test_every_action_is_described() -> None:
    """Whoever writes a recipe finds what each action does."""
    assert all(f"`{action.value}`" in (Action.__doc__ or "") for action in Action)
