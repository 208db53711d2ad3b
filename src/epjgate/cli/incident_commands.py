"""The commands about past incidents, as the command line declares them."""

from __future__ import annotations

from typing import Annotated

import typer

incident = typer.Typer(help="Past incidents: their records, tests and proofs.", no_args_is_help=True)

Ids = Annotated[list[str] | None, typer.Argument(help="Incidents, for example INC-0001.", metavar="[INC-...]")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, on stdout.")]


def prove(
    ids: Ids = None,
    environment: Annotated[str, typer.Option(help="process or container.")] = "process",
    times: Annotated[int, typer.Option(min=3, help="Attempts of each test on each build.")] = 3,
    at_once: Annotated[int, typer.Option("-n", "--at-once", min=1, help="Builds at a time.")] = 2,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every incident.")] = False,
    record: Annotated[bool, typer.Option("--record", help="Record a fingerprint that is missing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write neither proofs nor fingerprints.")] = False,
    as_json: AsJson = False,
) -> int:
    """Prove that incidents' tests bite: red on the known-bad build, for the recorded reason, green on the fixed one."""
    from epjgate.cli.proving import prove_incidents

    return prove_incidents(
        ids or (),
        every=every,
        environment=environment,
        times=times,
        at_once=at_once,
        record=record and not dry_run,
        dry_run=dry_run,
        as_json=as_json,
    )


@incident.command()
def new(
    title: Annotated[str, typer.Option(help="What failed, in a few words.", prompt=True)],
    title_da: Annotated[str, typer.Option(help="The same in Danish.", prompt=True)],
    hazard: Annotated[str, typer.Option(help="What patients would suffer.", prompt=True)],
    hazard_da: Annotated[str, typer.Option(help="The same in Danish.", prompt=True)],
    date: Annotated[str, typer.Option(help="YYYY, YYYY-MM or YYYY-MM-DD.", prompt=True)],
    source: Annotated[str, typer.Option(help="What was read of it.", prompt=True)],
    kind: Annotated[str, typer.Option("--class", help="Kind of fault, for example 'stale field'.", prompt="Class")],
    system: Annotated[str, typer.Option(help="System that has the builds.", prompt=True)],
    known_bad: Annotated[str, typer.Option(help="Release that has the fault.", prompt=True)],
    fixed_in: Annotated[str, typer.Option(help="Release that has not.", prompt=True)],
    capabilities: Annotated[
        str, typer.Option("--needs", help="Capabilities of its test, by comma.", prompt="Needs (by comma)")
    ],
    severity: Annotated[str, typer.Option(help="blocker, critical, normal, minor or trivial.")] = "critical",
    number: Annotated[str, typer.Option("--id", help="Instead of the next free number.")] = "",
    *,
    recipe: Annotated[bool, typer.Option("--recipe", help="No build has the fault: begin a recipe for it.")] = False,
) -> int:
    """Begin an incident: writes its record and a test that fails until it is written. Asks for what is left out."""
    from epjgate.cli.incidents import new_incident
    from epjgate.incidents.skeleton import Draft

    draft = Draft(
        title=title,
        title_da=title_da,
        date=date,
        source=source,
        kind=kind,
        severity=severity,
        hazard=hazard,
        hazard_da=hazard_da,
        capabilities=tuple(name.strip() for name in capabilities.split(",")),
        system=system,
        known_bad=known_bad,
        fixed_in=fixed_in,
        recipe=recipe,
    )
    return new_incident(draft, number)


@incident.command()
def check(ids: Ids = None) -> int:
    """Say what is wrong: record, source, patient data, capabilities, words of the test, proof."""
    from epjgate.cli.incidents import check_incidents

    return check_incidents(ids or ())


@incident.command("list")
def list_all(
    kind: Annotated[str, typer.Option("--class", help="Only this kind of fault.")] = "",
    capability: Annotated[str, typer.Option(help="Only tests that need it.")] = "",
    system: Annotated[str, typer.Option(help="Only incidents with builds of it.")] = "",
    state: Annotated[str, typer.Option(help="Only fresh, stale, missing or refused proofs.")] = "",
    *,
    as_json: AsJson = False,
) -> int:
    """List the incidents."""
    from epjgate.cli.incidents import Filter, list_incidents

    return list_incidents(Filter(kind, capability, system, state), as_json=as_json)
