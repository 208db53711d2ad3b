"""What somebody asked for of an upgrade, looked up: a rehearsal that can be held."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from epjgate.compose.job import Wish, make_job
from epjgate.compose.parts import make_environment, pytest_process
from epjgate.environments.catalogue import find_release
from epjgate.environments.interface import Order
from epjgate.environments.site import Sites, scripts_of
from epjgate.errors import UsageError
from epjgate.evidence.digests import text_digest, tree_digest
from epjgate.model.redaction import Redactor
from epjgate.model.system import System
from epjgate.model.upgrade import Upgrade, UpgradeCommands
from epjgate.rehearsing.interface import Rehearsal
from epjgate.rehearsing.plan import UpgradeWish, plan_rehearsal
from epjgate.settings import Settings
from epjgate.suite_runner.catalogue import load_suites
from epjgate.suite_runner.interface import SuiteRunner


@dataclass(frozen=True)
class RehearsalWish:
    """Which upgrade of which system is to be rehearsed, where, and with how much beside it."""

    system: str
    environment: str
    upgrade: UpgradeWish
    folder: Path | None = None


def make_rehearsal(settings: Settings, wish: RehearsalWish, redactor: Redactor) -> Rehearsal:
    """Look up everything that `wish` names, and plan; raises UsageError for what does not exist or is not described."""
    asked = wish.upgrade
    suites = load_suites(settings.path(settings.suites))
    crossing = tuple(suite.name for suite in suites if suite.description.crosses_upgrade)
    job = make_job(
        settings,
        Wish(
            system=wish.system,
            candidate=asked.to_release,
            baseline=asked.from_release,
            environment=wish.environment,
            suites=crossing,
            seed=asked.seed,
            folder=wish.folder,
        ),
        redactor,
    )
    system = job.order.system
    upgrade, commands = _described(system, wish.environment)
    plan = plan_rehearsal(asked, migrates=commands.migrate is not None, crosses=bool(crossing) or bool(upgrade.probes))
    manifest = job.manifest.model_copy(update={"rehearsal": plan, **({} if crossing else {"suites": ()})})
    job = replace(job, manifest=manifest, suites=job.suites if crossing else ())
    old = replace(
        job.order,
        version=asked.from_release,
        release=find_release(system, asked.from_release),
        logs=job.order.logs / "old",
    )
    environment = make_environment(settings, wish.environment)
    scripts = scripts_of(job.order, settings.path(settings.systems))
    # What a fill makes depends on all that the description says of its service, too.
    made_by = text_digest(
        system.model_dump_json(), tree_digest(scripts) if scripts else "", str(asked.seed), asked.from_release
    )

    def suite_runner(handover: Path) -> SuiteRunner:
        return replace(pytest_process(settings, job), handover=handover)

    return Rehearsal(
        job=job,
        old=old,
        back=_back(old),
        plan=plan,
        upgrade=upgrade,
        commands=commands,
        environment=environment,
        sites=make_sites(settings, wish.environment),
        suites=suite_runner,
        snapshot_key=lambda bits, patients: text_digest(made_by, bits, str(patients)).removeprefix("sha256:")[:32],
    )


def make_sites(settings: Settings, environment: str) -> Sites:
    """Return what opens sites in `environment`."""
    if environment == "process":
        from epjgate.environments.process_site import ProcessSites

        return ProcessSites(settings.cache, settings.state, settings.path(settings.systems))
    from epjgate.environments.container_site import ContainerSites

    return ContainerSites(settings.path(settings.systems))


def _described(system: System, environment: str) -> tuple[Upgrade, UpgradeCommands]:
    upgrade = system.upgrade
    commands = {"process": upgrade.process, "container": upgrade.container}.get(environment) if upgrade else None
    if upgrade is not None and commands is not None:
        return upgrade, commands
    raise UsageError(
        f"an upgrade of {system.name} cannot be rehearsed in the environment {environment}",
        f"its description does not say how: upgrade.{environment} is missing",
        f"add it to {system.name}/system.toml, or choose another environment",
    )


def _back(old: Order) -> Order:
    """Return the old release as it works on a database that the candidate has migrated."""
    system, how = old.system, old.system.earlier_release
    if how is None:
        return old
    service = system.services[how.service]
    process, container = service.process, service.container
    if process is not None:
        command, env = (*process.command, *how.options), {**process.env, **how.env}
        process = process.model_copy(update={"command": command, "env": env})
    if container is not None:
        command, env = (*container.command, *how.options), {**container.env, **how.env}
        container = container.model_copy(update={"command": command, "env": env})
    changed = service.model_copy(update={"process": process, "container": container})
    services = {**system.services, how.service: changed}
    return replace(old, system=system.model_copy(update={"services": services}))
