"""The commands about the catalogue of incidents: begin one, check it, list them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from epjgate.cli.exit_codes import ExitCode
from epjgate.environments.catalogue import find_release, load_system
from epjgate.errors import UsageError
from epjgate.incidents.checking import problems_of
from epjgate.incidents.digests import words_digest
from epjgate.incidents.proofs import standing_of
from epjgate.incidents.record import Record, incident_folders, read_record, read_records
from epjgate.incidents.skeleton import Draft, make_incident
from epjgate.model.incident import IncidentClass
from epjgate.model.proof import ProofStanding, ProofState
from epjgate.settings import Settings, load_settings


@dataclass(frozen=True)
class Filter:
    """What a list is narrowed down to; what is empty narrows nothing."""

    kind: str = ""
    capability: str = ""
    system: str = ""
    state: str = ""

    def admits(self, record: Record, standing: ProofStanding) -> bool:
        """Whether `record` is to be listed."""
        incident = record.incident
        return (
            self.kind in ("", incident.kind.value)
            and self.capability in ("", *incident.capabilities)
            and self.system in ("", incident.system)
            and self.state in ("", standing.state.value)
        )


def new_incident(draft: Draft, number: str) -> int:
    """Make the folder of a new incident and print where it is and what comes next."""
    settings = load_settings(Path.cwd())
    raise_if_unknown(settings, draft)
    folder = make_incident(settings.path(settings.suites), draft, number)
    typer.echo(folder)
    number = folder.name.partition("_")[0]
    console = Console(stderr=True)
    console.print(f"epjgate: tell the story and write the test, then: epjgate prove {number} --record", highlight=False)
    return ExitCode.APPROVED


def raise_if_unknown(settings: Settings, draft: Draft) -> None:
    """Return where system, releases and capabilities of `draft` exist; raises UsageError for one that does not."""
    system = load_system(settings.path(settings.systems), draft.system)
    for version in (draft.known_bad, draft.fixed_in):
        find_release(system, version)
    known = known_capabilities()
    for name in draft.capabilities:
        if name not in known:
            raise UsageError(
                f"there is no capability {name!r}", "the DSL has no words for it", f"name some of: {', '.join(known)}"
            )


def check_incidents(names: Sequence[str]) -> int:
    """Print what is wrong with the incidents called `names`, or with all; 0 where nothing is, 10 otherwise."""
    settings = load_settings(Path.cwd())
    suites = settings.path(settings.suites)
    words = words_digest(suites, settings.path(settings.fixtures))
    folders = [folder for folder in incident_folders(suites) if not names or folder.name.partition("_")[0] in names]
    missing = sorted(set(names) - {folder.name.partition("_")[0] for folder in folders})
    if missing or not folders:
        raise UsageError(
            f"there is no incident {', '.join(missing)}".rstrip(), f"{suites / 'incidents'} holds none such", "see list"
        )
    wrong = 0
    for folder in folders:
        problems = (
            *problems_of(folder, capabilities=known_capabilities(), words=words),
            *_releases_missing(settings, folder),
        )
        wrong += bool(problems)
        typer.echo(f"{folder.name}: {'wrong' if problems else 'complete and proven'}")
        for problem in problems:
            typer.echo(f"  {problem}")
    return ExitCode.REJECTED if wrong else ExitCode.APPROVED


def list_incidents(wanted: Filter, *, as_json: bool) -> int:
    """Print the incidents that `wanted` admits, by number."""
    _raise_if_none_could_match(wanted)
    settings = load_settings(Path.cwd())
    suites = settings.path(settings.suites)
    words = words_digest(suites, settings.path(settings.fixtures))
    every = ((record, standing_of(record, words)) for record in read_records(suites))
    rows = [(record, standing) for record, standing in every if wanted.admits(record, standing)]
    if as_json:
        typer.echo(json.dumps([_plain(*row) for row in rows], indent=2, ensure_ascii=False))
        return ExitCode.APPROVED
    table = Table("incident", "title", "class", "red on", "green on", "proof", box=None, pad_edge=False)
    for column in (0, 2, 3, 4, 5):
        table.columns[column].no_wrap = True
    for record, standing in rows:
        told = record.incident
        row = (told.id, told.title, told.kind.value, told.known_bad, told.fixed_in, standing.state.value)
        table.add_row(*row)
    Console().print(table)
    return ExitCode.APPROVED


def known_capabilities() -> tuple[str, ...]:
    """Return the capabilities that the DSL has words for, by name."""
    from epjgate.drivers.dsl.serving import CAPABILITIES

    return tuple(sorted(CAPABILITIES))


def _releases_missing(settings: Settings, folder: Path) -> tuple[str, ...]:
    try:
        incident = read_record(folder).incident
        system = load_system(settings.path(settings.systems), incident.system)
        for version in (incident.known_bad, incident.fixed_in):
            find_release(system, version)
    except UsageError as err:
        return (err.problem,)
    return ()


def _raise_if_none_could_match(wanted: Filter) -> None:
    for what, said, known in (
        ("class", wanted.kind, [kind.value for kind in IncidentClass]),
        ("state", wanted.state, [state.value for state in ProofState]),
        ("capability", wanted.capability, list(known_capabilities())),
    ):
        if said and said not in known:
            raise UsageError(
                f"there is no {what} {said!r}", f"known: {', '.join(known)}", "name one of them, or leave it out"
            )


def _plain(record: Record, standing: ProofStanding) -> dict[str, Any]:
    front = record.incident.model_dump(mode="json", by_alias=True)
    return {**front, "folder": record.folder.name, "proof": standing.model_dump(mode="json")}
