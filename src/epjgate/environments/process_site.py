"""A site of processes: each service has one folder and one set of ports, whatever release it is of."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from epjgate.environments.folder_snapshots import FolderSnapshots, empty
from epjgate.environments.interface import EnvironmentDown, Listener, Order, Running
from epjgate.environments.placeholders import distinct, free_port
from epjgate.environments.process_command import CommandProcess
from epjgate.environments.process_launch import Ground, Launches, Place, new_place, written_down
from epjgate.environments.process_standing import HOST, Processes, RunningProcesses, described
from epjgate.environments.receivers import open_partners
from epjgate.environments.site import (
    Done,
    Limits,
    Site,
    kept_in,
    raise_if_served,
    scripts_of,
    unknown_service,
)
from epjgate.environments.site_command import attend, done_of
from epjgate.environments.together import Together
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.upgrade import SideCommand

_BACKUP = "backup"


class ProcessSites:
    """Opens sites whose releases run as processes; arguments as ProcessEnvironment has them.

    Snapshots are kept in `cache`, below `rehearsals`.
    """

    def __init__(self, cache: Path, state: Path, systems: Path) -> None:
        self._processes = Processes(cache, state, systems)
        self._cache = cache
        self._systems = systems

    @property
    def name(self) -> str:
        """The name of this kind of environment."""
        return "process"

    def open(self, order: Order, listener: Listener) -> AbstractContextManager[Site]:
        """Open a site on this machine; see Sites.open."""
        return self._opened(order, listener)

    @contextmanager
    def _opened(self, order: Order, listener: Listener) -> Iterator[Site]:
        _release, services = described(order)
        scripts = scripts_of(order, self._systems)
        snapshots = FolderSnapshots(self._cache / "rehearsals", f"{order.system.name}-{self.name}")
        snapshots.sweep()
        self._processes.sweep(order, listener)
        with self._processes.ledger(order) as ledger, ExitStack() as kept:
            choose_port = distinct(lambda: free_port(HOST))
            places = {name: new_place(order, ledger, name, choose_port) for name in services}
            with written_down(order):
                backup = ledger.make_folder(_BACKUP)
            urls = {f"url_of_{name}": f"http://{HOST}:{place.port}" for name, place in places.items()}
            ground = Ground({**open_partners(order, HOST), **urls}, places=places)
            extra = {_BACKUP: str(backup), **({"scripts": str(scripts)} if scripts else {})}
            site = ProcessSite(self._processes, order, ground, extra, snapshots, kept, listener)
            site.start_kept()
            yield site


class ProcessSite:
    """The site of one rehearsal, which `order` opened; what `kept` holds is what stands of the kept services.

    `extra` are the placeholders of commands beside those of their service.
    """

    def __init__(
        self,
        processes: Processes,
        order: Order,
        ground: Ground,
        extra: Mapping[str, str],
        snapshots: FolderSnapshots,
        kept: ExitStack,
        listener: Listener,
    ) -> None:
        self._processes = processes
        self._order = order
        self._ground = ground
        self._extra = extra
        self._snapshots = snapshots
        self._kept = kept
        self._listener = listener
        self._standing: RunningProcesses | None = None
        self._served = False

    def run(
        self, order: Order, command: SideCommand, values: Mapping[str, str], limits: Limits, listener: Listener
    ) -> Done:
        """Run `command` as a process of its own, in the folder of its service; see Site.run."""
        release, services = described(order)
        if command.service not in services:
            raise unknown_service(order, command, "process")
        service = services[command.service].model_copy(update={"command": command.command})
        pids = self._standing.pids if self._standing else ()
        with self._processes.ledger(order) as ledger:
            bits = self._processes.bits(order, release, ledger, listener)
            ground = Ground({**values, **self._ground.values, **self._extra}, places=self._ground.places)
            launch = Launches(order, ledger, bits.installed_in, bits.code, ground).prepare(
                command.service, service, HOST
            )
            begun = CommandProcess(launch, order, ledger, pids)
            how = attend(begun, begun.said, limits, listener)
            ended = begun.ended()
        # Only now nothing is left that could still write to its output.
        done = done_of(how, ended, begun.said, limits)
        if done.fault and self._standing:
            self._standing.raise_if_down()
        return done

    def serve(self, order: Order, listener: Listener) -> AbstractContextManager[Running]:
        """Start all services of `order` but the kept ones, each in its place; see Site.serve."""
        return self._serving(order, listener)

    @contextmanager
    def _serving(self, order: Order, listener: Listener) -> Iterator[Running]:
        release, services = described(order)
        kept = kept_in(order, services)
        changing = {name: service for name, service in services.items() if name not in kept}
        for name in changing:
            _raise_if_taken(name, self._ground.places[name])
        with self._processes.standing(order, release, changing, listener, self._ground) as running:
            self._served = True
            try:
                yield Together(self._standing, running) if self._standing else running
            finally:
                self._served = False

    def empty(self) -> None:
        """Empty the folder of every service, and the one of backups; see Site.empty."""
        with self._at_rest():
            empty(self._backup(), *self._folders().values())

    def save(self, key: str) -> None:
        """Copy the folder of every service into the cache; see Site.save."""
        with self._at_rest():
            self._snapshots.save(key, self._folders())

    def load(self, key: str) -> bool:
        """Copy what is in the cache into the folder of every service; see Site.load."""
        with self._at_rest():
            found = self._snapshots.load(key, self._folders())
            if found:
                empty(self._backup())
            return found

    def start_kept(self) -> None:
        """Start the services that are kept, where there are any."""
        release, services = described(self._order)
        kept = {name: services[name] for name in kept_in(self._order, services)}
        if kept:
            standing = self._processes.standing(self._order, release, kept, self._listener, self._ground)
            self._standing = self._kept.enter_context(standing)

    @contextmanager
    def _at_rest(self) -> Iterator[None]:
        """Nothing of the system stands while the context lasts."""
        raise_if_served(served=self._served)
        self._standing = None
        self._kept.close()
        yield
        self.start_kept()

    def _folders(self) -> dict[str, Path]:
        return {name: place.home for name, place in self._ground.places.items()}

    def _backup(self) -> Path:
        return Path(self._extra[_BACKUP])


def _raise_if_taken(service: str, place: Place) -> None:
    """A port was chosen for the whole site, and nothing holds it while no release stands."""
    for port in (place.port, *place.ports.values()):
        with socket.socket() as listener:
            # As servers do, so that connections that have just been closed do not count.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((HOST, port))
            except OSError as err:
                raise EnvironmentDown(
                    f"{service} cannot be started where the release before it was",
                    f"another program took port {port} in the meantime: {err}",
                    "run again",
                    stage=EnvironmentStage.START,
                    root=EnvironmentCause.SET_UP,
                    service=service,
                ) from err
