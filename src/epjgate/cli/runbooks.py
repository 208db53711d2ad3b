"""Writing the runbook of a rehearsal from its evidence bundle: the files on stdout, the advice on stderr."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import typer

from epjgate import compose
from epjgate.cli.exit_codes import ExitCode
from epjgate.cutover.clock import cutover_of
from epjgate.errors import EvidenceUnreadable, UsageError
from epjgate.judging import judge_bundle
from epjgate.model.cutover import Cutover
from epjgate.reports.runbook import write_runbook


@dataclass(frozen=True)
class Asked:
    """What somebody asked for beside the bundle, as it was said."""

    language: str
    out: Path | None
    date: str


def write_runbook_of(folder: Path, asked: Asked) -> int:
    """Write runbook.md and runbook.html and return 0; what cannot be written has raised.

    Raises UsageError where the bundle is of no rehearsal, or has no forecast; EvidenceUnreadable where it cannot be
    trusted: times on paper are believed.
    """
    language = compose.find_language(asked.language)
    cutover = _cutover(folder, asked.date)
    for file in write_runbook(cutover, language, asked.out or folder):
        typer.echo(file)
    advice = "go" if cutover.go else f"no-go ({', '.join(reason.about.value for reason in cutover.reasons)})"
    typer.echo(f"epjgate: the runbook advises {advice}", err=True)
    return ExitCode.APPROVED


def _cutover(folder: Path, date: str) -> Cutover:
    judged = judge_bundle(folder)
    evidence = judged.evidence
    if evidence.flaws:
        raise EvidenceUnreadable(
            f"no runbook is made of {folder}", f"its evidence is flawed: {evidence.flaws[0]}", "rehearse again"
        )
    manifest = evidence.manifest
    if manifest is None or manifest.rehearsal is None:
        raise UsageError(f"{folder} holds no rehearsal", "the run had no plan of an upgrade", "name one of `rehearse`")
    if evidence.forecasted is None:
        why = evidence.not_forecasted.problem if evidence.not_forecasted else "the rehearsal ended before it"
        raise UsageError(f"the rehearsal in {folder} has no forecast", why, "rehearse again, at other sizes")
    plan = manifest.rehearsal.model_copy(update={"date": date}) if date else manifest.rehearsal
    return cutover_of(
        plan,
        evidence.forecasted.forecast,
        system=manifest.system,
        run_id=manifest.run_id,
        verdict=judged.verdict.decision,
    )
