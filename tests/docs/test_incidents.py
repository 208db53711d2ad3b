"""docs/incidents.md lists what a record, a recipe and a proof can hold, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable

from epjgate.incidents.recipe import Recipe
from epjgate.incidents.record import HEADINGS
from epjgate.model.alteration import Action
from epjgate.model.incident import Incident, IncidentClass
from epjgate.model.parsing import parse_toml
from epjgate.model.proof import ProofState

Rows = list[dict[str, str]]
NAME = "docs/incidents.md"


def test_every_key_of_a_record_is_listed(
    document: Callable[[str], str], table: Callable[[str, str], Rows], quoted: Callable[[str], list[str]]
) -> None:
    """In the order in which a record has them."""
    keys = [key for row in table(document(NAME), "Key") for key in quoted(row["Key"])]
    assert keys == [field.alias or name for name, field in Incident.model_fields.items()]


def test_every_class_is_listed(document: Callable[[str], str], quoted: Callable[[str], list[str]]) -> None:
    """The list is closed."""
    (paragraph,) = re.findall(r"^Classes: (.*?)\n\n", document(NAME), re.MULTILINE | re.DOTALL)
    assert sorted(quoted(paragraph)) == sorted(IncidentClass)


def test_every_heading_of_the_story_is_named(document: Callable[[str], str]) -> None:
    """An author finds what must be told."""
    assert [heading for heading in HEADINGS if f"*{heading}*" not in document(NAME)] == []


def test_every_action_and_every_state_is_explained(
    document: Callable[[str], str], table: Callable[[str, str], Rows]
) -> None:
    """In their order."""
    text = document(NAME)
    assert [row["Action"].strip("`") for row in table(text, "Action")] == list(Action)
    assert [row["State"].strip("`") for row in table(text, "State")] == list(ProofState)


def test_the_example_is_a_recipe(document: Callable[[str], str], block: Callable[[str, str], str]) -> None:
    """It is read without a mistake."""
    assert parse_toml(block(document(NAME), "toml"), NAME, Recipe).alteration[0].action is Action.SET_FIELD
