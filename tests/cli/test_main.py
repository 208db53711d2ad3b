"""argv in, exit code out: every way to end has its code, and says what was not done."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer

from epjgate import errors
from epjgate.cli.main import run

if TYPE_CHECKING:
    from tests.cli.conftest import Ended
    from tests.conftest import Project

GATE = ("run", "--system=tiny", "--candidate=1.0", "--baseline=0.9")
# What `epjgate --help` may not wait for: each takes a tenth of a second or more.
HEAVY = ("pydantic", "requests", "docker", "testcontainers", "jinja2", "pytest", "psutil", "epjgate.compose")
HELP = f"""
import sys
from epjgate.cli.main import run
assert run(["--help"]) == 0
print(", ".join(name for name in {HEAVY!r} if name in sys.modules), end="", file=sys.stderr)
"""


def ends_with(error: BaseException) -> typer.Typer:
    """Return commands of which the only one raises `error`."""
    commands = typer.Typer()

    @commands.command()
    def fail() -> None:
        raise error

    return commands


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (errors.UsageError("p", "c", "f"), 2, "epjgate: p\n  why: c\n  fix: f\nno verdict was reached\n"),
        (errors.EvidenceUnreadable("p", "c", "f"), 3, "no verdict was reached"),
        (errors.EnvironmentFailed("p", "c", "f"), 4, "no verdict was reached"),
        (errors.SuitesFailed("p", "c", "f"), 5, "no verdict was reached"),
        (errors.EvidenceUnwritable("p", "c", "f"), 5, "no verdict was reached"),
        (errors.Interruption("SIGTERM"), 130, "epjgate: interrupted; no verdict was reached"),
        (KeyboardInterrupt(), 130, "epjgate: interrupted; no verdict was reached"),
        (ZeroDivisionError("nobody foresaw this"), 1, "ZeroDivisionError: nobody foresaw this"),
        (AssertionError(), 1, "epjgate: crashed; no verdict was reached"),
        (EOFError(), 1, "epjgate: crashed; no verdict was reached"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_every_error_has_its_code(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: int, said: str
) -> None:
    """An error that somebody foresaw is told in three lines, another one with its trace; stdout stays empty."""
    assert run([], ends_with(error)) == code
    out, err = capsys.readouterr()
    assert said in err
    assert out == ""


def test_a_command_that_forgets_its_code_releases_nothing() -> None:
    """A command says 0 itself or is no success."""
    commands = typer.Typer()
    commands.command("nothing")(lambda: None)
    commands.command("ten")(lambda: 10)
    assert run(["nothing"], commands) == 1
    assert run(["ten"], commands) == 10


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "--system=huge", "--candidate=1.0", "--baseline=0.9"), "there is no system 'huge'"),
        (("run", "--system=tiny", "--candidate=2.0", "--baseline=0.9"), "Tiny has no release '2.0'"),
        ((*GATE, "--environment=cloud"), "there is no environment 'cloud'"),
        ((*GATE, "--suites=dusk"), "there is no suite dusk"),
        ((*GATE, "--language=tlh"), "there is no language 'tlh'"),
        ((*GATE, "--approve"), "No such option: --approve"),
        ((*GATE, "-n", "0"), "Invalid value for '-n'"),
        ((*GATE, "-n", "many"), "Invalid value for '-n'"),
        (("run", "--system=tiny"), "Missing option '--candidate'"),
        (("release",), "No such command 'release'"),
        (("judge",), "Missing argument"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_in_the_command_line_is_2(
    command: Callable[..., Ended], project: Project, arguments: tuple[str, ...], said: str
) -> None:
    """What does not exist is named, nothing is started, and nothing is written."""
    ended = command(*arguments)
    assert ended.code == 2
    assert said in ended.err
    assert ended.out == ""
    assert not (project.root / ".epjgate").exists()


def test_a_policy_that_cannot_be_read_is_2(command: Callable[..., Ended], project: Project) -> None:
    """A setting that names a folder as the policy is a mistake in the settings, not a crash."""
    project.write("pyproject.toml", '[tool.epjgate]\npolicy = "ci"\n')
    ended = command(*GATE)
    assert ended.code == 2
    assert "Is a directory" in ended.err
    assert "no verdict was reached" in ended.err


def test_outside_a_project_is_2(command: Callable[..., Ended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are no settings nothing is guessed."""
    monkeypatch.chdir(tmp_path)
    ended = command(*GATE)
    assert (ended.code, "this is no epjgate project" in ended.err) == (2, True)


def test_an_output_folder_in_use_is_5(command: Callable[..., Ended], project: Project) -> None:
    """Evidence that cannot be written is a fault of the surroundings, and no verdict."""
    project.write("out/report.html", "of an earlier run")
    ended = command(*GATE, "--out=out")
    assert ended.code == 5
    assert "the folder is not empty" in ended.err
    assert "no verdict was reached" in ended.err


@pytest.mark.parametrize("arguments", [(), ("images",)])
def test_without_a_command_the_help_is_shown(command: Callable[..., Ended], arguments: tuple[str, ...]) -> None:
    """And the code says that nothing was done."""
    ended = command(*arguments)
    assert ended.code == 2
    assert "Usage: epjgate" in ended.out + ended.err


def test_the_program_exits_with_the_code(project: Project) -> None:
    """The console script hands the code on to whoever called it."""
    assert project.epjgate("version").returncode == 0
    assert project.epjgate("judge", ".").returncode == 3
    assert project.epjgate("run").returncode == 2


def test_help_loads_nothing_that_takes_long() -> None:
    """`--help` and mistakes answer at once: what a command needs is imported when it runs."""
    ended = subprocess.run([sys.executable, "-c", HELP], text=True, capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Only 0 releases." in ended.stdout.replace("\n", " ")
