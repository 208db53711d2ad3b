"""The command that rehearses an upgrade, as the command line declares it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def rehearse(
    system: Annotated[str, typer.Option("--system", help="System under test, a folder below fixtures/systems.")],
    from_release: Annotated[str, typer.Option("--from", help="Release in production, which is upgraded.")],
    to_release: Annotated[str, typer.Option("--to", help="Release candidate.")],
    window: Annotated[str, typer.Option(help="Change window, local times: 01:00-04:00.")],
    production_size: Annotated[int, typer.Option(min=1, help="Patients in production.")],
    date: Annotated[str, typer.Option(help="Day on which the window begins: 2026-10-25.")] = "",
    sizes: Annotated[str, typer.Option(help="Patients to rehearse with: 1000,3000,10000.")] = "",
    repeats: Annotated[int, typer.Option(min=1, help="Rehearsals of each size.")] = 2,
    drills: Annotated[int, typer.Option(min=0, help="How often a migration is killed in its midst.")] = 3,
    margin: Annotated[float, typer.Option(min=0, help="Minutes to be left when the rollback has ended.")] = 20,
    environment: Annotated[str, typer.Option(help="process or container.")] = "process",
    out: Annotated[Path | None, typer.Option(help="New folder for evidence and reports.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Another population, other drills.")] = 1,
    language: Annotated[str, typer.Option(help="Language of the reports: en or da.")] = "en",
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan, and start nothing (exit code 3).")] = False,
) -> int:
    """Rehearse an upgrade at several sizes, forecast the change window, and say a verdict on both."""
    from epjgate.cli.rehearsal import rehearse_upgrade
    from epjgate.compose.rehearsal import RehearsalWish
    from epjgate.errors import UsageError
    from epjgate.rehearsing.plan import UpgradeWish

    try:
        wanted = tuple(int(size) for size in sizes.split(",")) if sizes else ()
    except ValueError as err:
        raise UsageError(f"the sizes {sizes!r} cannot be read", str(err), "say them like 1000,3000,10000") from err
    upgrade = UpgradeWish(
        from_release=from_release,
        to_release=to_release,
        production_patients=production_size,
        window=window,
        date=date,
        sizes=wanted,
        repeats=repeats,
        drills=drills,
        margin_min=margin,
        seed=seed,
    )
    wish = RehearsalWish(system=system, environment=environment, upgrade=upgrade, folder=out)
    return rehearse_upgrade(wish, language, dry_run=dry_run)
