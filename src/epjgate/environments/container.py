"""Runs a release as containers: a network of its own, public ports on this machine only, nothing left behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from docker import DockerClient
from testcontainers.core.config import testcontainers_config
from testcontainers.core.exceptions import ContainerConnectException
from testcontainers.core.network import Network

from epjgate.environments.container_parts import identity_of, parts_of
from epjgate.environments.container_service import (
    Launch,
    Part,
    Service,
    down,
    raise_if_silent,
    run_beside,
    start_service,
    wait_for,
)
from epjgate.environments.earlier import earlier_release_of
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
from epjgate.environments.interface import EnvironmentDown, Listener, Order, Running, not_run
from epjgate.environments.partner_reach import check_reach
from epjgate.environments.placeholders import free_port
from epjgate.environments.receivers import open_partners
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.identity import Identity
from epjgate.model.target import PARTNERS

_LOOK_EVERY_S = 1.0
_DOING = {EnvironmentStage.START: "started", EnvironmentStage.RUN: "worked with", EnvironmentStage.STOP: "stopped"}


class ContainerEnvironment:
    """Runs releases as containers in whatever Docker-compatible engine answers; pulls nothing by itself.

    `systems` holds the descriptions; `choose_port` returns a port that is free now, for a service to be published at.
    """

    def __init__(self, systems: Path, choose_port: Callable[[], int] = free_port) -> None:
        self._systems = systems
        self._choose_port = choose_port

    @property
    def name(self) -> str:
        """The name of this kind of environment."""
        return "container"

    def identify(self, order: Order, listener: Listener) -> tuple[Identity, ...]:  # noqa: ARG002 (the port)
        """Return the image that the engine has now for each service; one that is out of date is refused."""
        with connected() as engine:
            return tuple(map(identity_of, parts_of(order, engine, self._systems)))

    def start(self, order: Order, listener: Listener) -> AbstractContextManager[Running]:
        """Start `order` as `Environment.start` promises: each service from the image id found when it began.

        What a killed run left behind in the engine is removed first.
        """
        return _started(order, listener, self._systems, self._choose_port)


class RunningContainers:
    """The containers of one start; the state of each is asked for at most once a second, an end is remembered."""

    def __init__(self, launch: Launch, services: tuple[Service, ...], systems: Path) -> None:
        self._launch = launch
        self._engine = launch.engine
        self._services = services
        self._systems = systems
        self._looked_at = time.monotonic()
        self._down: EnvironmentDown | None = None

    @property
    def urls(self) -> Mapping[str, str]:
        """See Running.urls."""
        return {service.part.name: service.url for service in self._services if service.url}

    @property
    def ports(self) -> Mapping[str, Mapping[str, str]]:
        """See Running.ports."""
        return {service.part.name: service.ports for service in self._services}

    @property
    def identities(self) -> tuple[Identity, ...]:
        """See Running.identities."""
        return tuple(identity_of(service.part) for service in self._services)

    @property
    def disposable(self) -> bool:
        """See Running.disposable."""
        return True

    def run_beside(self, service: str, command: Sequence[str]) -> str:
        """See Running.run_beside."""
        found = next((one for one in self._services if one.part.name == service), None)
        if found is None:
            raise not_run(service, command, "there is no such service in the environment container")
        return run_beside(self._engine, found, command)

    def start_earlier(self, order: Order, listener: Listener) -> AbstractContextManager[Running]:
        """See Running.start_earlier."""
        name = earlier_release_of(order).service
        volumes_of = next(one.container for one in self._services if one.part.name == name)
        launch = replace(self._launch, order=order, listener=listener, prefix="earlier-", volumes_of=volumes_of)
        # Its ports are its own, and all volumes come from the container that it shares them with.
        launch = replace(launch, ports={}, volumes={})
        return _started_beside(launch, self._systems)

    def raise_if_down(self) -> None:
        """See Running.raise_if_down."""
        if self._down is None and time.monotonic() - self._looked_at >= _LOOK_EVERY_S:
            seen = (down(self._engine, service, EnvironmentStage.RUN) for service in self._services)
            self._down = next(filter(None, seen), None)
            self._looked_at = time.monotonic()
        if self._down is not None:
            raise self._down

    def raise_if_silent(self) -> None:
        """See Running.raise_if_silent."""
        for service in self._services:
            raise_if_silent(self._engine, service)


@contextmanager
def _started(order: Order, listener: Listener, systems: Path, choose_port: Callable[[], int]) -> Iterator[Running]:
    for words in sweep_engine():
        listener.step(words)
    with connected() as engine, ExitStack() as stack:
        parts = parts_of(order, engine, systems)
        listener.step(choose_reaper(engine))
        ours = labels(order.run_id)
        # Found by its label and not by a handle: an interruption may come before there is a handle.
        stack.push(lambda _kind, err, _trace: clear_away(engine, f"{START_LABEL}={ours[START_LABEL]}", err))
        with refusals_told(order):
            network = network_of(ours)
            values = values_of(
                order, parts, open_partners(order, gateway_of(engine, network) if order.partners else "")
            )
            launch = Launch(order, listener, engine, ours, network, stack, choose_port, values)
            services = tuple(ready_service(part, launch) for part in parts)
            if order.partners is not None:
                check_reach(engine, services, order.partners.urls, listener)
        yield RunningContainers(launch, services, systems)


@contextmanager
def _started_beside(candidate: Launch, systems: Path) -> Iterator[Running]:
    """Start one service in the network of the candidate, whose end removes what is only stopped here."""
    how, order = earlier_release_of(candidate.order), candidate.order
    with ExitStack() as stack:
        part = next(one for one in parts_of(order, candidate.engine, systems) if one.name == how.service)
        command, env = (*part.container.command, *how.options), {**part.container.env, **how.env}
        part = replace(part, container=part.container.model_copy(update={"command": command, "env": env}))
        launch = replace(candidate, stack=stack, values={**candidate.values, "version": order.version})
        with refusals_told(order):
            service = ready_service(part, launch)
        yield RunningContainers(launch, (service,), systems)


@contextmanager
def refusals_told(order: Order, stage: EnvironmentStage = EnvironmentStage.START) -> Iterator[None]:
    """What the engine refuses is an EnvironmentDown with this `stage`."""
    try:
        yield
    except (*ENGINE_ERRORS, ContainerConnectException, TimeoutError) as err:
        raise EnvironmentDown(
            f"{order.system.name} {order.version} could not be {_DOING[stage]}",
            f"the container engine refused, or stopped answering: {err}",
            "run `epjgate doctor`; the engine's own log has the reason",
            stage=stage,
            root=EnvironmentCause.ENGINE,
        ) from err


def ready_service(part: Part, launch: Launch) -> Service:
    """Start one service; the next one may rely on it."""
    service = start_service(part, launch)
    launch.listener.step(f"waiting for {part.name}{f' at {service.url}' if service.url else ''}")
    wait_for(launch.engine, service)
    return service


def values_of(order: Order, parts: Sequence[Part], partners: Mapping[str, str]) -> dict[str, str]:
    """Return the placeholders that are the same for all services: these reach each other by their names."""
    urls = {f"url_of_{part.name}": f"http://{part.name}:{part.container.port}" for part in parts}
    return {"version": order.version, **urls, **partners}


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


def network_of(ours: dict[str, str]) -> Network:
    """Make a network that bears the labels `ours`; raises one of ENGINE_ERRORS."""
    network = Network(docker_client_kw={"timeout": ANSWER_LIMIT_S}, docker_network_kw={"labels": ours})
    network.name = f"epjgate-{ours[START_LABEL]}"
    return network.create()


def gateway_of(engine: DockerClient, network: Network) -> str:
    """Return the address by which containers in `network` reach this machine, where the engine runs on it."""
    pools = engine.api.inspect_network(network.name)["IPAM"]["Config"] or ()
    found = next((str(pool["Gateway"]) for pool in pools if pool.get("Gateway")), None)
    if found is None:
        raise EnvironmentDown(
            "the receiving systems cannot be played",
            f"the container engine names no gateway of the network {network.name}, so containers could not reach them",
            "use an engine that does (Docker's bridge networks have one), or the environment `process`",
            stage=EnvironmentStage.START,
            root=EnvironmentCause.ENGINE,
            service=PARTNERS,
        )
    # Podman and some engines add the length of the network's prefix.
    return found.partition("/")[0]


def clear_away(engine: DockerClient, label: str, err: BaseException | None) -> None:
    """Remove all that bears `label` (`name=value`); what cannot be removed is said, without hiding `err`.

    Where there is no `err` to add it to, it is an EnvironmentDown with stage `stop`.
    """
    try:
        _removed, left = remove(engine, marked(engine, label))
    except ENGINE_ERRORS as lost:
        left = (f"what bears the label {label} could not be removed: {lost}",)
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
