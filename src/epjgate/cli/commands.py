"""The commands. What a command needs is imported when it runs: `--help` must answer at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from epjgate.cli.contract_commands import contracts
from epjgate.cli.incident_commands import incident, prove
from epjgate.cli.rehearse_commands import rehearse
from epjgate.cli.runbook_commands import runbook
from epjgate.cli.sensitivity_commands import sensitivity

app = typer.Typer(
    name="epjgate",
    help="Release gate for electronic patient records: tests a release candidate and ends in one verdict.",
    epilog="Exit codes: 0 approved, 10 rejected, 3 4 5 inconclusive (nothing tested, environment, harness), "
    "1 crash, 2 usage, 130 interrupted. Only 0 releases.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
images = typer.Typer(help="Container images of the systems under test.", no_args_is_help=True)
app.add_typer(images, name="images")
app.add_typer(incident, name="incident")
app.add_typer(contracts, name="contracts")

System = Annotated[str, typer.Option("--system", help="System under test, a folder below fixtures/systems.")]
Language = Annotated[str, typer.Option(help="Language of the reports: en or da.")]


@app.command()
def run(
    context: typer.Context,
    system: System,
    candidate: Annotated[str, typer.Option(help="Release to be gated.")],
    baseline: Annotated[str, typer.Option(help="Release that is in production now, to compare with.")] = "",
    environment: Annotated[str, typer.Option(help="process, container or remote.")] = "process",
    suites: Annotated[list[str] | None, typer.Option(help="Only these suites; the policy may demand more.")] = None,
    workers: Annotated[int, typer.Option("-n", "--workers", min=1, help="Tests at a time.")] = 1,
    out: Annotated[Path | None, typer.Option(help="New folder for evidence and reports.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**32 - 1, help="Repeat a run's data.")] = None,
    language: Language = "en",
) -> int:
    """Gate a release candidate: start it, run the suites, judge the evidence, publish the verdict."""
    from epjgate.cli.gating import run_gate
    from epjgate.compose import Wish

    wish = Wish(
        system=system,
        candidate=candidate,
        baseline=baseline,
        environment=environment,
        suites=tuple(suites or ()),
        workers=workers,
        seed=seed,
        folder=out,
    )
    return run_gate(wish, language, context.obj)


@app.command()
def judge(folder: Annotated[Path, typer.Argument(help="Folder of an evidence bundle.")]) -> int:
    """Judge an evidence bundle again, offline; the same evidence gets the same verdict."""
    from epjgate.cli.gating import judge_again

    return judge_again(folder)


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(help="Folder of an evidence bundle.")], language: Language = "en"
) -> int:
    """Rebuild every report from an evidence bundle."""
    from epjgate.cli.gating import report_again

    return report_again(folder, language)


app.command()(prove)
app.command()(rehearse)
app.command()(runbook)
app.command()(sensitivity)


@app.command()
def systems() -> int:
    """List the systems under test, their releases and where each can run."""
    from epjgate.cli.inventory import list_systems

    return list_systems()


@images.command("build")
def build_images(
    system: System,
    release: Annotated[list[str] | None, typer.Option(help="Only these releases.")] = None,
    base: Annotated[str | None, typer.Option(help="Base image; without it one is found or made.")] = None,
    ca_bundle: Annotated[Path | None, typer.Option(help="CA certificates that builds must trust.")] = None,
    *,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build again what is there.")] = False,
) -> int:
    """Make the images that are missing."""
    from epjgate.cli.inventory import build_missing_images

    return build_missing_images(system, tuple(release or ()), base, ca_bundle, rebuild=rebuild)


@app.command()
def doctor(
    *, clean: Annotated[bool, typer.Option("--clean", help="Remove what dead runs left behind.")] = False
) -> int:
    """Say what this machine lacks, and how to mend it."""
    from epjgate.cli.inventory import examine_machine

    return examine_machine(clean=clean)


@app.command()
def version() -> int:
    """Show the version."""
    from epjgate import __version__

    typer.echo(__version__)
    return 0
