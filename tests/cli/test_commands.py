"""The commands, as their help tells of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from epjgate import __version__

if TYPE_CHECKING:
    from tests.cli.conftest import Ended


def words(text: str) -> str:
    """Return the words of a help text, without the frames and line breaks around them."""
    return " ".join(text.replace("│", " ").split())


def test_the_help_names_every_command_and_every_exit_code(command: Callable[..., Ended]) -> None:
    """Who reads only the help knows what there is, and that only 0 releases."""
    ended = command("--help")
    assert (ended.code, ended.err) == (0, "")
    said = words(ended.out)
    for name in ("run", "judge", "report", "systems", "images", "doctor", "contracts", "version"):
        assert f" {name} " in said
    assert "Exit codes: 0 approved, 10 rejected, 3 4 5 inconclusive (nothing tested, environment, harness)" in said
    assert "1 crash, 2 usage, 130 interrupted. Only 0 releases." in said


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (("run",), "--system --candidate --baseline --environment --suites --workers --out --seed --language"),
        (("judge",), "FOLDER"),
        (("report",), "FOLDER --language"),
        (("systems",), "--help"),
        (("images", "build"), "--system --release --base --ca-bundle --rebuild"),
        (("doctor",), "--clean"),
        (("contracts", "diff"), "--system --baseline --candidate --environment --language --json"),
        (("contracts", "surface"), "--system --release --environment"),
        (("contracts", "list"), "--interface --level --changes --json"),
        (("contracts", "check"), "--json"),
        (("contracts", "replay"), "FINDING --url"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_each_command_explains_its_options(
    command: Callable[..., Ended], arguments: tuple[str, ...], options: str
) -> None:
    """Each option is in the help of its command; there is none that turns a code into 0."""
    ended = command(*arguments, "--help")
    assert ended.code == 0
    for option in options.split():
        assert option in ended.out.replace("folder", "FOLDER")
    for forbidden in ("--force", "--ignore", "--exit-zero", "--no-fail"):
        assert forbidden not in ended.out


def test_the_version_is_one_line(command: Callable[..., Ended]) -> None:
    """A script can read it."""
    ended = command("version")
    assert (ended.code, ended.out, ended.err) == (0, f"{__version__}\n", "")
