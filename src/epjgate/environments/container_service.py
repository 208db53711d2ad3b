"""Starts one service as a container and tells what becomes of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from docker import DockerClient
from docker.errors import DockerException
from docker.models.containers import Container
from docker.models.images import Image
from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network

from epjgate.environments.container_ending import ending, started_at
from epjgate.environments.container_output import output_of
from epjgate.environments.engine import ANSWER_LIMIT_S, ENGINE_ERRORS, published_at
from epjgate.environments.interface import EnvironmentDown, Listener, Order, not_run
from epjgate.environments.placeholders import fill
from epjgate.environments.readiness import TRY_S, answers, wait_until_ready, with_last_lines
from epjgate.environments.service_log import ServiceLog
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.system import ContainerService, Readiness
from epjgate.model.system import Service as DescribedService

MAIN = ""
"""The name of a service's main port."""

_PORT_TRIES = 3
_PORT_TAKEN = ("port is already allocated", "address already in use")
_STOP_LIMIT_S = 2
_LAST_WORDS_S = 2
_LOOK_AGAIN_S = 0.2
_FIXES = {
    EnvironmentCause.CRASHED: "read the whole log of the service",
    EnvironmentCause.KILLED: "run again, and leave the container alone; give the engine more memory if that was short",
    EnvironmentCause.ENGINE: "bring the container engine back (`epjgate doctor`) and run again",
}


@dataclass(frozen=True)
class Part:
    """One service that is to run: what its description asks for, and the image that the engine has for it.

    `asked` are the ports at which somebody outside asks it, by name, the main one as MAIN; the others, and all of a
    service that nobody asks, can be reached in the network of the run only.
    """

    name: str
    described: DescribedService
    container: ContainerService
    asked: Mapping[str, int]
    reference: str
    image: Image


@dataclass(frozen=True)
class Launch:
    """What all services of one start share; `stack` ends what has been begun, whatever happens.

    `values` are the placeholders that are the same for all of them. Where others have their plain names in the network
    already, `prefix` goes before these; `volumes_of` is the container whose volumes they share, by its id. `ports` are
    those that a service must be published at, by its name and that of the port, and `volumes` what is mounted in it:
    the folder inside, by the name of the volume.
    """

    order: Order
    listener: Listener
    engine: DockerClient
    labels: dict[str, str]
    network: Network
    stack: ExitStack
    choose_port: Callable[[], int]
    values: Mapping[str, str]
    prefix: str = ""
    volumes_of: str = ""
    ports: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    volumes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Published:
    """Where the ports of a service are published: `host:port` by the name of the port."""

    bound: Mapping[str, tuple[str, int]]
    host: str

    @property
    def url(self) -> str:
        """The base URL of the service, empty where its main port is not published."""
        return f"http://{self.address(MAIN)}" if MAIN in self.bound else ""

    def address(self, name: str) -> str:
        """Return `host:port` as it is reached from here."""
        return f"{self.host}:{self.bound[name][1]}"


@dataclass(frozen=True)
class Service:
    """One service that was started; `container` is its id, `started` the engine's time stamp of it."""

    part: Part
    published: Published
    ready: Readiness
    container: str
    started: str
    log: ServiceLog

    @property
    def url(self) -> str:
        """Its base URL, empty where nobody outside asks it."""
        return self.published.url

    @property
    def ports(self) -> Mapping[str, str]:
        """`host:port` of its further ports that are published, by name."""
        return {name: self.published.address(name) for name in self.published.bound if name != MAIN}


def start_service(part: Part, launch: Launch, *, tries: int = _PORT_TRIES) -> Service:
    """Start one container and return it; it is up, but need not be ready.

    Its ports are chosen beforehand, as the candidate must know its public URL; others are chosen, `tries` times in
    all, where somebody took one meanwhile and none is prescribed. Raises one of ENGINE_ERRORS when the engine refuses.
    """
    address, host = published_at()
    prescribed = launch.ports.get(part.name)
    ports = prescribed or {name: launch.choose_port() for name in part.asked}
    published = Published({name: (address, ports[name]) for name in part.asked}, host)
    launch.listener.step(f"starting {part.reference} as {part.name}{f' at {published.url}' if published.url else ''}")
    values = values_for(part, launch, published)
    container = _container(part, launch, published, values)
    try:
        container.start()
    except DockerException as err:
        container.stop()
        if tries <= 1 or prescribed or not any(words in str(err) for words in _PORT_TAKEN):
            raise
    else:
        return _service(part, launch, container, published, values)
    chosen = " or ".join(str(port) for _address, port in published.bound.values())
    launch.listener.step(f"port {chosen} was taken meanwhile; choosing another for {part.name}")
    return start_service(part, launch, tries=tries - 1)


def values_for(part: Part, launch: Launch, published: Published) -> dict[str, str]:
    """Return all placeholders of the service `part`, published where that is said."""
    return {
        **launch.values,
        "host": "0.0.0.0",  # noqa: S104 - inside the container
        "port": str(part.container.port),
        **{f"port_{name}": str(port) for name, port in part.described.ports.items()},
        "url": published.url,
    }


def _container(part: Part, launch: Launch, published: Published, values: Mapping[str, str]) -> DockerContainer:
    container = DockerContainer(part.reference, docker_client_kw={"timeout": ANSWER_LIMIT_S})
    # Set here, as the constructor would put a site's registry prefix in front of the image id.
    container.image = str(part.image.id)
    container.env = {name: fill(text, values) for name, text in part.container.env.items()}
    bound: dict[str, Any] = {f"{inside}/tcp": published.bound[name] for name, inside in part.asked.items()}
    container.ports = bound  # the engine takes an address with the port, which testcontainers' types do not know
    if part.container.command:
        container.with_command([fill(word, values) for word in part.container.command])
    for volume, folder in launch.volumes.get(part.name, {}).items():
        container.with_volume_mapping(volume, folder, "rw")
    shared: dict[str, Any] = {"volumes_from": [launch.volumes_of]} if launch.volumes_of else {}
    known_as = f"{launch.prefix}{part.name}"
    container.with_name(f"{launch.network.name}-{known_as}").with_kwargs(labels=launch.labels, **shared)
    return container.with_network(launch.network).with_network_aliases(known_as)


def _service(
    part: Part, launch: Launch, container: DockerContainer, published: Published, values: Mapping[str, str]
) -> Service:
    launch.stack.callback(container.get_docker_client().client.close)
    wrapped = container.get_wrapped_container()
    log = ServiceLog(output_of(wrapped), launch.order.logs / f"{part.name}.log", launch.order.redactor)
    launch.stack.callback(_stop, wrapped, log)
    key = container.get_container_id()
    declared = part.described.ready
    ready = declared.model_copy(update={"command": tuple(fill(word, values) for word in declared.command)})
    return Service(part, published, ready, key, started_at(launch.engine, key), log)


def wait_for(engine: DockerClient, service: Service) -> None:
    """Return once `service` is ready; raises EnvironmentDown with stage `start` where it ends or stays silent."""

    def raise_if_ended() -> None:
        if error := down(engine, service, EnvironmentStage.START):
            raise error

    wait_until_ready(
        partial(_ask, engine, service),
        service.ready.limit_s,
        service=service.part.name,
        last_lines=service.log.last_lines,
        raise_if_ended=raise_if_ended,
    )


def _ask(engine: DockerClient, service: Service, timeout_s: float = TRY_S) -> str | None:
    """Ask once whether `service` is ready; return what is wrong, or None. The engine bounds the time of a command."""
    if not service.ready.command:
        return answers(service.url, service.ready, timeout_s)
    words = " ".join(service.ready.command)
    try:
        code, said = run_inside(engine, service.container, service.ready.command)
    except ENGINE_ERRORS as err:
        return f"`{words}` cannot be run in it: {err}"
    return None if code == 0 else f"`{words}` ended in it with exit code {code}: {said}"


def run_inside(engine: DockerClient, container: str, command: Sequence[str]) -> tuple[int, str]:
    """Run `command` in `container`; return its exit code and what it said. Raises one of ENGINE_ERRORS."""
    run = engine.api.exec_create(container, list(command))["Id"]
    said = engine.api.exec_start(run)
    return int(engine.api.exec_inspect(run)["ExitCode"]), said.decode(errors="replace").strip()


def run_beside(engine: DockerClient, service: Service, command: Sequence[str]) -> str:
    """Run `command` in the container of `service`; see Running.run_beside. The engine bounds its time."""
    try:
        run = engine.api.exec_create(service.container, list(command))["Id"]
        told, complaint = engine.api.exec_start(run, demux=True)
        code = int(engine.api.exec_inspect(run)["ExitCode"])
    except ENGINE_ERRORS as err:
        raise not_run(service.part.name, command, f"the container engine refused: {err}") from err
    if code != 0:
        why = (complaint or b"").decode(errors="replace").strip()
        raise not_run(service.part.name, command, f"it ended with exit code {code}: {why}")
    return (told or b"").decode("utf-8", errors="replace")


def raise_if_silent(engine: DockerClient, service: Service) -> None:
    """Return when `service` still answers as declared; raises EnvironmentDown with stage `run` otherwise."""
    reason = _ask(engine, service)
    if reason is None:
        return
    # A program that dies closes its sockets first: give it the moment that it takes to be gone.
    deadline = time.monotonic() + _LAST_WORDS_S
    while time.monotonic() < deadline:
        if error := down(engine, service, EnvironmentStage.RUN):
            raise error
        time.sleep(_LOOK_AGAIN_S)
    name = service.part.name
    raise EnvironmentDown(
        f"{name} does not answer any more",
        with_last_lines(reason, service.log.last_lines()),
        f"read the whole log of {name}: the container stands, the service in it is stuck",
        stage=EnvironmentStage.RUN,
        root=EnvironmentCause.UNREACHABLE,
        service=name,
    )


def down(engine: DockerClient, service: Service, stage: EnvironmentStage) -> EnvironmentDown | None:
    """Return the error that tells how the service ended, None while its container stands as it was started."""
    end = ending(engine, service.container, service.started)
    if end is None:
        return None
    service.log.finish(_LAST_WORDS_S)
    name = service.part.name
    before = "before it was ready" if stage is EnvironmentStage.START else "while it was being tested"
    return EnvironmentDown(
        f"{name} {end.words} {before}",
        with_last_lines(f"container {service.container[:12]} {end.words}", service.log.last_lines()),
        _FIXES[end.root],
        stage=stage,
        root=end.root,
        service=name,
    )


def _stop(container: Container, log: ServiceLog) -> None:
    with suppress(*ENGINE_ERRORS):
        container.stop(timeout=_STOP_LIMIT_S)
    log.finish(_LAST_WORDS_S)
