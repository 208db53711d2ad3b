"""The commands that end in a verdict."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console

from epjgate import compose
from epjgate.cli.audience import Terminal
from epjgate.cli.exit_codes import ExitCode, exit_code_of
from epjgate.gate import gate
from epjgate.judging import judge_bundle, publish
from epjgate.model.redaction import Redactor
from epjgate.model.verdict import Verdict
from epjgate.settings import load_settings


def run_gate(wish: compose.Wish, language: str) -> int:
    """Gate what `wish` names and return the exit code of the verdict."""
    settings = load_settings(Path.cwd())
    console = Console(stderr=True)
    publishers = compose.make_publishers(language, console)
    job = compose.make_job(settings, wish, Redactor(compose.new_redaction_key()))
    environment = compose.make_environment(settings, wish.environment)
    with Terminal(console) as terminal:
        verdict = gate(job, environment, compose.make_suite_runner(settings, job), publishers, terminal)
        stopped_late = terminal.hold()  # too late to be in the evidence, but whoever said stop gets no release
    if stopped_late:
        typer.echo(f"interrupted {job.folder}")
        return ExitCode.INTERRUPTED
    _say(verdict, job.folder)
    return exit_code_of(verdict.blame)


def judge_again(folder: Path) -> int:
    """Judge the bundle in `folder` and return the exit code of the verdict; writes nothing."""
    verdict = judge_bundle(folder)
    publish(verdict, folder, [compose.make_console_publisher("en", Console(stderr=True))])
    _say(verdict, folder)
    return exit_code_of(verdict.blame)


def report_again(folder: Path, language: str) -> int:
    """Write every report of the bundle in `folder` anew and return the exit code of the verdict."""
    verdict = judge_bundle(folder)
    publish(verdict, folder, compose.make_publishers(language, Console(stderr=True)))
    _say(verdict, folder)
    return exit_code_of(verdict.blame)


def _say(verdict: Verdict, folder: Path) -> None:
    typer.echo(f"{verdict.decision.value} {folder}")
