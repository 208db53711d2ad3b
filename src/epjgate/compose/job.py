"""What somebody asked for, looked up: a job that can be gated."""

from __future__ import annotations

import platform
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from epjgate import __version__
from epjgate.compose.documents import approved_text, checked_text, read_sensitivity
from epjgate.compose.parts import make_earlier, make_partners
from epjgate.environments.catalogue import find_release, load_system
from epjgate.environments.interface import Order
from epjgate.errors import UsageError
from epjgate.evidence.digests import demands_digest, text_digest, tree_digest
from epjgate.evidence.journal import utc_now
from epjgate.evidence.layout import Layout
from epjgate.incidents.record import SUITE as INCIDENTS
from epjgate.model.manifest import IncidentPlan, Manifest
from epjgate.model.redaction import Redactor
from epjgate.observing import Job
from epjgate.policy.document import Floors, Policy
from epjgate.settings import Settings
from epjgate.suite_runner.catalogue import Suite, choose_suites, load_suites

ENVIRONMENTS = ("process", "container", "remote")


@dataclass(frozen=True)
class Wish:
    """What somebody asked for, as it was said; empty or None where it was left to the gate."""

    system: str
    candidate: str
    baseline: str = ""
    environment: str = "process"
    suites: tuple[str, ...] = ()
    workers: int = 1
    seed: int | None = None
    folder: Path | None = None


def make_job(settings: Settings, wish: Wish, redactor: Redactor, clock: Callable[[], datetime] = utc_now) -> Job:
    """Look up everything that `wish` names and return the job; raises UsageError for what does not exist.

    Policy and floors are read and checked here, so that no candidate is started for a verdict that cannot be reached.
    """
    if wish.environment not in ENVIRONMENTS:
        raise UsageError(
            f"there is no environment {wish.environment!r}", f"known: {', '.join(ENVIRONMENTS)}", "name one of them"
        )
    system = load_system(settings.path(settings.systems), wish.system)
    release = find_release(system, wish.candidate)
    if wish.baseline:
        find_release(system, wish.baseline)
    suites = choose_suites(settings.path(settings.suites), wish.suites)
    policy, floors = (
        checked_text(settings.path(settings.policy), Policy),
        checked_text(settings.path(settings.floors), Floors),
    )
    approved = approved_text(settings) if wish.baseline else ""
    started = clock()
    run_id = f"{started:%Y%m%dT%H%M%S}-{system.name}-{wish.candidate}-{secrets.token_hex(3)}"
    folder = (wish.folder or settings.path(settings.runs) / run_id).absolute()
    manifest = _manifest(settings, wish, suites, started, run_id, demands_digest(policy, floors, approved))
    order = Order(
        run_id=run_id,
        system=system,
        version=wish.candidate,
        release=release,
        logs=Layout(folder).logs,
        redactor=redactor,
        partners=make_partners(system, wish.environment, redactor),
    )
    earlier, no_earlier = make_earlier(order, wish.baseline, wish.environment, suites)
    return Job(
        manifest=manifest,
        order=order,
        suites=suites,
        folder=folder,
        policy=policy,
        floors=floors,
        approved=approved,
        earlier=earlier,
        no_earlier=no_earlier,
    )


def _manifest(
    settings: Settings, wish: Wish, suites: Sequence[Suite], started: datetime, run_id: str, policy_digest: str
) -> Manifest:
    return Manifest(
        run_id=run_id,
        epjgate_version=__version__,
        system=wish.system,
        candidate=wish.candidate,
        baseline=wish.baseline,
        environment=wish.environment,
        suites=tuple(suite.plan() for suite in suites),
        incidents=_plan_incidents(settings, suites),
        sensitivity=read_sensitivity(settings),
        suite_revision=tree_digest(*map(settings.path, (settings.suites, settings.fixtures, settings.contracts))),
        policy_digest=policy_digest,
        seed=secrets.randbits(32) if wish.seed is None else wish.seed,
        workers=wish.workers,
        started_at=started,
        host=text_digest(platform.node())[7:19],
        python=platform.python_version(),
    )


def _plan_incidents(settings: Settings, suites: Sequence[Suite]) -> tuple[IncidentPlan, ...]:
    """Return how every incident stands proven, where their suite is among `suites`."""
    if all(suite.name != INCIDENTS for suite in suites):
        return ()
    from epjgate.incidents.plans import plan_incidents

    return plan_incidents(settings.path(settings.suites), settings.path(settings.fixtures))


def suites_at(settings: Settings, paths: Sequence[Path]) -> tuple[str, ...]:
    """Return the names of the suites that lie at, below or around `paths`."""
    return tuple(
        suite.name
        for suite in load_suites(settings.path(settings.suites))
        if any(suite.folder in (path, *path.parents) or path in suite.folder.parents for path in paths)
    )
