"""One service as a container: its port, its readiness, its silence."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Protocol

import pytest
import requests
from tests.engine_fixtures import SYSTEMS

from epjgate.environments.container import ContainerEnvironment
from epjgate.environments.interface import EnvironmentDown, Order
from epjgate.environments.placeholders import free_port
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.system import System

pytestmark = [pytest.mark.containers, pytest.mark.usefixtures("sekmet_images")]


class Heard(Protocol):
    """The listener of the fixture `heard`."""

    steps: list[str]

    def step(self, text: str) -> None:
        """Take note."""


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port at which somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        yield port


def test_the_candidate_is_told_its_public_url(container_order: Callable[..., Order], heard: Heard) -> None:
    """The URL in the candidate's environment is the one that the suites use."""
    with ContainerEnvironment(SYSTEMS).start(container_order(), heard) as running:
        assert requests.get(running.urls["his"], timeout=10).text == running.urls["his"]


def test_the_placeholders_of_a_command_are_where_to_listen(container_order: Callable[..., Order], heard: Heard) -> None:
    """In a container a service listens at every address, at the port that its description names."""
    order = container_order(command=["python3", "-m", "http.server", "--bind", "${host}", "${port}"])
    with ContainerEnvironment(SYSTEMS).start(order, heard) as running:
        running.raise_if_silent()


def test_a_port_that_was_taken_meanwhile_is_chosen_again(
    container_order: Callable[..., Order], heard: Heard, taken_port: int
) -> None:
    """Nobody holds a free port until it is used; losing it costs another try, and is said."""
    ports = iter([taken_port, taken_port])
    with ContainerEnvironment(SYSTEMS, lambda: next(ports, free_port())).start(container_order(), heard) as running:
        running.raise_if_silent()
    assert [str(taken_port) in step for step in heard.steps if "was taken meanwhile" in step] == [True, True]


def test_a_port_is_not_chosen_for_ever(
    container_order: Callable[..., Order],
    left_in_engine: Callable[[], list[str]],
    heard: Heard,
    taken_port: int,
) -> None:
    """After three ports that were taken the start is given up, and nothing is left of the tries."""
    order = container_order()
    with (
        pytest.raises(EnvironmentDown) as caught,
        ContainerEnvironment(SYSTEMS, lambda: taken_port).start(order, heard),
    ):
        pass
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.START, EnvironmentCause.ENGINE)
    assert len([step for step in heard.steps if step.startswith("starting")]) == 3
    assert left_in_engine() == []


def test_a_service_that_ends_before_it_is_ready_says_why(container_order: Callable[..., Order], heard: Heard) -> None:
    """The error of a failed start holds the exit code and the last log lines."""
    order = container_order(command=["sh", "-c", "echo no such table; exit 4"])
    with pytest.raises(EnvironmentDown) as caught, ContainerEnvironment(SYSTEMS).start(order, heard):
        pass
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.START, EnvironmentCause.CRASHED)
    assert "exit code 4 before it was ready" in caught.value.problem
    assert "no such table" in caught.value.cause


def test_a_service_that_never_becomes_ready_is_given_up(container_order: Callable[..., Order], heard: Heard) -> None:
    """Readiness is the declared answer, within the declared limit."""
    order = container_order(status=204, limit_s=1)
    with pytest.raises(EnvironmentDown) as caught, ContainerEnvironment(SYSTEMS).start(order, heard):
        pass
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.START, EnvironmentCause.UNREACHABLE)
    assert "answered 200" in caught.value.cause


def test_a_service_that_hangs_is_silent_and_not_ended(container_order: Callable[..., Order], heard: Heard) -> None:
    """A container that stands while its service answers no more is unreachable."""
    with ContainerEnvironment(SYSTEMS).start(container_order(), heard) as running:
        with pytest.raises(requests.Timeout):
            requests.get(f"{running.urls['his']}/hang", timeout=1)
        running.raise_if_down()
        with pytest.raises(EnvironmentDown) as caught:
            running.raise_if_silent()
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.RUN, EnvironmentCause.UNREACHABLE)


def test_a_service_that_ends_while_it_is_asked_is_not_only_silent(
    container_order: Callable[..., Order], heard: Heard
) -> None:
    """An end explains the silence: the last check blames the crash, not the connection that was refused."""
    with ContainerEnvironment(SYSTEMS).start(container_order(), heard) as running:
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{running.urls['his']}/exit/5", timeout=10)
        with pytest.raises(EnvironmentDown) as caught:
            running.raise_if_silent()
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.RUN, EnvironmentCause.CRASHED)


def system_of(order: Order, services: dict[str, Any], **tables: Any) -> Order:
    """Return `order` for these services, all of them in its one image."""
    (image,) = (order.release.container.images if order.release.container else {}).values()
    release = {"container": {"images": dict.fromkeys(services, image)}}
    described = {**order.system.model_dump(), **tables, "services": services, "releases": {"1": release}}
    system = System.model_validate(described)
    return replace(order, system=system, release=system.releases["1"])


SERVER = ("python3", "-m", "http.server", "--bind", "${host}", "${port}")


def test_a_service_that_nobody_asks_is_private_to_the_run(container_order: Callable[..., Order], heard: Heard) -> None:
    """It has no port on this machine, tells by a command when it is ready, and the next service reaches it by name."""
    order = container_order()
    his = order.system.services["his"].model_dump()
    fetch = "import urllib.request as r; r.urlopen('${url_of_db}', timeout=5)"
    db = {
        "ready": {"command": ["python3", "-c", "import urllib.request as r; r.urlopen('${url_of_db}')"]},
        "container": {"port": 8099, "command": SERVER},
    }
    his["container"]["command"] = [
        "sh",
        "-c",
        f'python3 -c "{fetch}" && exec "$$0" "$$@"',
        *his["container"]["command"],
    ]
    with ContainerEnvironment(SYSTEMS).start(system_of(order, {"db": db, "his": his}), heard) as running:
        running.raise_if_silent()
        assert set(running.urls) == {"his"}
        assert [identity.service for identity in running.identities] == ["db", "his"]
    assert next(step for step in heard.steps if step.startswith("waiting")) == "waiting for db"


def test_a_command_that_fails_inside_is_quoted(container_order: Callable[..., Order], heard: Heard) -> None:
    """What it said and how it ended comes with the error."""
    order = container_order()
    ready = {"command": ["sh", "-c", "echo no tables yet; exit 3"], "limit_s": 1}
    order = system_of(order, {"his": order.system.services["his"].model_dump() | {"ready": ready}})
    with pytest.raises(EnvironmentDown) as caught, ContainerEnvironment(SYSTEMS).start(order, heard):
        pass
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.START, EnvironmentCause.UNREACHABLE)
    assert "ended in it with exit code 3: no tables yet" in caught.value.cause


def test_a_further_port_is_published_for_its_interface(container_order: Callable[..., Order], heard: Heard) -> None:
    """The one that an interface names is reached from here; the other one stays inside."""
    order = container_order()
    his = order.system.services["his"].model_dump() | {"ports": {"further": 8097, "inner": 8098}}
    # It starts first: the engine takes connections for a port that nobody listens on yet, and drops them.
    answers = "python3 -c 'import socket; socket.create_connection((\"localhost\", ${port_further}))'"
    further = (
        f"python3 -m http.server --bind ${{host}} ${{port_further}} & until {answers} 2> /dev/null; do sleep 0.1; done;"
    )
    command = " ".join((further, *SERVER))
    his["container"]["command"] = ["sh", "-c", command]
    interfaces = {"http": {"service": "his"}, "also": {"service": "his", "port": "further"}}
    with ContainerEnvironment(SYSTEMS).start(system_of(order, {"his": his}, interfaces=interfaces), heard) as running:
        assert list(running.ports["his"]) == ["further"]
        assert requests.get(f"http://{running.ports['his']['further']}", timeout=10).status_code == 200
        assert running.urls["his"] != f"http://{running.ports['his']['further']}"
