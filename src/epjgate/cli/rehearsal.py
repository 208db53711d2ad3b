"""The command that rehearses an upgrade: the plan first, progress on stderr, one verdict on stdout."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from epjgate import compose
from epjgate.cli.audience import Terminal
from epjgate.cli.exit_codes import ExitCode, exit_code_of
from epjgate.cli.runbooks import Asked, write_runbook_of
from epjgate.compose.rehearsal import RehearsalWish, make_rehearsal
from epjgate.environments.interface import EnvironmentDown
from epjgate.errors import Interruption, UsageError
from epjgate.judging import judge_bundle, publish
from epjgate.model.redaction import Redactor
from epjgate.model.rehearsal import PlannedStep, RehearsalPlan, Trial
from epjgate.rehearsing.conducting import rehearse
from epjgate.settings import load_settings


def rehearse_upgrade(wish: RehearsalWish, language: str, *, dry_run: bool) -> int:
    """Rehearse what `wish` names and return the exit code of the verdict.

    With `dry_run` the plan is shown and nothing is started: nothing was tested, and the exit code says so.
    """
    settings = load_settings(Path.cwd())
    known = compose.find_language(language)
    rehearsal = make_rehearsal(settings, wish, Redactor(compose.new_redaction_key()))
    console = Console(stderr=True)
    _show(rehearsal.plan, console)
    if dry_run:
        typer.echo(f"planned {rehearsal.plan.from_release} -> {rehearsal.plan.to_release}; nothing was started")
        return ExitCode.NOTHING_TESTED
    with Terminal(console) as terminal:
        with suppress(EnvironmentDown, Interruption):  # both are in the evidence, and so in the verdict
            rehearse(rehearsal, terminal)
        judged = judge_bundle(rehearsal.job.folder)
        publish(judged, compose.make_publishers(known, console))
        stopped_late = terminal.hold()
    if stopped_late:
        typer.echo(f"interrupted {rehearsal.job.folder}")
        return ExitCode.INTERRUPTED
    if judged.evidence.forecasted is not None and not judged.evidence.flaws:
        try:
            write_runbook_of(rehearsal.job.folder, Asked(language=language, out=None, date=""))
        except UsageError as err:  # of the night that was named; the verdict stands without a runbook
            typer.echo(f"epjgate: no runbook was written: {err}", err=True)
    typer.echo(f"{judged.verdict.decision.value} rehearsal {rehearsal.job.folder}")
    return exit_code_of(judged.verdict.blame)


def _show(plan: RehearsalPlan, console: Console) -> None:
    """Show every step that is going to be done, with its bounds, before anything starts."""
    console.print(
        f"epjgate: {plan.from_release} -> {plan.to_release}, window {plan.window_from}-{plan.window_until} "
        f"({plan.window_min:g} min, margin {plan.margin_min:g} min), {plan.production_patients} patients "
        f"in production, seed {plan.seed}",
        highlight=False,
        soft_wrap=True,
    )
    table = Table("trial", "patients", "steps", title="Plan", title_justify="left")
    for number, trial in enumerate(plan.trials, 1):
        table.add_row(f"t{number}\n{_what(trial)}", str(trial.patients), ", ".join(map(_told, trial.steps)))
    console.print(table)
    step = plan.trials[0].steps[0]
    console.print(
        f"epjgate: a step ends when it shows no progress for {step.stall_s:g} s, or after {step.limit_s:g} s; "
        "from a step marked ! on, only the rollback leads back",
        highlight=False,
        soft_wrap=True,
    )


def _what(trial: Trial) -> str:
    return "crossing" if trial.crosses else "drill" if trial.drills else f"timed, {trial.repeat}"


def _told(step: PlannedStep) -> str:
    at = f" at {step.kill_at:.0%}" if step.kill_at is not None else ""
    return f"{step.id.partition('.')[2]} {step.kind.value}{at}{'!' if step.past_return else ''}"
