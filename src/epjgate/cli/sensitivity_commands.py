"""The command that measures the suites, as the command line declares it."""

from __future__ import annotations

from typing import Annotated

import typer


def sensitivity(
    system: Annotated[str, typer.Option("--system", help="System under test, a folder below fixtures/systems.")],
    candidate: Annotated[str, typer.Option(help="Release on which the suites are green.")],
    suites: Annotated[list[str] | None, typer.Option(help="Only these suites.")] = None,
    budget: Annotated[str, typer.Option(help="Mutants to try (300), or how long to try (240s).")] = "300",
    tests: Annotated[int, typer.Option(min=1, help="Tests of each suite that meet a mutant, at most.")] = 12,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Another sample, and other persons.")] = 1,
    workers: Annotated[int, typer.Option("-n", "--workers", min=1, help="Tests at a time.")] = 2,
    environment: Annotated[str, typer.Option(help="process, container or remote.")] = "process",
    *,
    write: Annotated[bool, typer.Option("--write", help="Keep the result as the floor that the policy reads.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, on stdout.")] = False,
) -> int:
    """Measure the suites: alter the candidate's real answers, one change at a time; a test should turn red."""
    from epjgate.cli.sensitivity import Asked, measure_suites
    from epjgate.compose import Wish

    wish = Wish(system=system, candidate=candidate, environment=environment, suites=tuple(suites or ()), seed=seed)
    return measure_suites(wish, Asked(budget, tests, workers, write=write, as_json=as_json))
