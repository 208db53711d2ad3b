"""The commands that list rules and try their checks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from epjgate.cli.main import run
from epjgate.contracts.diff import RULES

if TYPE_CHECKING:
    from tests.cli.conftest import Ended
    from tests.conftest import Project

REPO = Path(__file__).parents[2]
DOCUMENT = """
schema_version = "epjgate/rules/1"
title = "Desk"
title_da = "Skranke"
prefix = "desk"
sources.house.title = "House rules, 3rd edition"
[rules.desk-opens-at-eight]
says = "The desk opens at eight."
source = "house"
section = "1.2"
[rules.desk-says-good-morning]
says = "The desk says good morning."
source = "house"
section = "1.3"
level = "should"
"""


@pytest.fixture
def ruled(project: Project) -> Project:
    """The tiny project with rules of one interface."""
    project.write("contracts/desk/rules.toml", DOCUMENT)
    return project


def test_rules_are_listed_with_their_source(command: Callable[..., Ended], ruled: Project) -> None:
    """Id, interface, level, and where it stands."""
    assert ruled.root.is_dir()
    ended = command("contracts", "list")
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[0].split() == ["rule", "interface", "level", "source", "section"]
    assert lines[1].split() == ["desk-opens-at-eight", "desk", "must", "House", "rules,", "3rd", "edition", "1.2"]
    assert "2 rules" in ended.err


def test_rules_are_narrowed_down_and_told_as_json(command: Callable[..., Ended], ruled: Project) -> None:
    """By interface and by level."""
    assert ruled.root.is_dir()
    (rule,) = json.loads(command("contracts", "list", "--interface=desk", "--level=should", "--json").out)
    assert rule == {
        "rule": "desk-says-good-morning",
        "interface": "desk",
        "level": "should",
        "says": "The desk says good morning.",
        "source": "House rules, 3rd edition",
        "section": "1.3",
        "url": "",
    }


def test_the_rules_that_grade_changes_are_listed(command: Callable[..., Ended]) -> None:
    """Each with its grade; they belong to the program, not to the project."""
    told = json.loads(command("contracts", "list", "--changes", "--json").out)
    assert {rule["rule"]: rule["grade"] for rule in told} == {one.id: one.grade.value for one in RULES.values()}
    table = json.loads(command("contracts", "list", "--changes", "--interface=database", "--json").out)
    assert {rule["interface"] for rule in table} == {"database"}


@pytest.mark.parametrize(
    ("option", "told"),
    [("--interface=lab", "there is no interface 'lab'"), ("--level=shall", "there is no level 'shall'")],
)
def test_what_no_rule_can_have_is_a_mistake(
    command: Callable[..., Ended], ruled: Project, option: str, told: str
) -> None:
    """A misspelt word would otherwise list nothing, and look as if there was nothing."""
    assert ruled.root.is_dir()
    ended = command("contracts", "list", option)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


def test_checks_without_canaries_are_not_believed(command: Callable[..., Ended], ruled: Project) -> None:
    """A project that lacks the documents cannot know whether a check bites; that is the harness's own fault."""
    assert ruled.root.is_dir()
    ended = command("contracts", "check", "--json")
    assert ended.code == 5
    assert {one["state"] for one in json.loads(ended.out)} == {"unfit"}


def test_every_check_of_this_project_can_be_believed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each lets its known-good document pass and objects to its known-bad one."""
    monkeypatch.chdir(REPO)
    code = run(["contracts", "check", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert [one for one in told if one["state"] != "fit"] == []
    assert (code, len(told) > 50) == (0, True)
