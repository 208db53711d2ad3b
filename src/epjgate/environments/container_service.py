"""Starts one service as a container and tells what becomes of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from docker import DockerClient
from docker.errors import DockerException
from docker.models.containers import Container
from docker.models.images import Image
from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network

from epjgate.environments.container_ending import ending, started_at
from epjgate.environments.container_output import output_of
from epjgate.environments.engine import ANSWER_LIMIT_S, ENGINE_ERRORS, published_at
from epjgate.environments.interface import EnvironmentDown, Listener, Order
from epjgate.environments.placeholders import fill
from epjgate.environments.readiness import answers, wait_until_ready, with_last_lines
from epjgate.environments.service_log import ServiceLog
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.system import ContainerService, Readiness

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
    """One service that is to run: what its description asks for, and the image that the engine has for it."""

    name: str
    ready: Readiness
    described: ContainerService
    reference: str
    image: Image


@dataclass(frozen=True)
class Launch:
    """What all services of one start share; `stack` ends what has been begun, whatever happens."""

    order: Order
    listener: Listener
    engine: DockerClient
    labels: dict[str, str]
    network: Network
    stack: ExitStack
    choose_port: Callable[[], int]


@dataclass(frozen=True)
class Service:
    """One service that was started; `container` is its id, `started` the engine's time stamp of it."""

    part: Part
    url: str
    container: str
    started: str
    log: ServiceLog


def start_service(part: Part, launch: Launch, *, tries: int = _PORT_TRIES) -> Service:
    """Start one container and return it; it is up, but need not be ready.

    Its port is chosen beforehand, as the candidate must know its public URL; another one is chosen, `tries` times in
    all, where somebody took it meanwhile. Raises one of ENGINE_ERRORS when the engine refuses.
    """
    address, host = published_at()
    port = launch.choose_port()
    url = f"http://{host}:{port}"
    launch.listener.step(f"starting {part.reference} as {part.name} at {url}")
    container = _container(part, launch, address, port, url)
    try:
        container.start()
    except DockerException as err:
        container.stop()
        if tries <= 1 or not any(words in str(err) for words in _PORT_TAKEN):
            raise
    else:
        return _service(part, launch, container, url)
    launch.listener.step(f"port {port} was taken meanwhile; choosing another for {part.name}")
    return start_service(part, launch, tries=tries - 1)


def _container(part: Part, launch: Launch, address: str, port: int, url: str) -> DockerContainer:
    values = {"host": "0.0.0.0", "port": str(part.described.port), "url": url}  # noqa: S104 - inside the container
    container = DockerContainer(part.reference, docker_client_kw={"timeout": ANSWER_LIMIT_S})
    # Set here, as the constructor would put a site's registry prefix in front of the image id.
    container.image = str(part.image.id)
    container.env = {name: fill(text, values) for name, text in part.described.env.items()}
    container.ports = {f"{part.described.port}/tcp": (address, port)}  # type: ignore[dict-item]  # the engine takes both
    if part.described.command:
        container.with_command([fill(word, values) for word in part.described.command])
    container.with_name(f"{launch.network.name}-{part.name}").with_kwargs(labels=launch.labels)
    return container.with_network(launch.network).with_network_aliases(part.name)


def _service(part: Part, launch: Launch, container: DockerContainer, url: str) -> Service:
    launch.stack.callback(container.get_docker_client().client.close)
    wrapped = container.get_wrapped_container()
    log = ServiceLog(output_of(wrapped), launch.order.logs / f"{part.name}.log", launch.order.redactor)
    launch.stack.callback(_stop, wrapped, log)
    key = container.get_container_id()
    return Service(part, url, key, started_at(launch.engine, key), log)


def wait_for(engine: DockerClient, service: Service) -> None:
    """Return once `service` is ready; raises EnvironmentDown with stage `start` where it ends or stays silent."""

    def raise_if_ended() -> None:
        if error := down(engine, service, EnvironmentStage.START):
            raise error

    wait_until_ready(
        service.url,
        service.part.ready,
        service=service.part.name,
        last_lines=service.log.last_lines,
        raise_if_ended=raise_if_ended,
    )


def raise_if_silent(engine: DockerClient, service: Service) -> None:
    """Return when `service` still answers as declared; raises EnvironmentDown with stage `run` otherwise."""
    reason = answers(service.url, service.part.ready)
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
