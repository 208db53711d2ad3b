"""Keeps a candidate up while it is observed, and writes down how that went."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from epjgate.environments.earlier import Beside, earlier_beside
from epjgate.environments.interface import Environment, EnvironmentDown, Listener, Order, PartnerSite, Running
from epjgate.environments.reach import target_of
from epjgate.environments.receivers import raise_if_unfit
from epjgate.errors import SuitesFailed
from epjgate.evidence.bundle import Bundle
from epjgate.evidence.layout import Layout
from epjgate.model.alteration import Alteration
from epjgate.model.events import (
    EarlierRelease,
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
from epjgate.model.target import EARLIER_RELEASE, Target
from epjgate.suite_runner.catalogue import Suite
from epjgate.suite_runner.interface import Progress


class Holding(Protocol):
    """Whoever may interrupt."""

    def hold(self) -> str:
        """From now on let no signal interrupt: what was started is being stopped.

        Returns the name of a signal that has come since and was not raised, or nothing.
        """


class Audience(Listener, Progress, Holding, Protocol):
    """Whoever waits for the verdict, and may interrupt."""


@dataclass(frozen=True)
class Job:
    """What is to be gated, everything looked up: a mistake in a name or a file is found before a Job is made.

    `policy`, `floors` and `approved` are the texts of the documents that will judge it, `folder` receives the evidence.
    `alterations` re-create a fault at the interface: they go to the suites, which apply them. `earlier` is the release
    that is to stand beside the candidate, on its database; where it is None, `no_earlier` says why.
    """

    manifest: Manifest
    order: Order
    suites: tuple[Suite, ...]
    folder: Path
    policy: str
    floors: str
    approved: str = ""
    alterations: tuple[Alteration, ...] = ()
    earlier: Order | None = None
    no_earlier: str = ""


@dataclass(frozen=True)
class Seen:
    """A candidate that stands, where its evidence goes, and what stands beside it.

    What is entered into `besides` ends before the candidate is stopped, and no signal interrupts that.
    """

    target: Target
    running: Running
    bundle: Bundle
    besides: ExitStack
    beside: Beside | None = None

    @property
    def layout(self) -> Layout:
        """Where everything lies in the bundle."""
        return self.bundle.layout

    def raise_if_down(self) -> None:
        """Return while the candidate stands and nobody took away what is beside it; see Running.raise_if_down."""
        self.running.raise_if_down()
        if self.beside is not None:
            self.beside.raise_if_taken()


@contextmanager
def observe(job: Job, environment: Environment, audience: Audience) -> Iterator[Seen]:
    """The candidate stands while the context lasts; how it went, to the last event, is then in a sealed bundle.

    EnvironmentDown and Interruption are written down and raised on; suites that failed are written down. Raises
    EvidenceUnwritable if the bundle cannot be made.
    """
    bundle = Bundle(job.folder, job.manifest, policy=job.policy, floors=job.floors, approved=job.approved)
    began = time.monotonic()
    # The partners end last: what the candidate still sends while it is stopped finds its receiver.
    with bundle, to_the_last_event(bundle, job.order.redactor, audience), _closed_at_the_end(job.order.partners):
        audience.step(f"starting {job.order.system.name} {job.order.version} ({environment.name})")
        with environment.start(job.order, audience) as running, ExitStack() as besides:
            try:
                beside = _beside(job, running, besides, audience)
                seen = Seen(_target(job, environment.name, running, beside), running, bundle, besides, beside)
                bundle.record(_ready(seen, time.monotonic() - began))
                yield seen
            except SuitesFailed as err:
                bundle.record(_suites_broke(err, job.order.redactor))
            finally:
                audience.hold()
            seen.raise_if_down()
            running.raise_if_silent()
            raise_if_unfit(job.order)
            bundle.record(EnvironmentChecked(services=tuple(one.service for one in running.identities)))


@contextmanager
def to_the_last_event(bundle: Bundle, redactor: Redactor, audience: Holding) -> Iterator[None]:
    """Write down what ends the block before its end, an interruption that comes late, and that all has ended."""
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


@contextmanager
def _closed_at_the_end(partners: PartnerSite | None) -> Iterator[None]:
    try:
        yield
    finally:
        if partners is not None:
            partners.close()


def _beside(job: Job, running: Running, besides: ExitStack, listener: Listener) -> Beside | None:
    return besides.enter_context(earlier_beside(running, job.earlier, listener)) if job.earlier is not None else None


def _target(job: Job, environment: str, running: Running, beside: Beside | None) -> Target:
    target = target_of(job.order, environment, running, seed=job.manifest.seed, alterations=job.alterations)
    if beside is not None:
        return target.model_copy(update={"earlier": beside.told})
    why = {EARLIER_RELEASE: job.no_earlier} if job.no_earlier else {}
    return target.model_copy(update={"absent": {**why, **target.absent}})


def _ready(seen: Seen, start_s: float) -> EnvironmentReady:
    return EnvironmentReady(
        environment=seen.target.environment,
        endpoints={endpoint.interface: endpoint.url for endpoint in seen.target.endpoints},
        identities=seen.running.identities,
        start_s=round(start_s, 3),
        earlier=_earlier(seen.beside) if seen.beside is not None else None,
    )


def _earlier(beside: Beside) -> EarlierRelease:
    return EarlierRelease(release=beside.told.release, identities=beside.identities, fault=beside.told.fault)


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
