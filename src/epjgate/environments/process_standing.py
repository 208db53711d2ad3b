"""Lets services stand as processes of this machine: installed, launched in order, watched, and cleared away."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from epjgate.environments.earlier import earlier_release_of
from epjgate.environments.installation import Installed, Installer
from epjgate.environments.interface import EnvironmentDown, Listener, Order, Running, not_run
from epjgate.environments.ledger import Ledger, sweep
from epjgate.environments.process_launch import Ground, Launches, written_down
from epjgate.environments.receivers import open_partners
from epjgate.environments.service_process import Launch, ServiceProcess
from epjgate.environments.source import Assembled, assemble
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.identity import DigestKind, Identity
from epjgate.model.system import ProcessRelease, ProcessService, SourceTree, System

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Bits:
    """What a release consists of on this machine, and what names it, by service."""

    installed_in: Path
    code: Assembled | None
    identity: Callable[[str], Identity]


class Processes:
    """Lets services of releases stand as processes.

    `cache` keeps what was installed, `state` the ledgers of what runs, `systems` holds the descriptions.
    """

    def __init__(self, cache: Path, state: Path, systems: Path) -> None:
        self._cache = cache
        self._state = state
        self._systems = systems

    def sweep(self, order: Order, listener: Listener) -> None:
        """Clear away what dead runs left on this machine; raises EnvironmentDown where `state` cannot be read."""
        with written_down(order):
            for words in sweep(self._state):
                listener.step(words)

    @contextmanager
    def ledger(self, order: Order, begun: Sequence[ServiceProcess] = ()) -> Iterator[Ledger]:
        """A ledger for what `order` starts while the context lasts; at its end all of it is ended and removed.

        `begun` are services that are to be reaped then. Raises EnvironmentDown where nothing can be written down, and
        with stage `stop` where something could not be cleared away.
        """
        with written_down(order):
            ledger = Ledger(self._state, order.run_id)
        try:
            yield ledger
        except BaseException as err:
            for words in _stop(ledger, begun):
                err.add_note(f"cleaning up {words}, which could not be cleared away")
            raise
        left = _stop(ledger, begun)
        if left:
            raise _left_behind(f"{order.system.name} {order.version}", left)

    def bits(self, order: Order, release: ProcessRelease, ledger: Ledger, listener: Listener) -> Bits:
        """Return the bits of `release`, installed and assembled; raises EnvironmentDown with stage `prepare`."""
        described_in = self._systems / order.system.name
        code = _code(release.source, described_in, self._cache)
        # Builds that stand on the same packages share one installation, so it must not bear their version.
        title = order.system.name if code else f"{order.system.name} {order.version}"
        folder, installed = Installer(self._cache, ledger, listener).install(title, release, described_in)
        return Bits(folder, code, _identity(order, release, installed, code))

    @contextmanager
    def standing(
        self,
        order: Order,
        release: ProcessRelease,
        services: Mapping[str, ProcessService],
        listener: Listener,
        ground: Ground | None = None,
    ) -> Iterator[RunningProcesses]:
        """The `services` of `order` stand while the context lasts, on `ground` or on nothing that was there before."""
        begun: list[ServiceProcess] = []
        with self.ledger(order, begun) as ledger:
            bits = self.bits(order, release, ledger, listener)
            ground = ground or Ground(open_partners(order, HOST))
            launches = Launches(order, ledger, bits.installed_in, bits.code, ground)
            for name, service in services.items():
                listener.step(f"starting {name} of {order.system.name} {order.version}")
                _start(launches.prepare(name, service, HOST), order, ledger, begun)
            yield RunningProcesses(order.system, tuple(begun), launches, bits.identity, self._earlier)

    def _earlier(self, candidate: Launches, order: Order, listener: Listener) -> AbstractContextManager[Running]:
        """Start one service of `order` on the files of the candidate's; see Running.start_earlier."""
        release, services = described(order)
        how = earlier_release_of(order)
        service = services[how.service]
        changed = {"command": (*service.command, *how.options), "env": {**service.env, **how.env}}
        ground = Ground(candidate.values, data=candidate.homes)
        return self.standing(order, release, {how.service: service.model_copy(update=changed)}, listener, ground)


class RunningProcesses:
    """The processes of one start, and how each was launched; `start_earlier` starts another release beside them."""

    def __init__(
        self,
        system: System,
        services: tuple[ServiceProcess, ...],
        launches: Launches,
        identity: Callable[[str], Identity],
        start_earlier: Callable[[Launches, Order, Listener], AbstractContextManager[Running]],
    ) -> None:
        self._services = services
        self._launches = launches
        self._start_earlier = start_earlier
        made = launches.made
        self.urls: Mapping[str, str] = {one.service: one.url for one in made if system.is_asked(one.service)}
        self.ports: Mapping[str, Mapping[str, str]] = {
            one.service: {name: f"{HOST}:{port}" for name, port in one.ports.items()} for one in made
        }
        self.identities: tuple[Identity, ...] = tuple(identity(one.service) for one in made)

    @property
    def pids(self) -> tuple[int, ...]:
        """The number of each service's process."""
        return tuple(service.pid for service in self._services)

    @property
    def disposable(self) -> bool:
        """See Running.disposable."""
        return True

    def run_beside(self, service: str, command: Sequence[str]) -> str:
        """See Running.run_beside."""
        found = next((one for one in self._services if one.name == service), None)
        if found is None:
            raise not_run(service, command, "there is no such service in the environment process")
        return found.run_beside(command)

    def start_earlier(self, order: Order, listener: Listener) -> AbstractContextManager[Running]:
        """See Running.start_earlier."""
        return self._start_earlier(self._launches, order, listener)

    def raise_if_down(self) -> None:
        """See Running.raise_if_down."""
        for service in self._services:
            service.raise_if_ended(EnvironmentStage.RUN)

    def raise_if_silent(self) -> None:
        """See Running.raise_if_silent."""
        for service in self._services:
            service.raise_if_silent()


def _code(source: SourceTree | None, described_in: Path, cache: Path) -> Assembled | None:
    return assemble((described_in / source.folder).resolve(), source.build, cache) if source else None


def described(order: Order) -> tuple[ProcessRelease, dict[str, ProcessService]]:
    """Return how the release is installed and how each service is started; raises EnvironmentDown if it is not said."""
    known = order.system.services_in("process")
    services = {name: service.process for name, service in known.items() if service.process}
    missing = [f"services.{name}.process" for name in known if name not in services]
    release = order.release.process
    if release is not None and services and not missing:
        return release, services
    tables = [*([] if release else [f"releases.{order.version!r}.process"]), *missing]
    raise EnvironmentDown(
        f"{order.system.name} {order.version} cannot run as processes",
        f"its description does not say how: {', '.join(tables) or 'a service for it'} is missing",
        f"add it to {order.system.name}/system.toml, or choose another environment",
        stage=EnvironmentStage.PREPARE,
        root=EnvironmentCause.SET_UP,
    )


def _start(launch: Launch, order: Order, ledger: Ledger, begun: list[ServiceProcess]) -> None:
    """Start one service and wait until it is ready; it is among the `begun` before anything can go wrong with it."""
    begun.append(ServiceProcess(launch, ledger.mark, order.logs / f"{launch.service}.log", order.redactor))
    service = begun[-1]
    with written_down(order):
        ledger.record_process(service.pid)
    service.wait_until_ready()
    if launch.ready.path is not None and not service.listens_itself():
        raise EnvironmentDown(
            f"{service.name} cannot be told from another server",
            f"{service.url} answers, and it is not process {service.pid} that listens there",
            "run again: another program took the port in the meantime; a service must not put itself in the background",
            stage=EnvironmentStage.START,
            root=EnvironmentCause.SET_UP,
            service=service.name,
        )


def _stop(ledger: Ledger, begun: Sequence[ServiceProcess]) -> tuple[str, ...]:
    """End and remove everything; return in words what could not be."""
    left = ledger.clear()
    for service in begun:
        service.reap()
    return left


def _identity(
    order: Order, release: ProcessRelease, installed: Installed, code: Assembled | None
) -> Callable[[str], Identity]:
    """Return what names the bits of a service: those of the packages, and of the source code that stands on them."""
    digest, parts, reference = installed.digest, installed.parts, release.packages[0]
    if code is not None:
        reference = f"{order.system.name} {order.version}"
        parts = (f"{reference} {code.digest}", *parts)
        digest = digest and f"sha256:{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()}"
    kind = DigestKind.PACKAGES if digest else DigestKind.NONE
    return lambda service: Identity(service=service, reference=reference, digest=digest, kind=kind, parts=parts)


def _left_behind(title: str, left: Sequence[str]) -> EnvironmentDown:
    return EnvironmentDown(
        f"{title} could not be cleared away",
        f"after it was ended, the gate {'; '.join(left)}",
        "end or remove it by hand; the next run, and `epjgate doctor --clean`, try again",
        stage=EnvironmentStage.STOP,
        root=EnvironmentCause.SET_UP,
    )
