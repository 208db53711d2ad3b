"""The front matter of an incident's record."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from epjgate.model.incident import Incident, IncidentClass
from epjgate.model.proof import How

GOOD: dict[str, Any] = {
    "id": "INC-0001",
    "title": "Shut",
    "title_da": "Lukket",
    "date": "2026",
    "source": "The log",
    "class": "clock",
    "severity": "minor",
    "hazard": "Waits.",
    "hazard_da": "Venter.",
    "capabilities": ["patients"],
    "system": "tiny",
    "known-bad": "1",
    "fixed-in": "2",
}

RECREATED = GOOD | {"fault": "fault.toml", "known-bad": "1", "fixed-in": "1"}


def test_keys_are_written_with_hyphens_and_read_back_so() -> None:
    """Titles and hazards alone have an underscore, before their language."""
    incident = Incident.model_validate(GOOD)
    assert (incident.kind, incident.known_bad, incident.fixed_in) == (IncidentClass.CLOCK, "1", "2")
    assert incident.model_dump(mode="json", by_alias=True).items() >= GOOD.items()
    with pytest.raises(ValidationError, match="known_bad"):
        Incident.model_validate(GOOD | {"known_bad": "1"})


@pytest.mark.parametrize(
    ("told", "fingerprints"),
    [("", ()), ("abcdef01", ("abcdef01",)), (["abcdef01", "abcdef02"], ("abcdef01", "abcdef02"))],
)
def test_a_fingerprint_is_one_text_or_a_list(told: object, fingerprints: tuple[str, ...]) -> None:
    """Empty until it is recorded."""
    assert Incident.model_validate(GOOD | {"fingerprint": told}).fingerprint == fingerprints


def test_a_recipe_says_how_it_is_proven() -> None:
    """By a build unless a recipe is named."""
    assert Incident.model_validate(GOOD).how is How.BUILD
    assert Incident.model_validate(RECREATED).how is How.RECIPE


@pytest.mark.parametrize("name", ["../INC-0002_x/fault.toml", "/etc/fault.toml", "more/fault.toml", "incident.md"])
def test_a_recipe_lies_in_the_folder(name: str) -> None:
    """Anywhere else it could be changed and the proof would still hold."""
    with pytest.raises(ValidationError, match="fault"):
        Incident.model_validate(RECREATED | {"fault": name})


def test_a_recipe_is_the_only_difference() -> None:
    """On two releases nobody would know whether the recipe or the release was seen."""
    with pytest.raises(ValidationError, match="the same release"):
        Incident.model_validate(RECREATED | {"fixed-in": "2"})


@pytest.mark.parametrize("text", ["", " ", "TODO: x", "todo"])
@pytest.mark.parametrize("key", ["title", "title_da", "source", "hazard", "hazard_da", "system", "known-bad"])
def test_what_is_not_written_is_refused(key: str, text: str) -> None:
    """A placeholder is not a word."""
    with pytest.raises(ValidationError, match="must be written"):
        Incident.model_validate(GOOD | {key: text})
