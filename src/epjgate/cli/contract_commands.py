"""The commands about contracts, as the command line declares them."""

from __future__ import annotations

from typing import Annotated

import typer

contracts = typer.Typer(
    help="Contracts: the rules of each interface, and what a candidate changed.", no_args_is_help=True
)

System = Annotated[str, typer.Option("--system", help="System under test, a folder below fixtures/systems.")]
EnvironmentName = Annotated[str, typer.Option("--environment", help="process, container or remote.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, on stdout.")]


@contracts.command()
def diff(
    system: System,
    baseline: Annotated[str, typer.Option(help="Release that is in production now.")],
    candidate: Annotated[str, typer.Option(help="Release that is to take its place.")],
    environment: EnvironmentName = "process",
    language: Annotated[str, typer.Option(help="Language of the table: en or da.")] = "en",
    *,
    as_json: AsJson = False,
) -> int:
    """Start both releases and tell what the candidate changed for its partners, and what breaks them.

    Exit codes: 0 nothing that breaks is unapproved, 10 something is, 3 an interface could not be compared, 4 a release
    could not be started.
    """
    from epjgate.cli.contracts import show_changes

    return show_changes(system, baseline, candidate, environment, language, as_json=as_json)


@contracts.command()
def surface(
    system: System,
    release: Annotated[str, typer.Option(help="Release to be asked.")],
    environment: EnvironmentName = "process",
) -> int:
    """Start a release and print everything that it shows to those around it, as JSON."""
    from epjgate.cli.contracts import show_surface

    return show_surface(system, release, environment)


@contracts.command()
def replay(
    finding: Annotated[str, typer.Argument(help="FILE#n, as the suite names it.", metavar="FINDING")],
    url: Annotated[str, typer.Option(help="Ask this server instead of the one of the finding.")] = "",
) -> int:
    """Send the request of a finding of the OpenAPI suite again, and tell what is answered now."""
    from epjgate.cli.replaying import replay_finding

    return replay_finding(finding, url)


@contracts.command("list")
def list_all(
    interface: Annotated[str, typer.Option(help="Only the rules of this interface.")] = "",
    level: Annotated[str, typer.Option(help="Only must or should.")] = "",
    *,
    changes: Annotated[bool, typer.Option("--changes", help="The rules that grade changes instead.")] = False,
    as_json: AsJson = False,
) -> int:
    """List the rules that the suites pin, with source, section and level."""
    from epjgate.cli.contract_rules import list_change_rules, list_rules

    return list_change_rules(interface, as_json=as_json) if changes else list_rules(interface, level, as_json=as_json)


@contracts.command()
def check(*, as_json: AsJson = False) -> int:
    """Try every check of documents on a known-good and a known-bad one; exit code 5 where one cannot be believed."""
    from epjgate.cli.contract_rules import check_canaries

    return check_canaries(as_json=as_json)
