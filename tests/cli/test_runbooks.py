"""`epjgate runbook` on bundles as rehearsals leave them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from tests.builders import manifest, rehearsal_of, run_of, write_bundle
from tests.cutover.nights import forecast, plan

from epjgate.cli.exit_codes import ExitCode
from epjgate.cli.main import run
from epjgate.cli.runbook_commands import runbook
from epjgate.model.rehearsal_events import WindowForecasted, WindowNotForecasted

PLAN = plan(from_release="0.9", to_release="1.0")
UNKNOWN = WindowNotForecasted(problem="migrate was timed twice only", why="that shows no curve", fix="rehearse more")


@dataclass(frozen=True)
class Ended:
    """How the command ended, and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Call it with the arguments of `epjgate runbook`."""
    app = typer.Typer()
    app.callback()(lambda: None)
    app.command()(runbook)

    def call(*arguments: object) -> Ended:
        code = run(["runbook", *(str(argument) for argument in arguments)], commands=app)
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return call


def bundle(folder: Path, told: WindowForecasted | WindowNotForecasted | None) -> Path:
    """Write the bundle of a rehearsal that ends with `told`, or without a word on the window."""
    kept = [(writer, event) for writer, event in rehearsal_of(PLAN) if not isinstance(event, WindowForecasted)]
    ending = [("gate", told)] if told else []
    return write_bundle(folder, [*kept[:-2], *ending, *kept[-2:]], rehearsal=PLAN)


@pytest.fixture
def rehearsed(tmp_path: Path) -> Path:
    """The bundle of a rehearsal with its forecast."""
    return bundle(tmp_path / "bundle", WindowForecasted(forecast=forecast()))


def test_a_runbook_is_written_beside_the_evidence(rehearsed: Path, command: Callable[..., Ended]) -> None:
    """Both files, named on stdout, with the system, the run and the times of its forecast."""
    ended = command(rehearsed)
    assert (ended.code, ended.out.splitlines()) == (
        ExitCode.APPROVED,
        [str(rehearsed / "runbook.md"), str(rehearsed / "runbook.html")],
    ), ended.err
    text = (rehearsed / "runbook.md").read_text(encoding="utf-8")
    assert "tiny 0.9 → 1.0" in text
    assert "03:07 CEST, minute 127" in text
    assert manifest().run_id in text
    assert "Tuesday 11 May 2027" in text


def test_what_the_gate_does_not_approve_is_no_go_on_paper(rehearsed: Path, command: Callable[..., Ended]) -> None:
    """The bundle lacks what its policy asks of a rehearsal; its forecast alone would be go."""
    ended = command(rehearsed)
    assert "the runbook advises no-go (not_approved)" in ended.err
    assert (rehearsed / "runbook.md").read_text(encoding="utf-8").startswith("# NO-GO: ")


def test_writing_it_takes_nothing_from_the_evidence(rehearsed: Path, command: Callable[..., Ended]) -> None:
    """A second one can be made of the same bundle."""
    assert [command(rehearsed).code, command(rehearsed, "--language", "da").code] == [0, 0]
    assert "Drejebog" in (rehearsed / "runbook.html").read_text(encoding="utf-8")


def test_it_can_be_written_elsewhere_and_for_another_night(
    rehearsed: Path, tmp_path: Path, command: Callable[..., Ended]
) -> None:
    """The date is checked anew: this one lacks an hour."""
    ended = command(rehearsed, "--out", tmp_path / "paper", "--date", "2027-03-28")
    assert ended.code == 0
    assert "window_shorter" in ended.err
    assert "28 March 2027" in (tmp_path / "paper/runbook.md").read_text(encoding="utf-8")
    assert not (rehearsed / "runbook.md").exists()


@pytest.mark.parametrize("language", ["de", ""])
def test_a_language_without_words_is_refused(rehearsed: Path, command: Callable[..., Ended], language: str) -> None:
    """Before anything is written."""
    assert command(rehearsed, "--language", language).code == ExitCode.USAGE
    assert not (rehearsed / "runbook.md").exists()


def test_a_date_that_is_none_is_refused(rehearsed: Path, command: Callable[..., Ended]) -> None:
    """Before anything is written."""
    assert command(rehearsed, "--date", "2027-02-29").code == ExitCode.USAGE
    assert not (rehearsed / "runbook.md").exists()


def test_a_run_that_rehearsed_nothing_has_no_runbook(tmp_path: Path, command: Callable[..., Ended]) -> None:
    """It gated a candidate as it stands."""
    ended = command(write_bundle(tmp_path / "bundle", run_of()))
    assert (ended.code, "holds no rehearsal" in ended.err) == (ExitCode.USAGE, True)


@pytest.mark.parametrize(("told", "why"), [(UNKNOWN, "timed twice only"), (None, "ended before it")])
def test_a_rehearsal_without_a_forecast_has_no_runbook(
    tmp_path: Path, command: Callable[..., Ended], told: WindowNotForecasted | None, why: str
) -> None:
    """Whether it was refused or never came to it; nothing is written."""
    folder = bundle(tmp_path / "bundle", told)
    ended = command(folder)
    assert (ended.code, why in ended.err) == (ExitCode.USAGE, True), ended.err
    assert not (folder / "runbook.md").exists()


def test_of_altered_evidence_no_runbook_is_made(rehearsed: Path, command: Callable[..., Ended]) -> None:
    """Times on paper are believed."""
    with (rehearsed / "manifest.json").open("a", encoding="utf-8") as file:
        file.write(" ")
    ended = command(rehearsed)
    assert (ended.code, "flawed" in ended.err) == (ExitCode.NOTHING_TESTED, True), ended.err
    assert not (rehearsed / "runbook.md").exists()


def test_a_folder_without_evidence_has_no_runbook(tmp_path: Path, command: Callable[..., Ended]) -> None:
    """Nor is one written that cannot be."""
    assert command(tmp_path).code == ExitCode.NOTHING_TESTED


def test_a_runbook_that_cannot_be_written_is_no_success(
    rehearsed: Path, tmp_path: Path, command: Callable[..., Ended]
) -> None:
    """Exit code 0 is for what lies on disk."""
    (tmp_path / "file").write_text("")
    assert command(rehearsed, "--out", tmp_path / "file").code == ExitCode.HARNESS
