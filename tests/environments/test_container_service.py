"""One service as a container: its port, its readiness, its silence."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Protocol

import pytest
import requests

from epjgate.environments.container import ContainerEnvironment
from epjgate.environments.interface import EnvironmentDown, Order
from epjgate.environments.placeholders import free_port
from epjgate.model.events import EnvironmentCause, EnvironmentStage

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
    with ContainerEnvironment().start(container_order(), heard) as running:
        assert requests.get(running.urls["his"], timeout=10).text == running.urls["his"]


def test_the_placeholders_of_a_command_are_where_to_listen(container_order: Callable[..., Order], heard: Heard) -> None:
    """In a container a service listens at every address, at the port that its description names."""
    order = container_order(command=["python3", "-m", "http.server", "--bind", "${host}", "${port}"])
    with ContainerEnvironment().start(order, heard) as running:
        running.raise_if_silent()


def test_a_port_that_was_taken_meanwhile_is_chosen_again(
    container_order: Callable[..., Order], heard: Heard, taken_port: int
) -> None:
    """Nobody holds a free port until it is used; losing it costs another try, and is said."""
    ports = iter([taken_port, taken_port])
    with ContainerEnvironment(lambda: next(ports, free_port())).start(container_order(), heard) as running:
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
        ContainerEnvironment(lambda: taken_port).start(order, heard),
    ):
        pass
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.START, EnvironmentCause.ENGINE)
    assert len([step for step in heard.steps if step.startswith("starting")]) == 3
    assert left_in_engine() == []


def test_a_service_that_ends_before_it_is_ready_says_why(container_order: Callable[..., Order], heard: Heard) -> None:
    """The error of a failed start holds the exit code and the last log lines."""
    order = container_order(command=["sh", "-c", "echo no such table; exit 4"])
    with pytest.raises(EnvironmentDown) as caught, ContainerEnvironment().start(order, heard):
        pass
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.START, EnvironmentCause.CRASHED)
    assert "exit code 4 before it was ready" in caught.value.problem
    assert "no such table" in caught.value.cause


def test_a_service_that_never_becomes_ready_is_given_up(container_order: Callable[..., Order], heard: Heard) -> None:
    """Readiness is the declared answer, within the declared limit."""
    order = container_order(status=204, limit_s=1)
    with pytest.raises(EnvironmentDown) as caught, ContainerEnvironment().start(order, heard):
        pass
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.START, EnvironmentCause.UNREACHABLE)
    assert "answered 200" in caught.value.cause


def test_a_service_that_hangs_is_silent_and_not_ended(container_order: Callable[..., Order], heard: Heard) -> None:
    """A container that stands while its service answers no more is unreachable."""
    with ContainerEnvironment().start(container_order(), heard) as running:
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
    with ContainerEnvironment().start(container_order(), heard) as running:
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{running.urls['his']}/exit/5", timeout=10)
        with pytest.raises(EnvironmentDown) as caught:
            running.raise_if_silent()
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.RUN, EnvironmentCause.CRASHED)
