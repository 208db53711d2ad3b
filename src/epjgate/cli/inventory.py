"""The commands that tell what there is: systems, images, and the state of this machine."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from epjgate import compose
from epjgate.cli.audience import Terminal
from epjgate.cli.exit_codes import ExitCode
from epjgate.environments.catalogue import load_system, load_systems
from epjgate.settings import load_settings


def list_systems() -> int:
    """Print every system with its releases and the environments in which each can run."""
    settings = load_settings(Path.cwd())
    table = Table("system", "release", "environments", "capabilities")
    for system in load_systems(settings.path(settings.systems)):
        for version, release in system.releases.items():
            kinds = [kind for kind in compose.ENVIRONMENTS if getattr(release, kind) is not None]
            table.add_row(system.name, version, ", ".join(kinds), ", ".join(system.capabilities))
    Console().print(table)
    return ExitCode.APPROVED


def build_missing_images(
    system: str, releases: tuple[str, ...], base: str | None, ca_bundle: Path | None, *, rebuild: bool
) -> int:
    """Build what is missing for `releases` of `system`, or for all, and print what is there then."""
    from epjgate.environments.images import BuildSite, build_images, default_ca_bundle

    settings = load_settings(Path.cwd())
    described = load_system(settings.path(settings.systems), system)
    site = BuildSite(
        systems=settings.path(settings.systems),
        images=settings.path(settings.images),
        logs=settings.cache / "image-logs",
        base=base,
        ca_bundle=ca_bundle or default_ca_bundle(),
    )
    versions = releases or tuple(version for version, release in described.releases.items() if release.container)
    with Terminal(Console(stderr=True)) as terminal:
        built = build_images(site, described, versions, terminal, rebuild=rebuild)
    for image in built:
        typer.echo(f"{image.source.value} {image.reference} {image.image_id}")
    return ExitCode.APPROVED


def examine_machine(*, clean: bool) -> int:
    """Print what every check found and how to mend what is missing; remove what dead runs left if asked to.

    Returns 0 when nothing is missing, and the exit code of an unusable environment otherwise.
    """
    from epjgate.environments import doctor

    settings = load_settings(Path.cwd())
    for removed in doctor.clean(settings.state) if clean else ():
        typer.echo(f"removed: {removed}")
    checks = doctor.examine(settings.cache, settings.state, package="pip")
    table = Table("check", "state", "found", "what to do")
    for check in checks:
        table.add_row(check.name, check.state.value, check.found, check.fix)
    Console().print(table)
    missing = any(check.state is doctor.State.MISSING for check in checks)
    return ExitCode.ENVIRONMENT if missing else ExitCode.APPROVED
