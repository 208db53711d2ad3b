"""Who ended a container, asked of a real engine."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from docker import DockerClient

from epjgate.environments.container_ending import Ending, ending, started_at
from epjgate.environments.engine import connected
from epjgate.model.events import EnvironmentCause

pytestmark = [pytest.mark.containers, pytest.mark.usefixtures("sekmet_images")]

# Ends politely, with exit code 0, when it is asked to.
POLITE = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"]


@pytest.fixture
def run(engine: DockerClient, run_id: str) -> Iterator[Callable[[list[str]], Any]]:
    """Starts one container with the command given; it is removed afterwards."""

    def start(command: list[str]) -> Any:
        return engine.containers.run("epjgate/sekmet:0.1.1", command, name=run_id, detach=True)

    yield start
    for container in engine.containers.list(all=True, filters={"name": run_id}):
        container.remove(force=True, v=True)


def ended(engine: DockerClient, container: Any, started: str) -> Ending | None:
    """The ending as soon as there is one."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if end := ending(engine, container.id, started):
            return end
        time.sleep(0.05)
    return None


def test_a_container_that_runs_has_not_ended(engine: DockerClient, run: Callable[[list[str]], Any]) -> None:
    """While it stands there is nothing to tell."""
    container = run(POLITE)
    assert ending(engine, container.id, started_at(engine, container.id)) is None


@pytest.mark.parametrize("code", [0, 1, 139])
def test_an_end_that_nobody_asked_for_is_a_crash(
    code: int, engine: DockerClient, run: Callable[[list[str]], Any]
) -> None:
    """A service that ends by itself crashed, also one that says that all went well."""
    container = run(["sh", "-c", f"sleep 0.3; exit {code}"])
    end = ended(engine, container, started_at(engine, container.id))
    assert end == Ending(EnvironmentCause.CRASHED, f"ended by itself with exit code {code}")


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        pytest.param(lambda container: container.kill(), "SIGKILL", id="kill"),
        pytest.param(lambda container: container.stop(timeout=5), "stopped from outside (exit code 0)", id="stop"),
        pytest.param(lambda container: container.remove(force=True, v=True), "removed from outside", id="remove"),
        pytest.param(lambda container: container.pause(), "paused from outside", id="pause"),
        pytest.param(lambda container: container.restart(timeout=5), "restarted from outside", id="restart"),
        pytest.param(
            lambda container: os.kill(container.attrs["State"]["Pid"], signal.SIGKILL),
            "SIGKILL",
            id="kill without engine",
        ),
    ],
)
def test_what_somebody_does_from_outside_is_a_kill(
    harm: Callable[[Any], None], words: str, engine: DockerClient, run: Callable[[list[str]], Any]
) -> None:
    """Not the candidate's fault, whichever exit code it left."""
    container = run(POLITE)
    container.reload()
    started = started_at(engine, container.id)
    harm(container)
    end = ended(engine, container, started)
    assert end is not None
    assert end.root is EnvironmentCause.KILLED
    assert words in end.words


def test_want_of_memory_is_a_kill(engine: DockerClient, run_id: str) -> None:
    """The kernel that ends a container for its memory limit is named, as more memory may mend it."""
    eat = "x = []\nwhile True: x.append(bytearray(1 << 20))"
    container = engine.containers.run(
        "epjgate/sekmet:0.1.1", ["python3", "-c", eat], name=run_id, detach=True, mem_limit="32m", memswap_limit="32m"
    )
    try:
        end = ended(engine, container, started_at(engine, str(container.id)))
    finally:
        container.remove(force=True, v=True)
    assert end is not None
    assert end.root is EnvironmentCause.KILLED
    assert "memory" in end.words


def test_an_end_that_the_engine_did_not_record_is_the_engines(
    engine: DockerClient, run: Callable[[list[str]], Any]
) -> None:
    """An engine that was restarted remembers nothing of the end, so nobody can call it a crash."""

    class Forgetful:
        """An engine without a memory; everything else is the real one."""

        def __init__(self) -> None:
            self.api = self

        def inspect_container(self, container: str) -> Any:
            return engine.api.inspect_container(container)

        def events(self, **_which: object) -> Iterator[Any]:
            return iter(())

    container = run(["sh", "-c", "exit 255"])
    container.wait(timeout=30)
    end = ending(Forgetful(), container.id, started_at(engine, container.id))  # type: ignore[arg-type]  # a fake
    assert end is not None
    assert end.root is EnvironmentCause.ENGINE


def test_an_engine_that_is_gone_is_the_engines(
    engine: DockerClient, run: Callable[[list[str]], Any], cut_engine: Callable[[], None]
) -> None:
    """An engine that stops answering between two looks is the root cause, whatever becomes of the container."""
    container = run(POLITE)
    started = started_at(engine, container.id)
    with connected() as other:
        assert ending(other, container.id, started) is None
        cut_engine()
        end = ending(other, container.id, started)
    assert end is not None
    assert end.root is EnvironmentCause.ENGINE
