"""The commands that compare releases: what they print, and how they end."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.contract_fixtures import APPROVED, KEY, NOT_OFFERED

if TYPE_CHECKING:
    from tests.cli.conftest import Ended
    from tests.conftest import Project

DIFF = ("contracts", "diff", "--system=tiny", "--baseline=0.9", "--candidate=1.0")


def test_a_breaking_change_is_told_and_ends_with_10(command: Callable[..., Ended], changed: Project) -> None:
    """The table is the result and stands on stdout; what goes on is told on stderr."""
    assert changed.root.is_dir()
    ended = command(*DIFF)
    assert ended.code == 10
    said = " ".join(ended.out.split())
    for words in ("What changed since production: 0.9 → 1.0", "breaking", "column author", "not approved"):
        assert words in said
    assert "starting desk" not in ended.out
    assert "taking the surface of tiny 1.0" in ended.err


def test_an_approved_change_ends_with_0(command: Callable[..., Ended], changed: Project) -> None:
    """Who answers for it is told, in the language that was asked for."""
    changed.write("ci/approved-changes.toml", APPROVED)
    ended = command(*DIFF, "--language=da")
    assert ended.code == 0
    said = " ".join(ended.out.split())
    for words in ("Hvad der er ændret siden drift", "brydende", "godkendt af", "records team"):
        assert words in said


def test_json_holds_everything_and_nothing_else(command: Callable[..., Ended], changed: Project) -> None:
    """A program finds the key that an approval has to name."""
    assert changed.root.is_dir()
    ended = command(*DIFF, "--json")
    told = json.loads(ended.out)
    assert ended.code == 10
    assert [(one["key"], one["approval"]) for one in told["changes"]] == [(KEY, "missing")]
    assert (told["baseline"]["version"], told["candidate"]["version"]) == ("0.9", "1.0")
    assert {"fhir_r4", "openapi", "hl7v2", "messages"} == set(told["candidate"]["absent"])
    assert [one["blame"] for one in told["findings"] if one["blame"] != "nobody"] == ["candidate"]


def test_an_interface_that_could_not_be_compared_ends_with_3(command: Callable[..., Ended], changed: Project) -> None:
    """Whatever else was found: the comparison is not whole."""
    policy = changed.root / "ci/policy.toml"
    policy.write_text(policy.read_text(encoding="utf-8").replace(NOT_OFFERED, ""), encoding="utf-8")
    ended = command(*DIFF)
    assert ended.code == 3
    assert "Not compared with the baseline: hl7v2" in ended.out


def test_a_release_that_cannot_be_started_ends_with_4(command: Callable[..., Ended], changed: Project) -> None:
    """Nothing is printed that could be taken for a comparison."""
    system = changed.root / "fixtures/systems/tiny/system.toml"
    system.write_text(system.read_text(encoding="utf-8").replace('"serves"', '"exits"'), encoding="utf-8")
    ended = command(*DIFF)
    assert (ended.code, ended.out) == (4, "")
    assert "no verdict was reached" in ended.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((*DIFF[:-1], "--candidate=0.9"), "there is nothing to compare"),
        ((*DIFF[:-1], "--candidate=7"), "Tiny has no release '7'"),
        ((*DIFF, "--environment=cloud"), "there is no environment 'cloud'"),
        ((*DIFF, "--language=fr"), "there is no language 'fr'"),
        (("contracts", "surface", "--system=huge", "--release=1.0"), "there is no system 'huge'"),
    ],
)
def test_a_mistake_starts_nothing(
    command: Callable[..., Ended], changed: Project, arguments: tuple[str, ...], told: str
) -> None:
    """It ends with 2, and says what there is."""
    assert changed.root.is_dir()
    ended = command(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert "starting" not in ended.err


def test_approvals_with_a_mistake_start_nothing(command: Callable[..., Ended], changed: Project) -> None:
    """An entry that cannot be read could approve anything."""
    changed.write("ci/approved-changes.toml", APPROVED.replace("owner", "owners"))
    ended = command(*DIFF)
    assert ended.code == 2
    assert "unknown key" in ended.err
    assert "starting" not in ended.err


def test_a_surface_is_printed_as_json(command: Callable[..., Ended], changed: Project) -> None:
    """With what was absent, and why."""
    assert changed.root.is_dir()
    ended = command("contracts", "surface", "--system=tiny", "--release=0.9")
    surface = json.loads(ended.out)["surface"]
    assert (ended.code, surface["version"]) == (0, "0.9")
    assert set(surface["database"]["tables"]["notes"]["columns"]) == {"id", "author"}
    assert surface["absent"]["openapi"] == "the system has no interface openapi"
