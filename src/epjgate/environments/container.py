"""Runs a release as containers: a network of its own, public ports on this machine only, nothing left behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager

from docker import DockerClient
from docker.errors import ImageNotFound
from docker.models.images import Image
from testcontainers.core.config import testcontainers_config
from testcontainers.core.exceptions import ContainerConnectException
from testcontainers.core.network import Network

from epjgate.environments.container_service import Launch, Part, Service, down, raise_if_silent, start_service, wait_for
from epjgate.environments.engine import (
    ANSWER_LIMIT_S,
    ENGINE_ERRORS,
    START_LABEL,
    connected,
    labels,
    marked,
    remove,
    sweep_engine,
)
from epjgate.environments.interface import EnvironmentDown, Listener, Order, Running
from epjgate.environments.placeholders import free_port
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.manifest import DigestKind, Identity

_LOOK_EVERY_S = 1.0


class ContainerEnvironment:
    """Runs releases as containers in whatever Docker-compatible engine answers; pulls nothing by itself.

    `choose_port` returns a port that is free now, for a service to be published at.
    """

    def __init__(self, choose_port: Callable[[], int] = free_port) -> None:
        self._choose_port = choose_port

    @property
    def name(self) -> str:
        """The name of this kind of environment."""
        return "container"

    def start(self, order: Order, listener: Listener) -> AbstractContextManager[Running]:
        """Start `order` as `Environment.start` promises: each service from the image id found when it began.

        What a killed run left behind in the engine is removed first.
        """
        return _started(order, listener, self._choose_port)


class _RunningContainers:
    """The containers of one start; the state of each is asked for at most once a second, an end is remembered."""

    def __init__(self, engine: DockerClient, services: tuple[Service, ...]) -> None:
        self._engine = engine
        self._services = services
        self._looked_at = time.monotonic()
        self._down: EnvironmentDown | None = None

    @property
    def urls(self) -> Mapping[str, str]:
        return {service.part.name: service.url for service in self._services}

    @property
    def identities(self) -> tuple[Identity, ...]:
        return tuple(_identity(service.part) for service in self._services)

    @property
    def disposable(self) -> bool:
        return True

    def raise_if_down(self) -> None:
        if self._down is None and time.monotonic() - self._looked_at >= _LOOK_EVERY_S:
            seen = (down(self._engine, service, EnvironmentStage.RUN) for service in self._services)
            self._down = next(filter(None, seen), None)
            self._looked_at = time.monotonic()
        if self._down is not None:
            raise self._down

    def raise_if_silent(self) -> None:
        for service in self._services:
            raise_if_silent(self._engine, service)


@contextmanager
def _started(order: Order, listener: Listener, choose_port: Callable[[], int]) -> Iterator[Running]:
    for words in sweep_engine():
        listener.step(words)
    with connected() as engine, ExitStack() as stack:
        parts = tuple(_parts(order, engine))
        listener.step(choose_reaper(engine))
        ours = labels(order.run_id)
        # Found by its label and not by a handle: an interruption may come before there is a handle.
        stack.push(lambda _kind, err, _trace: _clear_away(engine, ours[START_LABEL], err))
        try:
            launch = Launch(order, listener, engine, ours, _network(ours), stack, choose_port)
            services = tuple(start_service(part, launch) for part in parts)
            for service in services:
                listener.step(f"waiting for {service.part.name} at {service.url}")
                wait_for(engine, service)
        except (*ENGINE_ERRORS, ContainerConnectException, TimeoutError) as err:
            raise EnvironmentDown(
                f"{order.system.name} {order.version} could not be started",
                f"the container engine refused, or stopped answering: {err}",
                "run `epjgate doctor`; the engine's own log has the reason",
                stage=EnvironmentStage.START,
                root=EnvironmentCause.ENGINE,
            ) from err
        yield _RunningContainers(engine, services)


def _parts(order: Order, engine: DockerClient) -> Iterator[Part]:
    images = order.release.container.images if order.release.container else {}
    for name, service in order.system.services.items():
        if service.container is None or name not in images:
            raise EnvironmentDown(
                f"{order.system.name} {order.version} cannot run as containers",
                f"its description does not say how {name} does: the service has no container table, or no image",
                f"add services.{name}.container and releases.'{order.version}'.container.images.{name} to system.toml",
                stage=EnvironmentStage.PREPARE,
                root=EnvironmentCause.SET_UP,
                service=name,
            )
        image = _image(engine, images[name], order, name)
        yield Part(name, service.ready, service.container, images[name], image)


def _image(engine: DockerClient, reference: str, order: Order, service: str) -> Image:
    try:
        return engine.images.get(reference)
    except ImageNotFound as err:
        raise EnvironmentDown(
            f"the image {reference} is not in the container engine",
            "nothing is pulled or built while a candidate is being judged",
            f"epjgate images build --system {order.system.name} --release {order.version}",
            stage=EnvironmentStage.PREPARE,
            root=EnvironmentCause.SET_UP,
            service=service,
        ) from err
    except ENGINE_ERRORS as err:
        raise EnvironmentDown(
            f"the image {reference} cannot be looked up",
            f"the container engine does not answer: {err}",
            "run `epjgate doctor`",
            stage=EnvironmentStage.PREPARE,
            root=EnvironmentCause.ENGINE,
            service=service,
        ) from err


def choose_reaper(engine: DockerClient) -> str:
    """Let testcontainers' own reaper help where its image is at hand, and say so; ours works in either case."""
    if testcontainers_config.ryuk_disabled:
        return "testcontainers' reaper is switched off; epjgate's own removes what dead runs leave"
    try:
        engine.images.get(testcontainers_config.ryuk_image)
    except ENGINE_ERRORS:
        testcontainers_config.ryuk_disabled = True
        missing = f"testcontainers' reaper ({testcontainers_config.ryuk_image}) is not in the engine"
        return f"{missing}: epjgate's own removes what dead runs leave"
    return f"testcontainers' reaper ({testcontainers_config.ryuk_image}) stands by, beside epjgate's own"


def _network(ours: dict[str, str]) -> Network:
    network = Network(docker_client_kw={"timeout": ANSWER_LIMIT_S}, docker_network_kw={"labels": ours})
    network.name = f"epjgate-{ours[START_LABEL]}"
    return network.create()


def _clear_away(engine: DockerClient, start: str, err: BaseException | None) -> None:
    """Remove all that bears the label of this start; what cannot be removed is said, without hiding `err`."""
    try:
        _removed, left = remove(engine, marked(engine, f"{START_LABEL}={start}"))
    except ENGINE_ERRORS as lost:
        left = (f"what epjgate-{start} names could not be removed: {lost}",)
    if not left:
        return
    fix = "`epjgate doctor --clean` removes it once this process has ended and the engine answers"
    if err is not None:
        err.add_note(f"{'; '.join(left)}\n  fix: {fix}")
        return
    raise EnvironmentDown(
        "the container environment could not be cleared away",
        "; ".join(left),
        fix,
        stage=EnvironmentStage.STOP,
        root=EnvironmentCause.ENGINE,
    )


def _identity(part: Part) -> Identity:
    names = (*part.image.tags, *(part.image.attrs.get("RepoDigests") or ()))
    digest = str(part.image.id)
    return Identity(service=part.name, reference=part.reference, digest=digest, kind=DigestKind.IMAGE, parts=names)
