"""The container engine, for tests that need one: where there is none they are reported as not run, never passed."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from docker import DockerClient

from epjgate.environments.catalogue import load_system
from epjgate.environments.engine import connected, engine_status
from epjgate.environments.image_recipe import BuildSite
from epjgate.environments.images import BuiltImage, build_images, default_ca_bundle

SYSTEMS = Path(__file__).parents[1] / "fixtures" / "systems"


class Heard:
    """A listener that keeps what it was told."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def step(self, text: str) -> None:
        """Keep `text`."""
        self.steps.append(text)


@pytest.fixture(scope="session")
def engine() -> Iterator[DockerClient]:
    """A connection to the container engine; without one the test is not run, or fails where an engine is required."""
    status = engine_status()
    if not status.reachable:
        words = f"NOT RUN: no container engine: {status.why_not}"
        if os.environ.get("EPJGATE_REQUIRE_ENGINE") == "1":
            pytest.fail(words, pytrace=False)
        pytest.skip(words)
    with connected() as connection:
        yield connection


@pytest.fixture(scope="session")
def sekmet_images(engine: DockerClient, tmp_path_factory: pytest.TempPathFactory) -> tuple[BuiltImage, ...]:
    """The images of SEKMET 0.1.0 and 0.1.1, made for real where the engine does not have them yet."""
    assert engine.ping()
    fixtures = Path(__file__).parents[1] / "fixtures"
    site = BuildSite(
        systems=fixtures / "systems",
        images=fixtures / "images",
        logs=tmp_path_factory.mktemp("builds"),
        ca_bundle=default_ca_bundle(),
    )
    return build_images(site, load_system(site.systems, "sekmet"), ["0.1.0", "0.1.1"], Heard())


@pytest.fixture
def cut_engine(engine: DockerClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Leads this test to the real engine by a way that it can cut: connections are closed, new ones refused."""
    if engine.api.base_url != "http+docker://localhost":
        pytest.skip("NOT RUN: the way to the engine can only be cut where it is a socket of this machine")
    front = socket.create_server(("127.0.0.1", 0))
    ends: list[socket.socket] = []

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                near, _peer = front.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(vars(engine.api.get_adapter("http+docker://"))["socket_path"])
                ends.extend((near, far))
                threading.Thread(target=pump, args=(near, far), daemon=True).start()
                threading.Thread(target=pump, args=(far, near), daemon=True).start()

    def cut() -> None:
        # shutdown wakes the threads that wait; close alone would leave them waiting.
        for end in (front, *ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    threading.Thread(target=accept, daemon=True).start()
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{front.getsockname()[1]}")
    yield cut
    cut()
