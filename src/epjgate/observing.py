"""Keeps a candidate up while it is observed, and writes down how that went."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from epjgate.environments.interface import Environment, EnvironmentDown, Listener, Order, Running
from epjgate.errors import SuitesFailed
from epjgate.evidence.bundle import Bundle
from epjgate.evidence.layout import Layout
from epjgate.model.events import (
    EnvironmentBroke,
    EnvironmentChecked,
    EnvironmentReady,
    EnvironmentStage,
    Event,
    Interrupted,
    RunFinished,
    SuitesBroke,
)
from epjgate.model.manifest import Manifest
from epjgate.model.redaction import Redactor
from epjgate.model.target import Endpoint, Target
from epjgate.suite_runner.catalogue import Suite
from epjgate.suite_runner.interface import Progress


class Audience(Listener, Progress, Protocol):
    """Whoever waits for the verdict, and may interrupt."""

    def hold(self) -> str:
        """From now on let no signal interrupt: what was started is being stopped.

        Returns the name of a signal that has come since and was not raised, or nothing.
        """


@dataclass(frozen=True)
class Job:
    """What is to be gated, everything looked up: a mistake in a name or a file is found before a Job is made.

    `policy` and `floors` are the texts of the documents that will judge it, `folder` receives the evidence.
    """

    manifest: Manifest
    order: Order
    suites: tuple[Suite, ...]
    folder: Path
    policy: str
    floors: str


@dataclass(frozen=True)
class Seen:
    """A candidate that stands, and where its evidence goes."""

    target: Target
    running: Running
    layout: Layout


@contextmanager
def observe(job: Job, environment: Environment, audience: Audience) -> Iterator[Seen]:
    """The candidate stands while the context lasts; how it went, to the last event, is then in a sealed bundle.

    EnvironmentDown and Interruption are written down and raised on; suites that failed are written down. Raises
    EvidenceUnwritable if the bundle cannot be made.
    """
    bundle = Bundle(job.folder, job.manifest, policy=job.policy, floors=job.floors)
    began = time.monotonic()
    with bundle, _to_the_last_event(bundle, job.order.redactor, audience):
        audience.step(f"starting {job.order.system.name} {job.order.version} ({environment.name})")
        with environment.start(job.order, audience) as running:
            try:
                target = _target(job, environment, running)
                bundle.record(_ready(target, running, time.monotonic() - began))
                yield Seen(target, running, bundle.layout)
            except SuitesFailed as err:
                bundle.record(_suites_broke(err, job.order.redactor))
            finally:
                audience.hold()
            running.raise_if_silent()
            bundle.record(EnvironmentChecked(services=tuple(running.urls)))


@contextmanager
def _to_the_last_event(bundle: Bundle, redactor: Redactor, audience: Audience) -> Iterator[None]:
    left: tuple[str, ...] = ()
    try:
        yield
    except EnvironmentDown as err:
        bundle.record(_broke(err, redactor))
        left = (redactor.text(err.problem),) if err.stage is EnvironmentStage.STOP else ()
        raise
    except KeyboardInterrupt as err:
        bundle.record(Interrupted(signal=getattr(err, "signal_name", "SIGINT")))
        raise
    except BaseException as err:
        why = redactor.text(f"{type(err).__name__}: {err}")
        bundle.record(SuitesBroke(problem="the gate itself crashed", why=why))
        raise
    finally:
        late = audience.hold()
        if late:
            bundle.record(Interrupted(signal=late))
        bundle.note_full_disk()
        bundle.record(RunFinished(left_behind=left))


def _target(job: Job, environment: Environment, running: Running) -> Target:
    system = job.order.system
    endpoints = tuple(
        Endpoint(interface=name, url=running.urls[interface.service] + interface.path)
        for name, interface in system.interfaces.items()
        if interface.service in running.urls
    )
    served = {endpoint.interface for endpoint in endpoints}
    return Target(
        system=system.name,
        release=job.order.version,
        environment=environment.name,
        endpoints=endpoints,
        capabilities={name: by for name, by in system.capabilities.items() if by in served},
        absent=dict(system.absent),
        disposable=running.disposable,
        seed=job.manifest.seed,
    )


def _ready(target: Target, running: Running, start_s: float) -> EnvironmentReady:
    return EnvironmentReady(
        environment=target.environment,
        endpoints={endpoint.interface: endpoint.url for endpoint in target.endpoints},
        identities=running.identities,
        start_s=round(start_s, 3),
    )


def _broke(err: EnvironmentDown, redactor: Redactor) -> Event:
    return EnvironmentBroke(
        stage=err.stage,
        cause=err.root,
        service=err.service,
        problem=redactor.text(err.problem),
        why=redactor.text(err.cause),
        fix=err.fix,
    )


def _suites_broke(err: SuitesFailed, redactor: Redactor) -> Event:
    return SuitesBroke(problem=err.problem, why=redactor.text(err.cause))
