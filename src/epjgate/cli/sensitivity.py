"""Measuring the suites from the command line: progress on stderr, what they notice and what not on stdout."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from epjgate import compose
from epjgate.cli.audience import Terminal
from epjgate.cli.exit_codes import ExitCode
from epjgate.errors import Interruption, UsageError
from epjgate.evidence.bundle import write_whole
from epjgate.evidence.journal import utc_now
from epjgate.model.parsing import parse_toml
from epjgate.model.sensitivity import Fate, Sensitivity, Tally
from epjgate.sensing.keeping import stored_text
from epjgate.sensing.measuring import Budget, measure
from epjgate.sensing.survivors import Survivors, in_words
from epjgate.settings import Settings, load_settings

_BUDGET = re.compile(r"([1-9]\d*)(s?)")


@dataclass(frozen=True)
class Asked:
    """What somebody asked for beside candidate and suites, as it was said."""

    budget: str
    tests: int
    workers: int
    write: bool
    as_json: bool


def measure_suites(wish: compose.Wish, asked: Asked) -> int:
    """Measure the suites that `wish` names and return 0, or 3 where no mutant was reached.

    Nothing is judged here: what a rate is worth says the policy. The result is left in a new folder below the runs,
    and with `write` in the project's own file.
    """
    settings = load_settings(Path.cwd())
    budget = _budget(asked)
    survivors = _survivors(settings)
    folder = settings.path(settings.runs) / f"sensitivity-{utc_now():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    console = Console(stderr=True)
    set_up = compose.make_measurement(settings, wish, folder)
    try:
        with Terminal(console, counted="mutants", amiss="alive") as terminal:
            measured = measure(set_up, budget, survivors.excuse_of, terminal)
    except Interruption:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    for used in ("evidence", "sessions"):
        shutil.rmtree(folder / used, ignore_errors=True)
    result = folder / "sensitivity.json"
    write_whole(result, measured.model_dump_json(indent=2))
    if asked.as_json:
        typer.echo(measured.model_dump_json(indent=2))
    else:
        _tell(measured, survivors)
    reached = measured.total().mutants > 0
    if asked.write and reached:
        write_whole(settings.path(settings.sensitivity), stored_text(measured))
    console.print(
        f"epjgate: {measured.tests} tests watched in {measured.watch_s:.0f} s, {len(measured.trials)} of "
        f"{measured.possible} mutants tried in {measured.strike_s:.0f} s: {result}",
        soft_wrap=True,
        highlight=False,
    )
    return ExitCode.APPROVED if reached else ExitCode.NOTHING_TESTED


def _budget(asked: Asked) -> Budget:
    said = _BUDGET.fullmatch(asked.budget)
    if said is None:
        raise UsageError(
            f"--budget {asked.budget} is not understood", "it is neither a number nor seconds", "give 300 or 240s"
        )
    number = int(said[1])
    mutants, seconds = (0, float(number)) if said[2] else (number, 0.0)
    return Budget(mutants, seconds, asked.tests, asked.workers)


def _survivors(settings: Settings) -> Survivors:
    file = settings.path(settings.survivors)
    if not file.is_file():
        return Survivors(schema_version="epjgate/survivors/1")
    return parse_toml(file.read_text(encoding="utf-8"), str(file), Survivors)


def _tell(measured: Sensitivity, survivors: Survivors) -> None:
    console = Console()
    groups = {"suite": measured.by_suite(), "interface": measured.by_interface(), "operator": measured.by_operator()}
    groups["suite"]["all together"] = measured.total()
    for name, tallies in groups.items():
        console.print(_table(name, tallies))
    for line in (*_odd(measured), *_alive(measured)):
        typer.echo(line)
    for entry in survivors.idle(measured.trials):
        typer.echo(f"no longer needed in survivors.toml: {entry.field}: {entry.reason}")


def _odd(measured: Sensitivity) -> Iterator[str]:
    """Yield what says neither that the suites notice nor that they do not."""
    for test in measured.left_out:
        yield f"left out: {test.test} is {test.outcome.value}: {test.reason}"
    for trial in measured.trials:
        if trial.fate in (Fate.BROKEN, Fate.NOT_REACHED):
            yield f"{trial.fate.value}: {trial.mutant}{': ' if trial.reason else ''}{trial.reason}"


def _alive(measured: Sensitivity) -> Iterator[str]:
    """Yield the survivors: first those that nobody has given a reason for."""
    alive = [trial for trial in measured.trials if trial.fate is Fate.SURVIVED]
    for interface, lines in in_words(trial for trial in alive if trial.excuse is None).items():
        yield from (f"{interface}: {line}" for line in lines)
    for trial in alive:
        if trial.excuse is not None:
            kind = "equivalent" if trial.excuse.equivalent else "with a reason"
            yield f"{kind}: {trial.mutant}: {trial.excuse.reason}"


def _table(title: str, tallies: Mapping[str, Tally]) -> Table:
    table = Table(title, "mutants", "killed", "equivalent", "kill rate", "with equivalent ones")
    for name, tally in tallies.items():
        figures = (str(tally.mutants), str(tally.killed), str(tally.equivalent))
        table.add_row(name, *figures, f"{tally.kill_rate:.1%}", f"{tally.raw_kill_rate:.1%}")
    return table
