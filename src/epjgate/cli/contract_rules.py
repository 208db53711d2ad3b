"""The commands that tell which rules there are, and whether their checks can be believed."""

from __future__ import annotations

import json
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from epjgate.cli.exit_codes import ExitCode
from epjgate.contracts.canaries import try_checks
from epjgate.contracts.diff import RULES
from epjgate.contracts.rules import load_rules
from epjgate.errors import UsageError
from epjgate.settings import load_settings

LEVELS = ("must", "should")


def list_rules(interface: str, level: str, *, as_json: bool) -> int:
    """Print the rules of `interface`, or of all, at `level`, or at both."""
    settings = load_settings(Path.cwd())
    book = load_rules(settings.path(settings.contracts))
    _raise_if_unknown("interface", interface, tuple(book.documents))
    _raise_if_unknown("level", level, LEVELS)
    rows = [
        {
            "rule": one.id,
            "interface": one.interface,
            "level": one.rule.level,
            "says": one.rule.says,
            "source": one.source.title,
            "section": one.rule.section,
            "url": one.source.url,
        }
        for one in book.rules.values()
        if interface in ("", one.interface) and level in ("", one.rule.level)
    ]
    return _tell(rows, ("rule", "interface", "level", "source", "section"), as_json=as_json)


def list_change_rules(interface: str, *, as_json: bool) -> int:
    """Print the rules that grade changes at `interface`, or at all."""
    known = tuple(dict.fromkeys(rule.interface for rule in RULES.values()))
    _raise_if_unknown("interface", interface, known)
    rows = [
        {
            "rule": rule.id,
            "interface": rule.interface,
            "grade": rule.grade.value,
            "title": rule.title,
            "says": rule.says,
        }
        for rule in RULES.values()
        if interface in ("", rule.interface)
    ]
    return _tell(rows, ("rule", "interface", "grade", "title"), as_json=as_json)


def check_canaries(*, as_json: bool) -> int:
    """Try every check on its canaries and print what became of each.

    0: all can be believed; 5: one cannot, which is the harness's own fault; 3: there is no check at all.
    """
    settings = load_settings(Path.cwd())
    folder = settings.path(settings.contracts)
    canaries = try_checks(folder, load_rules(folder))
    rows = [
        {"rule": rule, "state": "unfit" if rule in canaries.unfit else "fit", "why": canaries.unfit.get(rule, "")}
        for rule in canaries.tried
    ]
    _tell(rows, ("rule", "state", "why"), as_json=as_json)
    if canaries.unfit:
        return ExitCode.HARNESS
    return ExitCode.APPROVED if canaries.tried else ExitCode.NOTHING_TESTED


def _tell(rows: list[dict[str, str]], columns: tuple[str, ...], *, as_json: bool) -> int:
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return ExitCode.APPROVED
    table = Table(*columns, box=None, pad_edge=False)
    table.columns[0].no_wrap = True
    for row in rows:
        table.add_row(*(Text(row[column]) for column in columns))
    Console().print(table)
    Console(stderr=True).print(f"epjgate: {len(rows)} rules", highlight=False)
    return ExitCode.APPROVED


def _raise_if_unknown(what: str, said: str, known: tuple[str, ...]) -> None:
    if said and said not in known:
        raise UsageError(
            f"there is no {what} {said!r}", f"known: {', '.join(known) or 'none'}", "name one of them, or leave it out"
        )
