"""The commands that tell what there is: systems, images, and the state of this machine."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from epjgate import compose
from epjgate.cli.audience import Terminal
from epjgate.cli.exit_codes import ExitCode
from epjgate.environments.catalogue import load_system, load_systems
from epjgate.model.system import Release
from epjgate.settings import load_settings

_FEW = 9


def list_systems() -> int:
    """Print every system with its releases, a long train of builds in one row, and where each can run."""
    settings = load_settings(Path.cwd())
    table = Table("system", "release", "environments", "capabilities")
    for system in load_systems(settings.path(settings.systems)):
        capabilities = ", ".join(system.capabilities)
        for kinds, alike in groupby(system.releases.items(), lambda named: _kinds(named[1])):
            for words in _in_words([version for version, _release in alike]):
                table.add_row(system.name, words, kinds, capabilities)
                capabilities = ""  # the same for every release
    Console().print(table)
    return ExitCode.APPROVED


def _kinds(release: Release) -> str:
    return ", ".join(kind for kind in compose.ENVIRONMENTS if getattr(release, kind) is not None)


def _in_words(versions: list[str]) -> list[str]:
    """Return a few versions one by one, and more by the first and the last of them."""
    return versions if len(versions) <= _FEW else [f"{versions[0]} to {versions[-1]} ({len(versions)} builds)"]


def build_missing_images(
    system: str, releases: tuple[str, ...], base: str | None, ca_bundle: Path | None, *, rebuild: bool
) -> int:
    """Build what is missing for `releases` of `system`, or for all, and print what is there then."""
    from epjgate.environments.image_recipe import BuildSite
    from epjgate.environments.images import build_images, default_ca_bundle

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
