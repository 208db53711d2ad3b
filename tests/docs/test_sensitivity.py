"""docs/sensitivity.md lists every operator and fate, and its example is read."""

from __future__ import annotations

from collections.abc import Callable

from epjgate.model.mutant import Operator
from epjgate.model.parsing import parse_toml
from epjgate.model.sensitivity import Fate
from epjgate.sensing.survivors import Survivors

Rows = list[dict[str, str]]
NAME = "docs/sensitivity.md"


def test_every_operator_and_every_fate_is_explained(
    document: Callable[[str], str], table: Callable[[str, str], Rows]
) -> None:
    """In their order, by their names."""
    text = document(NAME)
    assert [row["Operator"].strip("`") for row in table(text, "Operator")] == list(Operator)
    assert [row["Fate"].strip("`") for row in table(text, "Fate")] == list(Fate)


def test_the_example_gives_a_reason(document: Callable[[str], str], block: Callable[[str, str], str]) -> None:
    """It is read without a mistake."""
    assert parse_toml(block(document(NAME), "toml"), NAME, Survivors).survivor[0].equivalent
