"""The container engine: how it is reached, what we mark in it, and what dead runs left there."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
from docker import DockerClient
from docker.errors import DockerException, NotFound
from requests import RequestException
from testcontainers.core.docker_client import DockerClient as EngineAddress
from urllib3.exceptions import HTTPError

from epjgate.environments.interface import EnvironmentDown
from epjgate.model.events import EnvironmentCause, EnvironmentStage

RUN_LABEL = "epjgate.run"
OWNER_LABEL = "epjgate.owner"
START_LABEL = "epjgate.start"
SITE_LABEL = "epjgate.site"

# Whatever a request to the engine can end in: its own refusals, a lost connection, a stream cut short.
ENGINE_ERRORS = (DockerException, RequestException, HTTPError)

ANSWER_LIMIT_S = 20
_STATUS_LIMIT_S = 3
# A pid is not used again within this time; a clock that is set moves start times by less.
_CLOCK_SLACK_S = 60
# What the SDK calls an engine behind a socket of this machine.
_SOCKET_URL = "http+docker://localhost"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_FIX = "start a Docker-compatible engine, or point DOCKER_HOST at one; `epjgate doctor` shows what was tried"


class Owner(StrEnum):
    """What is known of the process that made something in the engine."""

    ALIVE = "alive"
    DEAD = "dead"
    ELSEWHERE = "elsewhere"


class Kind(StrEnum):
    """What can be left in an engine, in the order in which it can be removed."""

    CONTAINER = "container"
    NETWORK = "network"
    VOLUME = "volume"


@dataclass(frozen=True)
class EngineStatus:
    """Whether an engine answers; `why_not` is empty where one does, `version` where none does."""

    reachable: bool
    version: str = ""
    why_not: str = ""


@dataclass(frozen=True)
class Marked:
    """Something in the engine that bears our labels; `key` is what the engine knows it by."""

    kind: Kind
    key: str
    name: str
    run_id: str
    owner: Owner

    def __str__(self) -> str:
        return f"{self.kind} {self.name} of run {self.run_id}"


def connect(*, limit_s: float = ANSWER_LIMIT_S) -> DockerClient:
    """Return a connection to the engine; the caller closes it. `limit_s` bounds the wait for each answer.

    The address is looked for where Docker's own client and testcontainers look: DOCKER_HOST, the active
    context, the default socket. Raises EnvironmentDown with stage `prepare` and root `engine`.
    """
    try:
        return EngineAddress(timeout=limit_s).client
    except ENGINE_ERRORS as err:
        raise EnvironmentDown(
            "the container engine cannot be reached",
            str(err),
            _FIX,
            stage=EnvironmentStage.PREPARE,
            root=EnvironmentCause.ENGINE,
        ) from err


@contextmanager
def connected(*, limit_s: float = ANSWER_LIMIT_S) -> Iterator[DockerClient]:
    """Hold a connection for as long as the context lasts; raises as `connect` does."""
    engine = connect(limit_s=limit_s)
    try:
        yield engine
    finally:
        engine.close()


def published_at() -> tuple[str, str]:
    """Return the address at which to publish ports, and the host name by which they are reached from here.

    An engine on this machine publishes at the loopback address only; one elsewhere has to be reached over the network.
    """
    address = EngineAddress(timeout=ANSWER_LIMIT_S)
    try:
        host = address.host()
    finally:
        address.client.close()
    return ("127.0.0.1", "127.0.0.1") if host in _LOOPBACK else ("0.0.0.0", host)  # noqa: S104 - see the promise


def engine_status() -> EngineStatus:
    """Ask the engine for its version; never raises, answers within seconds."""
    try:
        with connected(limit_s=_STATUS_LIMIT_S) as engine:
            return EngineStatus(reachable=True, version=str(engine.version()["Version"]))
    except EnvironmentDown as err:
        return EngineStatus(reachable=False, why_not=err.cause)
    except ENGINE_ERRORS as err:
        return EngineStatus(reachable=False, why_not=str(err))


def labels(run_id: str) -> dict[str, str]:
    """Return what everything that one start makes must bear: the run, its owner, and a name of this start alone."""
    return {RUN_LABEL: run_id, OWNER_LABEL: this_process(), START_LABEL: uuid4().hex[:12]}


def this_process() -> str:
    """Return `<host>:<pid>:<start time>`, which no other process ever has, here or on another host."""
    me = psutil.Process()
    return f"{_host()}:{me.pid}:{me.create_time():.2f}"


def owner_state(owner: str, *, local_engine: bool) -> Owner:
    """Return what is known of `owner`, written by `this_process`; what cannot be read is taken to live elsewhere.

    With a `local_engine` an owner of another boot lived before this machine started, so it is dead.
    """
    try:
        host, pid, started = owner.rsplit(":", 2)
        if host != _host():
            return Owner.DEAD if local_engine and _earlier_boot(host) else Owner.ELSEWHERE
        process = psutil.Process(int(pid))
        same = abs(process.create_time() - float(started)) < _CLOCK_SLACK_S
        return Owner.ALIVE if same and process.status() != psutil.STATUS_ZOMBIE else Owner.DEAD
    except psutil.NoSuchProcess:
        return Owner.DEAD
    except (ValueError, psutil.AccessDenied):
        return Owner.ELSEWHERE


def owner_of(engine: DockerClient, owner: str) -> Owner:
    """Return what is known of `owner`, which made something in `engine`."""
    return owner_state(owner, local_engine=engine.api.base_url == _SOCKET_URL)


def leftovers() -> tuple[Marked, ...]:
    """Return everything of ours in the engine whose owner does not live; raises as `connect` does."""
    with connected() as engine:
        return tuple(found for found in marked(engine, OWNER_LABEL) if found.owner is not Owner.ALIVE)


def sweep_engine() -> tuple[str, ...]:
    """Remove the containers, networks and volumes of dead runs; return a sentence for each.

    What a live process owns is left alone, and so is what belongs to another host or another process namespace,
    from where nobody can see whether its owner lives. Raises EnvironmentDown where no engine answers.
    """
    with connected() as engine:
        try:
            dead = (found for found in marked(engine, OWNER_LABEL) if found.owner is Owner.DEAD)
            removed, left = remove(engine, dead)
            return removed + left
        except ENGINE_ERRORS as err:
            raise EnvironmentDown(
                "what dead runs left in the container engine could not be removed",
                str(err),
                _FIX,
                stage=EnvironmentStage.PREPARE,
                root=EnvironmentCause.ENGINE,
            ) from err


def marked(engine: DockerClient, label: str) -> tuple[Marked, ...]:
    """Return what bears `label` (`name` or `name=value`), containers first, as they hold the rest.

    Raises one of ENGINE_ERRORS.
    """
    filters = {"label": label}
    local = engine.api.base_url == _SOCKET_URL
    found = [
        *((Kind.CONTAINER, item) for item in engine.api.containers(all=True, filters=filters)),
        *((Kind.NETWORK, item) for item in engine.api.networks(filters=filters)),
        *((Kind.VOLUME, item) for item in engine.api.volumes(filters=filters)["Volumes"] or ()),
    ]
    return tuple(_marked(kind, item, local_engine=local) for kind, item in found)


def remove(engine: DockerClient, things: Iterable[Marked]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Remove `things` in the order given; return what was removed and what could not be, a sentence for each.

    What is gone already is passed over in silence. Raises one of ENGINE_ERRORS when the connection is lost.
    """
    removed, left = [], []
    for thing in things:
        try:
            _remove(engine, thing)
        except NotFound:
            continue
        except DockerException as err:
            left.append(f"could not remove {thing}: {err}")
        else:
            removed.append(f"removed {thing}")
    return tuple(removed), tuple(left)


def _marked(kind: Kind, item: Any, *, local_engine: bool) -> Marked:
    bears = item["Labels"]
    name = item["Names"][0].lstrip("/") if kind is Kind.CONTAINER else item["Name"]
    return Marked(
        kind=kind,
        key=item["Name"] if kind is Kind.VOLUME else item["Id"],
        name=name,
        run_id=bears.get(RUN_LABEL, "unknown"),
        owner=owner_state(bears.get(OWNER_LABEL, ""), local_engine=local_engine),
    )


def _remove(engine: DockerClient, thing: Marked) -> None:
    match thing.kind:
        case Kind.CONTAINER:
            engine.api.remove_container(thing.key, v=True, force=True)
        case Kind.NETWORK:
            engine.api.remove_network(thing.key)
        case Kind.VOLUME:
            engine.api.remove_volume(thing.key, force=True)


def _host() -> str:
    """Return `<boot>/<process namespace>`: two containers of one machine share the boot, not the pids."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return platform.node()


def _earlier_boot(host: str) -> bool:
    """Return whether `host` surely names another boot; a bare host name may change while the machine runs."""
    boot, _, namespace = host.partition("/")
    here, _, namespace_here = _host().partition("/")
    return bool(namespace and namespace_here) and boot != here
