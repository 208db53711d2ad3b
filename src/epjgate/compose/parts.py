"""Picks what a run consists of: environment, receivers, suites, the release to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from epjgate.environments.catalogue import find_release
from epjgate.environments.interface import Environment, Order, PartnerSite
from epjgate.model.redaction import Redactor
from epjgate.model.system import System
from epjgate.observing import Audience, Job, Seen
from epjgate.settings import Settings
from epjgate.suite_runner.catalogue import Suite
from epjgate.suite_runner.interface import SuiteRunner

if TYPE_CHECKING:
    from epjgate.gate import Compare
    from epjgate.suite_runner.pytest_process import PytestProcess
    from epjgate.suite_runner.waiting import WaitingPytest
    from epjgate.surfaces.survey import Survey


def make_environment(settings: Settings, name: str) -> Environment:
    """Return the environment called `name`; only the one asked for is imported."""
    match name:
        case "process":
            from epjgate.environments.process import ProcessEnvironment

            return ProcessEnvironment(settings.cache, settings.state, settings.path(settings.systems))
        case "container":
            from epjgate.environments.container import ContainerEnvironment

            return ContainerEnvironment(settings.path(settings.systems))
        case _:
            from epjgate.environments.remote import RemoteEnvironment

            return RemoteEnvironment()


def make_partners(system: System, environment: str, redactor: Redactor) -> PartnerSite | None:
    """Return the receiving systems that `system` sends to, closed as yet; None where it has none.

    A system that runs elsewhere sends to receivers of its own, which the gate cannot replace.
    """
    if not system.partners or environment == "remote":
        return None
    from epjgate.partners.site import Site

    return Site(system.partners, redactor)


def make_comparison(settings: Settings, job: Job, environment: Environment) -> Compare | None:
    """Return what compares the candidate of `job` with its baseline; None where that is none, or the same release."""
    baseline, system = job.manifest.baseline, job.order.system
    if baseline in ("", job.order.version):
        return None
    from epjgate.surfaces.comparison import Comparison
    from epjgate.surfaces.survey import standing_of

    comparison = Comparison(make_baseline_order(job.order, baseline, environment), make_survey(settings, environment))

    def compare(seen: Seen, audience: Audience) -> None:
        candidate = standing_of(seen.target, seen.running, system, job.order.redactor)
        comparison.write_down(candidate, seen.bundle, audience, seen.besides)

    return compare


def make_baseline_order(candidate: Order, version: str, environment: Environment) -> Order:
    """Return the order of the release `version` beside that of the candidate, with receivers and logs of its own."""
    return replace(
        candidate,
        run_id=f"{candidate.run_id}-baseline",
        version=version,
        release=find_release(candidate.system, version),
        logs=candidate.logs / "baseline",
        partners=make_partners(candidate.system, environment.name, candidate.redactor),
    )


def make_earlier(
    candidate: Order, baseline: str, environment: str, suites: Sequence[Suite]
) -> tuple[Order | None, str]:
    """Return the order of the `baseline` that is to stand beside the candidate, on its database; None and why not.

    It is started only where one of `suites` asks for it.
    """
    system, how = candidate.system, candidate.system.earlier_release
    if how is None:
        return None, f"the description of {system.title} does not say how an earlier release works on its database"
    if environment == "remote":
        return None, "the candidate runs elsewhere, and nothing can be started beside it there"
    if baseline in ("", candidate.version):
        return None, "the candidate is its own baseline" if baseline else "no baseline was named"
    if not any(suite.description.earlier_release for suite in suites):
        return None, "no suite of this run asks for it"
    order = replace(
        candidate,
        run_id=f"{candidate.run_id}-earlier",
        version=baseline,
        release=find_release(system, baseline),
        logs=candidate.logs / "earlier",
    )
    return order, ""


def make_survey(settings: Settings, environment: Environment, *, remembers: bool = True) -> Survey:
    """Return what takes surfaces in `environment`; where it `remembers`, the same bits are asked only once."""
    from epjgate.surfaces.shelf import Shelf
    from epjgate.surfaces.survey import Survey

    return Survey(environment, Shelf(settings.cache / "surfaces") if remembers else None)


def make_suite_runner(settings: Settings, job: Job, pytest: WaitingPytest | None = None) -> SuiteRunner:
    """Return what runs the suites of `job`; its process is in the ledger, to be found should the gate be killed.

    Where a `pytest` waits already, it is that process.
    """
    runner = pytest_process(settings, job)
    return runner if pytest is None else replace(runner, waiting=lambda: pytest)


def pytest_process(settings: Settings, job: Job) -> PytestProcess:
    """Return what runs the suites of `job` by pytest, its process in the ledger."""
    from epjgate.environments.ledger import Ledger
    from epjgate.suite_runner.pytest_process import PytestProcess

    return PytestProcess(
        folder=settings.path(settings.suites),
        cache=settings.cache,
        open_book=lambda: Ledger(settings.state, job.manifest.run_id),
        workers=job.manifest.workers,
    )
