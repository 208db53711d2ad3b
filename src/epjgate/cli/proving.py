"""The command that proves incidents: progress on stderr, what became of each on stdout."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from epjgate import compose
from epjgate.cli.audience import Terminal
from epjgate.cli.exit_codes import ExitCode
from epjgate.errors import UsageError
from epjgate.evidence.journal import utc_now
from epjgate.incidents.conclusion import Result, State
from epjgate.incidents.digests import words_digest
from epjgate.incidents.keeping import circumstances_of, keep_result, record_fingerprint, unless_changed
from epjgate.incidents.record import Record, read_records
from epjgate.model.proof import ProofEnvironment
from epjgate.proving import prove
from epjgate.settings import Settings, load_settings

_COLOUR = {State.PROVEN: "green", State.REFUSED: "red", State.ENVIRONMENT: "yellow", State.HARNESS: "yellow"}
_ENVIRONMENTS: dict[str, ProofEnvironment] = {"process": "process", "container": "container"}


def prove_incidents(
    names: Sequence[str],
    *,
    every: bool,
    environment: str,
    times: int,
    at_once: int,
    record: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Prove the incidents called `names`, or all, and return how that ended.

    0: all are proven; 10: a test or a build of at least one does not do; 4 and 5: the environment or the harness kept
    at least one from being proven, and nothing was refused. What was shown by then is kept, whatever ends the rest;
    with `dry_run` nothing is, which is how a pipeline asks whether the proofs in the checkout are true.
    """
    settings = load_settings(Path.cwd())
    chosen = choose_records(settings, names, every=every)
    circumstances = circumstances_of(chosen, _environment(environment), times, _words(settings))
    folder = settings.path(settings.runs) / f"prove-{utc_now():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    bench = compose.IncidentBench(settings, environment, times, folder)
    console, began = Console(stderr=True), time.monotonic()

    def keep(result: Result) -> Result:
        result = unless_changed(result, circumstances, _words(settings))
        if result.unrecorded and record:
            console.print(
                Text(f"epjgate: {result.record.incident.id}: recording {', '.join(result.fingerprints)} for:"),
                Text(f"  {result.message}"),
                sep="\n",
            )
            result = record_fingerprint(result)
        if not dry_run:
            keep_result(result, circumstances, utc_now())
        return result

    with Terminal(console) as terminal:
        results = prove(chosen, bench, terminal, keep, at_once=at_once)
    _tell(results, as_json=as_json)
    proven = sum(result.state is State.PROVEN for result in results)
    console.print(f"epjgate: {proven} of {len(results)} proven in {time.monotonic() - began:.1f} s", highlight=False)
    if folder.exists():
        console.print(f"epjgate: evidence of what was not as it should be: {folder}", soft_wrap=True, highlight=False)
    return _code_of(results)


def choose_records(settings: Settings, names: Sequence[str], *, every: bool) -> tuple[Record, ...]:
    """Return the records called `names`, or all of them; raises UsageError for an unknown name and for none at all."""
    suites = settings.path(settings.suites)
    records = {record.incident.id: record for record in read_records(suites)}
    if not records:
        raise UsageError(
            "there is no incident", f"{suites / 'incidents'} holds none", "make one by `epjgate incident new`"
        )
    unknown = sorted(set(names) - records.keys())
    if unknown:
        raise UsageError(
            f"there is no incident {', '.join(unknown)}",
            f"known: {', '.join(records)}",
            "name incidents as `epjgate incident list` does",
        )
    if bool(names) is every:
        raise UsageError(
            "which incidents are meant is not clear", "names or --all, one of them", "for example: INC-0001 INC-0002"
        )
    return tuple(records[name] for name in dict.fromkeys(names)) if names else tuple(records.values())


def _words(settings: Settings) -> str:
    return words_digest(settings.path(settings.suites), settings.path(settings.fixtures))


def _environment(name: str) -> ProofEnvironment:
    if name not in _ENVIRONMENTS:
        raise UsageError(
            f"incidents cannot be proven in the environment {name!r}",
            "a proof needs builds that the gate starts itself, and whose bits it sees",
            f"name one of: {', '.join(_ENVIRONMENTS)}",
        )
    return _ENVIRONMENTS[name]


def _tell(results: Sequence[Result], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([_plain(result) for result in results], indent=2, ensure_ascii=False))
        return
    table = Table("incident", "red on", "green on", "fingerprint", "state")
    for result in results:
        incident = result.record.incident
        table.add_row(
            f"{incident.id} {incident.title}",
            incident.known_bad,
            incident.fixed_in,
            "\n".join(result.fingerprints),
            Text(result.state.value, style=_COLOUR[result.state]),
        )
    Console().print(table)
    for result in results:
        for reason in _reasons(result):
            typer.echo(f"{result.record.incident.id} {result.state.value}: {reason}")


def _reasons(result: Result) -> tuple[str, ...]:
    hint = ("if that is the fault of this incident, run again with --record",) if result.unrecorded else ()
    return (*result.reasons, *hint)


def _plain(result: Result) -> dict[str, Any]:
    return {
        "incident": result.record.incident.id,
        "state": result.state.value,
        "reasons": list(_reasons(result)),
        "fingerprints": list(result.fingerprints),
        "message": result.message,
        "known_bad": result.known_bad.model_dump(mode="json"),
        "fixed_in": result.fixed_in.model_dump(mode="json"),
    }


def _code_of(results: Sequence[Result]) -> ExitCode:
    states = {result.state for result in results}
    if State.REFUSED in states:
        return ExitCode.REJECTED
    if State.ENVIRONMENT in states:
        return ExitCode.ENVIRONMENT
    if State.HARNESS in states:
        return ExitCode.HARNESS
    return ExitCode.APPROVED if results else ExitCode.NOTHING_TESTED
