"""The commands that start releases to see what they show, and what changed between two of them."""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from epjgate import compose
from epjgate.cli.audience import Terminal
from epjgate.cli.exit_codes import ExitCode, exit_code_of
from epjgate.environments.catalogue import find_release, load_system
from epjgate.environments.interface import Environment, Order
from epjgate.errors import UsageError
from epjgate.evidence.journal import utc_now
from epjgate.model.approved_change import JudgedChange
from epjgate.model.contract_change import ContractChange
from epjgate.model.events import ContractsCompared
from epjgate.model.redaction import Redactor
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.approvals import approvals_about, judged
from epjgate.policy.rules.contract_changes import findings_of
from epjgate.reports.legible import one_line
from epjgate.reports.words import Words
from epjgate.settings import Settings, load_settings
from epjgate.surfaces.comparison import compared
from epjgate.surfaces.survey import Survey
from epjgate.surfaces.taking import Taken

_COLOUR = {"breaking": "red", "risky": "yellow", "safe": "green"}


@dataclass(frozen=True)
class _Field:
    """One system in one environment, and where the logs of what is started go."""

    settings: Settings
    environment: Environment
    system: str
    logs: Path

    def order(self, version: str) -> Order:
        """Return the order of a release, with receivers of its own."""
        system = load_system(self.settings.path(self.settings.systems), self.system)
        redactor = Redactor(compose.new_redaction_key())
        return Order(
            run_id=f"surface-{self.system}-{version}-{secrets.token_hex(3)}",
            system=system,
            version=version,
            release=find_release(system, version),
            logs=self.logs / version,
            redactor=redactor,
            partners=compose.make_partners(system, self.environment.name, redactor),
        )


def show_surface(system: str, release: str, environment: str) -> int:
    """Print the surface of one release as JSON; why a part is absent stands in it."""
    with _field(system, environment) as field:
        (taken,) = _taken((field.order(release), compose.make_survey(field.settings, field.environment)))
    typer.echo(taken.model_dump_json(indent=2))
    return ExitCode.APPROVED


def show_changes(system: str, baseline: str, candidate: str, environment: str, language: str, *, as_json: bool) -> int:
    """Print every change from `baseline` to `candidate`, worst first, with who answers for it.

    0: nothing that breaks is unapproved; 10: something is; 3: an interface that the policy expects could not be
    compared. What is not offered, and approvals, are read from the project.
    """
    words = Words(compose.find_language(language))
    if baseline == candidate:
        raise UsageError("there is nothing to compare", f"both releases are {baseline}", "name two releases")
    with _field(system, environment) as field:
        policy, approved = compose.read_policy(field.settings), compose.read_approved(field.settings)
        before, after = _taken(
            (field.order(baseline), compose.make_survey(field.settings, field.environment)),
            (field.order(candidate), compose.make_survey(field.settings, field.environment, remembers=False)),
        )
    found = compared(before, after)
    about = approvals_about(approved, system, baseline, candidate)
    changes = tuple(judged(change, about, utc_now()) for change in found.changes)
    findings = findings_of(found, changes, policy.contract_changes, system)
    if as_json:
        typer.echo(_json(found, changes, findings))
    else:
        _print(found, changes, findings, words)
    return exit_code_of(min((one.blame for one in findings), key=lambda blame: blame.rank, default=Blame.NOBODY))


@contextmanager
def _field(system: str, environment: str) -> Iterator[_Field]:
    if environment not in compose.ENVIRONMENTS:
        raise UsageError(
            f"there is no environment {environment!r}", f"known: {', '.join(compose.ENVIRONMENTS)}", "name one of them"
        )
    settings = load_settings(Path.cwd())
    with tempfile.TemporaryDirectory(prefix="epjgate-surface-") as logs:
        yield _Field(settings, compose.make_environment(settings, environment), system, Path(logs))


def _taken(*asked: tuple[Order, Survey]) -> tuple[Taken, ...]:
    """Return the surface of every release asked, one after the other; all have stopped when this returns."""
    with Terminal(Console(stderr=True)) as terminal, ExitStack() as until_stopped:
        taken = tuple(survey.surface(order, terminal, until_stopped) for order, survey in asked)
        terminal.hold()
        return taken


def _json(found: ContractsCompared, changes: tuple[JudgedChange, ...], findings: tuple[Finding, ...]) -> str:
    plain = {
        "baseline": found.baseline.model_dump(mode="json", exclude={"file"}),
        "candidate": found.candidate.model_dump(mode="json", exclude={"file"}),
        "changes": [{"key": one.change.key, **one.model_dump(mode="json")} for one in changes],
        "findings": [one.model_dump(mode="json", exclude={"rule", "tests"}) for one in findings],
    }
    return json.dumps(plain, indent=2, ensure_ascii=False)


def _print(
    found: ContractsCompared, changes: tuple[JudgedChange, ...], findings: tuple[Finding, ...], words: Words
) -> None:
    console = Console()
    title = f"{words['changes']}: {found.baseline.version} → {found.candidate.version}"
    console.print(Text(title, style="bold"))
    if changes:
        console.print(_table(changes, words))
    else:
        console.print(words["changes.none"])
    for one in findings:
        if one.blame is Blame.NOTHING_TESTED or (one.blame is Blame.NOBODY and one.detail):
            console.print(Text(f"[{words.blame(one.blame)}] {one_line(one.summary)}\n  {one_line(one.detail, 500)}"))


def _table(changes: tuple[JudgedChange, ...], words: Words) -> Table:
    heads = (words[key] for key in ("grade", "interface", "place", "change", "approval"))
    table = Table(*heads, pad_edge=False)
    for one in changes:
        change = one.change
        table.add_row(
            Text(words[f"grade.{change.grade.value}"], style=_COLOUR[change.grade.value]),
            words[f"interface.{change.interface}"],
            Text(one_line(change.place), overflow="fold"),
            Text(_in_words(change, words), overflow="fold"),
            Text(words.approval(one)),
        )
    return table


def _in_words(change: ContractChange, words: Words) -> str:
    lines = [f"{words[f'change.{change.kind.value}']}: {one_line(change.says)}"]
    if change.before or change.after:
        lines.append(f"{one_line(change.before) or '-'} → {one_line(change.after) or '-'}")
    return "\n".join((*lines, change.rule))
