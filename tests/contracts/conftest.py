"""A folder of contracts with one interface, as a project has them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from epjgate.contracts.rules import RuleBook, load_rules

RULES = """
schema_version = "epjgate/rules/1"
title = "Door"
title_da = "Dør"
prefix = "door"

[sources.house]
title = "House rules 2"
url = "https://example.org/house"

[rules.door-closed]
says = "A door is closed at night"
source = "house"
section = "1 Doors"

[rules.door-green]
says = "A door is green"
source = "house"
section = "2 Colours"
level = "should"
"""


@pytest.fixture
def contracts(tmp_path: Path) -> Path:
    """The folder of contracts, with the rules of doors."""
    (tmp_path / "door/good").mkdir(parents=True)
    (tmp_path / "door/bad").mkdir()
    (tmp_path / "door/rules.toml").write_text(RULES, encoding="utf-8")
    return tmp_path


@pytest.fixture
def book(contracts: Path) -> RuleBook:
    """The rules in it."""
    return load_rules(contracts)


@pytest.fixture
def canary(contracts: Path) -> Callable[..., None]:
    """Call it with a rule's id, a known-good document and changes to have a canary of that rule written."""

    def write(rule: str, good: Any, *changes: dict[str, Any]) -> None:
        name = f"{rule}.hl7" if isinstance(good, str) else f"{rule}.json"
        text = good if isinstance(good, str) else json.dumps(good)
        (contracts / "door/good" / name).write_bytes(text.encode())
        recipe = json.dumps({"good": name, "change": changes})
        (contracts / "door/bad" / f"{rule}.json").write_text(recipe, encoding="utf-8")

    return write
