"""The commands that end in a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from epjgate import compose
from epjgate.cli.audience import Terminal
from epjgate.cli.exit_codes import ExitCode, exit_code_of
from epjgate.gate import gate
from epjgate.model.redaction import Redactor
from epjgate.settings import load_settings
from epjgate.suite_runner.waiting import WaitingPytest

if TYPE_CHECKING:
    from epjgate.model.verdict import Verdict
    from epjgate.reports.interface import Publisher
    from epjgate.reports.words import Language


def run_gate(wish: compose.Wish, language: str, pytest: WaitingPytest | None = None) -> int:
    """Gate what `wish` names and return the exit code of the verdict; `pytest` runs the suites, where one waits."""
    settings = load_settings(Path.cwd())
    known = compose.find_language(language)
    job = compose.make_job(settings, wish, Redactor(compose.new_redaction_key()))
    environment = compose.make_environment(settings, wish.environment)
    suites = compose.make_suite_runner(settings, job, pytest)
    with ThreadPoolExecutor(max_workers=1) as aside:
        # What ends a run is slow to import. It is made while the suites run, and not before: it would delay them.
        publishers = cache(lambda: aside.submit(_make_what_ends_a_run, known))
        with Terminal(when_testing=publishers) as terminal:
            compare = compose.make_comparison(settings, job, environment)
            verdict = gate(job, environment, suites, lambda: publishers().result(), terminal, compare)
            stopped_late = terminal.hold()  # too late to be in the evidence, but whoever said stop gets no release
    if stopped_late:
        typer.echo(f"interrupted {job.folder}")
        return ExitCode.INTERRUPTED
    _say(verdict, job.folder)
    return exit_code_of(verdict.blame)


def _make_what_ends_a_run(language: Language) -> tuple[Publisher, ...]:
    import epjgate.judging  # noqa: F401 - the gate asks for it once the suites have ended

    return _every_publisher(language)


def _every_publisher(language: Language) -> tuple[Publisher, ...]:
    from rich.console import Console

    return compose.make_publishers(language, Console(stderr=True))


def judge_again(folder: Path) -> int:
    """Judge the bundle in `folder` and return the exit code of the verdict; writes nothing."""
    from rich.console import Console

    return _told(folder, [compose.make_console_publisher("en", Console(stderr=True))])


def report_again(folder: Path, language: str) -> int:
    """Write every report of the bundle in `folder` anew and return the exit code of the verdict."""
    return _told(folder, _every_publisher(compose.find_language(language)))


def _told(folder: Path, publishers: Sequence[Publisher]) -> int:
    from epjgate.judging import judge_bundle, publish

    judged = judge_bundle(folder)
    publish(judged, publishers)
    _say(judged.verdict, folder)
    return exit_code_of(judged.verdict.blame)


def _say(verdict: Verdict, folder: Path) -> None:
    typer.echo(f"{verdict.decision.value} {folder}")
