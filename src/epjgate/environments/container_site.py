"""A site of containers: one network, one set of ports, and volumes that outlast the containers of each release."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from docker import DockerClient
from testcontainers.core.network import Network

from epjgate.environments.container import (
    RunningContainers,
    choose_reaper,
    clear_away,
    gateway_of,
    network_of,
    ready_service,
    refusals_told,
    values_of,
)
from epjgate.environments.container_command import InsideContainer, OwnContainer, Surroundings, create_container
from epjgate.environments.container_freight import BACKUP, SCRIPTS, freight_of
from epjgate.environments.container_parts import parts_of
from epjgate.environments.container_service import Launch, Part, Published, Service, down, values_for
from epjgate.environments.container_volumes import Volumes, VolumeSnapshots
from epjgate.environments.engine import (
    ENGINE_ERRORS,
    SITE_LABEL,
    START_LABEL,
    connected,
    labels,
    published_at,
    sweep_engine,
)
from epjgate.environments.interface import Listener, Order, Running
from epjgate.environments.partner_reach import check_reach
from epjgate.environments.placeholders import distinct, fill, free_port
from epjgate.environments.receivers import open_partners
from epjgate.environments.site import Done, Limits, Site, kept_in, raise_if_served, scripts_of, unknown_service
from epjgate.environments.site_command import attend, done_of
from epjgate.model.events import EnvironmentStage
from epjgate.model.upgrade import SideCommand

# A database may have much to write before it stops; a copy of one that was killed would have to be repaired first.
_KEPT_STOP_S = 300
_RELEASE_STOP_S = 10


class ContainerSites:
    """Opens sites whose releases run as containers; arguments as ContainerEnvironment has them.

    Snapshots are volumes of the engine, where the data is.
    """

    def __init__(self, systems: Path, choose_port: Callable[[], int] = free_port) -> None:
        self._systems = systems
        self._choose_port = choose_port

    @property
    def name(self) -> str:
        """The name of this kind of environment."""
        return "container"

    def open(self, order: Order, listener: Listener) -> AbstractContextManager[Site]:
        """Open a site in the engine; see Sites.open."""
        return self._opened(order, listener)

    @contextmanager
    def _opened(self, order: Order, listener: Listener) -> Iterator[Site]:
        freight = freight_of(scripts_of(order, self._systems))
        for words in sweep_engine():
            listener.step(words)
        with connected() as engine, ExitStack() as stack:
            parts = parts_of(order, engine, self._systems)
            listener.step(choose_reaper(engine))
            label = uuid4().hex[:12]
            stack.push(lambda _kind, err, _trace: clear_away(engine, f"{SITE_LABEL}={label}", err))
            with refusals_told(order):
                ours = {**labels(order.run_id), SITE_LABEL: label}
                ground = _ground(engine, order, parts, network_of(ours), self._choose_port)
                data = order.system.upgrade.data if order.system.upgrade else {}
                volumes = Volumes(engine, ours, ground.network.name, data)
                images = {part.name: str(part.image.id) for part in parts}
                written_by = [images[name] for name in kept_in(order, images)]
                snapshots = VolumeSnapshots(engine, ours, order.system.name, images, written_by)
                snapshots.sweep()
                site = ContainerSite(ground, order, self._systems, volumes, snapshots, freight, stack, label, listener)
                site.start_kept()
            yield site


@dataclass(frozen=True)
class Ground:
    """What all starts of one site share: the network, the ports of each service, placeholders of all services."""

    engine: DockerClient
    network: Network
    ports: Mapping[str, Mapping[str, int]]
    values: Mapping[str, str]


class ContainerSite:
    """The site of one rehearsal, which `order` opened; all that it makes bears its `label`, and goes with `stack`."""

    def __init__(
        self,
        ground: Ground,
        order: Order,
        systems: Path,
        volumes: Volumes,
        snapshots: VolumeSnapshots,
        freight: bytes,
        stack: ExitStack,
        label: str,
        listener: Listener,
    ) -> None:
        self._ground = ground
        self._engine = ground.engine
        self._order = order
        self._systems = systems
        self._volumes = volumes
        self._snapshots = snapshots
        self._freight = freight
        self._standing = stack.enter_context(ExitStack())
        self._label = label
        self._listener = listener
        self._kept: tuple[Service, ...] = ()
        self._served = False
        self._reached = order.partners is None

    def run(
        self, order: Order, command: SideCommand, values: Mapping[str, str], limits: Limits, listener: Listener
    ) -> Done:
        """Run `command` inside the container of a kept service, else in one of its own; see Site.run."""
        kept = next((one for one in self._kept if one.part.name == command.service), None)
        with refusals_told(order, EnvironmentStage.RUN), ExitStack() as stack:
            part = kept.part if kept else next(iter(self._parts(order, [command.service])), None)
            if part is None:
                raise unknown_service(order, command, "container")
            launch = self._launch(order, listener, stack)
            filled_in = {**values, **self._own_values(part, launch)}
            words = tuple(fill(word, filled_in) for word in command.command)
            around = Surroundings(
                self._engine, order, part.name, words, tuple(service.container for service in self._kept)
            )
            if kept:
                begun: InsideContainer | OwnContainer = InsideContainer(around, kept.container)
            else:
                begun = OwnContainer(around, self._created(around, part, launch, filled_in))
            # Whatever happens, also to us: inside a kept service nothing else would end it.
            stack.callback(begun.kill)
            how = attend(begun, begun.said, limits, listener)
            ended = begun.ended()
        done = done_of(how, ended, begun.said, limits)
        if done.fault:
            self._raise_if_kept_down()
        return done

    def serve(self, order: Order, listener: Listener) -> AbstractContextManager[Running]:
        """Start all services of `order` but the kept ones, in new containers on the same volumes; see Site.serve."""
        return self._serving(order, listener)

    @contextmanager
    def _serving(self, order: Order, listener: Listener) -> Iterator[Running]:
        with ExitStack() as stack:
            with refusals_told(order):
                parts = self._parts(order)
                launch = self._launch(order, listener, stack)
                launch = replace(launch, volumes={part.name: self._volumes.of(part) for part in parts})
                services = tuple(ready_service(part, launch) for part in parts)
                self._check_reach(services, listener)
            self._served = True
            try:
                yield RunningContainers(launch, (*self._kept, *services), self._systems)
            finally:
                self._served = False
            with refusals_told(order, EnvironmentStage.STOP):
                _stop(self._engine, services, _RELEASE_STOP_S)

    def empty(self) -> None:
        """Take all volumes away: new ones are filled from the images; see Site.empty."""
        with self._at_rest():
            self._volumes.remove()

    def save(self, key: str) -> None:
        """Copy all volumes to others that stay in the engine; see Site.save."""
        with self._at_rest():
            self._snapshots.save(key, {folder: name for folder, name in self._volumes.made.items() if folder != BACKUP})

    def load(self, key: str) -> bool:
        """Copy what was saved into new volumes; see Site.load."""
        if not self._snapshots.has(key):
            raise_if_served(served=self._served)
            return False
        with self._at_rest():
            self._volumes.remove()
            return self._snapshots.load(key, self._volumes)

    def start_kept(self) -> None:
        """Start the services that are kept, where there are any, and bring them the scripts."""
        parts = self._kept_parts()
        launch = self._launch(self._order, self._listener, self._standing)
        backup = {self._volumes.volume(BACKUP): BACKUP.path}
        volumes = {part.name: {**self._volumes.of(part), **backup} for part in parts}
        launch = replace(launch, volumes=volumes)
        kept = []
        for part in parts:
            kept.append(ready_service(part, launch))
            self._engine.api.put_archive(kept[-1].container, "/", self._freight)
        self._kept = tuple(kept)

    @contextmanager
    def _at_rest(self) -> Iterator[None]:
        """Nothing of the system stands while the context lasts."""
        raise_if_served(served=self._served)
        with refusals_told(self._order, EnvironmentStage.RUN):
            _stop(self._engine, self._kept, _KEPT_STOP_S)
            self._kept = ()
            self._standing.close()
            yield
            self.start_kept()

    def _kept_parts(self) -> tuple[Part, ...]:
        parts = {part.name: part for part in parts_of(self._order, self._engine, self._systems)}
        return tuple(parts[name] for name in kept_in(self._order, parts))

    def _parts(self, order: Order, only: Sequence[str] = ()) -> tuple[Part, ...]:
        """Return the services of `order` that are not kept, or `only` those named."""
        parts = {part.name: part for part in parts_of(order, self._engine, self._systems)}
        kept = kept_in(order, parts)
        return tuple(part for name, part in parts.items() if name not in kept and (name in only or not only))

    def _launch(self, order: Order, listener: Listener, stack: ExitStack) -> Launch:
        """Return what a start shares; at the end of `stack` all that bears its labels is removed."""
        ours = {**labels(order.run_id), SITE_LABEL: self._label}
        stack.push(lambda _kind, err, _trace: clear_away(self._engine, f"{START_LABEL}={ours[START_LABEL]}", err))
        ground = self._ground
        values = {**ground.values, "version": order.version}
        launch = Launch(order, listener, ground.engine, ours, ground.network, stack, free_port, values)
        return replace(launch, ports=ground.ports)

    def _own_values(self, part: Part, launch: Launch) -> dict[str, str]:
        address, host = published_at()
        published = Published({name: (address, port) for name, port in launch.ports[part.name].items()}, host)
        scripts = {"scripts": SCRIPTS} if self._order.system.upgrade and self._order.system.upgrade.scripts else {}
        return {**values_for(part, launch, published), "backup": BACKUP.path, **scripts}

    def _created(self, around: Surroundings, part: Part, launch: Launch, values: Mapping[str, str]) -> str:
        """Return the container in which a command is going to run, with what a container of its service has."""
        env = {name: fill(text, values) for name, text in part.container.env.items()}
        volumes = {**self._volumes.of(part), self._volumes.volume(BACKUP): BACKUP.path}
        binds = [f"{volume}:{folder}" for volume, folder in volumes.items()]
        image, network = str(part.image.id), self._ground.network.name
        created = create_container(around, image, env, network, binds=binds, labels=launch.labels)
        self._engine.api.put_archive(created, "/", self._freight)
        return created

    def _check_reach(self, services: Sequence[Service], listener: Listener) -> None:
        """Once is enough: the network and the partners stay what they are."""
        if not self._reached and self._order.partners is not None:
            check_reach(self._engine, services, self._order.partners.urls, listener)
        self._reached = True

    def _raise_if_kept_down(self) -> None:
        for service in self._kept:
            if error := down(self._engine, service, EnvironmentStage.RUN):
                raise error


def _ground(
    engine: DockerClient, order: Order, parts: Sequence[Part], network: Network, choose_port: Callable[[], int]
) -> Ground:
    """Open the partners in `network`, and choose the ports at which services are published in this site."""
    choose = distinct(choose_port)
    ports = {part.name: {name: choose() for name in part.asked} for part in parts}
    address = gateway_of(engine, network) if order.partners else ""
    return Ground(engine, network, ports, values_of(order, parts, open_partners(order, address)))


def _stop(engine: DockerClient, services: Sequence[Service], limit_s: int) -> None:
    """Let `services` end, those that were started last first; what is gone already stays gone."""
    for service in reversed(services):
        try:
            engine.api.stop(service.container, timeout=limit_s)
        except ENGINE_ERRORS:
            if down(engine, service, EnvironmentStage.STOP) is None:
                raise
