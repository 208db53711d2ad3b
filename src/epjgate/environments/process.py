"""Runs a release as processes of this machine: installed into its own environment, started in its own folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from epjgate.environments.installation import Installed, Installer
from epjgate.environments.interface import EnvironmentDown, Listener, Order, Running
from epjgate.environments.ledger import Ledger, sweep
from epjgate.environments.placeholders import fill, free_port
from epjgate.environments.service_process import Launch, ServiceProcess
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.manifest import DigestKind, Identity
from epjgate.model.system import ProcessRelease, ProcessService

_HOST = "127.0.0.1"


class ProcessEnvironment:
    """Runs releases as processes that only this machine can reach.

    `cache` keeps what was installed, `state` the ledgers of what runs, `systems` holds the descriptions.
    """

    def __init__(self, cache: Path, state: Path, systems: Path) -> None:
        self._cache = cache
        self._state = state
        self._systems = systems

    @property
    def name(self) -> str:
        """The name of this kind of environment."""
        return "process"

    def start(self, order: Order, listener: Listener) -> AbstractContextManager[Running]:
        """Start `order` as `Environment.start` promises, its services in the order of their description.

        What a killed run left behind on this machine is cleared away first.
        """
        return self._started(order, listener)

    @contextmanager
    def _started(self, order: Order, listener: Listener) -> Iterator[Running]:
        release, services = _described(order)
        with _written_down(order):
            for words in sweep(self._state):
                listener.step(words)
            ledger = Ledger(self._state, order.run_id)
        begun: list[ServiceProcess] = []
        try:
            title = f"{order.system.name} {order.version}"
            installer = Installer(self._cache, ledger, listener)
            folder, installed = installer.install(title, release, self._systems / order.system.name)
            for name, service in services.items():
                listener.step(f"starting {name} of {title}")
                _start(_launch(order, name, service, ledger, folder), order, ledger, begun)
            yield _RunningProcesses(tuple(begun), _identities(services, release, installed))
        except BaseException as err:
            for words in _stop(ledger, begun):
                err.add_note(f"cleaning up {words}, which could not be cleared away")
            raise
        left = _stop(ledger, begun)
        if left:
            raise _left_behind(title, left)


class _RunningProcesses:
    """The processes of one start."""

    def __init__(self, services: tuple[ServiceProcess, ...], identities: tuple[Identity, ...]) -> None:
        self._services = services
        self._identities = identities

    @property
    def urls(self) -> Mapping[str, str]:
        return {service.name: service.url for service in self._services}

    @property
    def identities(self) -> tuple[Identity, ...]:
        return self._identities

    @property
    def disposable(self) -> bool:
        return True

    def raise_if_down(self) -> None:
        for service in self._services:
            service.raise_if_ended(EnvironmentStage.RUN)

    def raise_if_silent(self) -> None:
        for service in self._services:
            service.raise_if_silent()


def _described(order: Order) -> tuple[ProcessRelease, dict[str, ProcessService]]:
    """Return how the release is installed and how each service is started; raises EnvironmentDown if it is not said."""
    services = {name: service.process for name, service in order.system.services.items() if service.process}
    missing = [f"services.{name}.process" for name in order.system.services if name not in services]
    release = order.release.process
    if release is not None and not missing:
        return release, services
    tables = [*([] if release else [f"releases.{order.version!r}.process"]), *missing]
    raise EnvironmentDown(
        f"{order.system.name} {order.version} cannot run as processes",
        f"its description does not say how: {', '.join(tables)} is missing",
        f"add it to {order.system.name}/system.toml, or choose another environment",
        stage=EnvironmentStage.PREPARE,
        root=EnvironmentCause.SET_UP,
    )


def _launch(order: Order, name: str, service: ProcessService, ledger: Ledger, installed_in: Path) -> Launch:
    with _written_down(order):
        home = ledger.make_folder(name)
    port = free_port(_HOST)
    values = {"host": _HOST, "port": str(port), "url": f"http://{_HOST}:{port}", "data": str(home)}
    return Launch(
        service=name,
        url=values["url"],
        ready=order.system.services[name].ready,
        command=tuple(fill(word, values) for word in service.command),
        env={key: fill(text, values) for key, text in service.env.items()},
        files={path: fill(text, values) for path, text in service.files.items()},
        home=home,
        programs=installed_in / "bin",
    )


def _start(launch: Launch, order: Order, ledger: Ledger, begun: list[ServiceProcess]) -> None:
    """Start one service and wait until it is ready; it is among the `begun` before anything can go wrong with it."""
    begun.append(ServiceProcess(launch, ledger.mark, order.logs / f"{launch.service}.log", order.redactor))
    service = begun[-1]
    with _written_down(order):
        ledger.record_process(service.pid)
    service.wait_until_ready()
    if not service.listens_itself():
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


def _identities(
    services: Mapping[str, ProcessService], release: ProcessRelease, installed: Installed
) -> tuple[Identity, ...]:
    kind = DigestKind.PACKAGES if installed.digest else DigestKind.NONE
    return tuple(
        Identity(service=name, reference=release.packages[0], digest=installed.digest, kind=kind, parts=installed.parts)
        for name in services
    )


@contextmanager
def _written_down(order: Order) -> Iterator[None]:
    """What cannot be written into the ledger is not started."""
    try:
        yield
    except OSError as err:
        raise EnvironmentDown(
            f"{order.system.name} {order.version} was not started",
            f"what is started cannot be written down, so nothing could clear it away later: {err}",
            "make the state folder writable, with room on its disk",
            stage=EnvironmentStage.PREPARE,
            root=EnvironmentCause.SET_UP,
        ) from err


def _left_behind(title: str, left: Sequence[str]) -> EnvironmentDown:
    return EnvironmentDown(
        f"{title} could not be cleared away",
        f"after it was ended, the gate {'; '.join(left)}",
        "end or remove it by hand; the next run, and `epjgate doctor --clean`, try again",
        stage=EnvironmentStage.STOP,
        root=EnvironmentCause.SET_UP,
    )
