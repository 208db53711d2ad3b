"""A listener that remembers, a way to ask for processes, and a tiny system whose service does as it is told."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from docker import DockerClient

from epjgate.environments.catalogue import load_system
from epjgate.environments.engine import RUN_LABEL, connected, engine_status, marked
from epjgate.environments.images import BuildSite, BuiltImage, build_images, default_ca_bundle
from epjgate.environments.interface import Order
from epjgate.environments.process import ProcessEnvironment
from epjgate.model.redaction import Redactor
from epjgate.model.system import System

WHEEL = "tiny_service-1.0-py3-none-any.whl"
SERVICE = Path(__file__).with_name("tiny_service.py")
TINY = ("python3", "-c", Path(__file__).with_name("tiny_container.py").read_text().replace("$", "$$"))


class Heard:
    """A listener that keeps what it was told."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def step(self, text: str) -> None:
        """Keep `text`."""
        self.steps.append(text)


@pytest.fixture
def heard() -> Heard:
    """A listener with its `steps`."""
    return Heard()


@pytest.fixture
def gone() -> Callable[[int], bool]:
    """Tells whether no process of this number runs any more."""

    def is_gone(pid: int) -> bool:
        try:
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    return is_gone


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where releases are installed: once for the session, or once for all where EPJGATE_CACHE says where."""
    kept = os.environ.get("EPJGATE_CACHE")
    return Path(kept) if kept else tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of systems with one in it, `tiny`, whose release is a wheel beside its description."""
    folder = tmp_path_factory.mktemp("systems")
    (folder / "tiny").mkdir()
    about = "tiny_service-1.0.dist-info"
    with zipfile.ZipFile(folder / "tiny" / WHEEL, "w") as wheel:
        for name, text in (
            ("tiny_service.py", SERVICE.read_text()),
            (f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny-service\nVersion: 1.0\n"),
            (f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
            (f"{about}/entry_points.txt", "[console_scripts]\ntiny-service = tiny_service:main\n"),
            (f"{about}/RECORD", ""),
        ):
            # A fixed date makes the same wheel, and so the same place in the cache, every time.
            wheel.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text)
    return folder


@pytest.fixture
def environment(cache: Path, tmp_path: Path, systems: Path) -> ProcessEnvironment:
    """The process environment, with a state folder of its own below `tmp_path`."""
    return ProcessEnvironment(cache, tmp_path / "state", systems)


@pytest.fixture
def order(tmp_path: Path) -> Callable[..., Order]:
    """Orders `tiny` with a behaviour for each of its services, named a, b, ... in this order."""

    def make(*behaviours: str, limit_s: float = 30, **process: object) -> Order:
        services = {
            chr(ord("a") + index): {
                "ready": {"path": "/ready", "limit_s": limit_s},
                "process": {"command": ["tiny-service", "${port}", behaviour], **process},
            }
            for index, behaviour in enumerate(behaviours)
        }
        system = System.model_validate(
            {
                "schema_version": "epjgate/system/1",
                "name": "tiny",
                "title": "Tiny",
                "services": services,
                "interfaces": {"http": {"service": "a"}},
                "releases": {"1.0": {"process": {"packages": [f"./{WHEEL}"]}}},
            }
        )
        return Order("run1", system, "1.0", system.releases["1.0"], tmp_path / "logs", Redactor(b"key"))

    return make


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
    fixtures = Path(__file__).parents[2] / "fixtures"
    site = BuildSite(
        systems=fixtures / "systems",
        images=fixtures / "images",
        logs=tmp_path_factory.mktemp("builds"),
        ca_bundle=default_ca_bundle(),
    )
    return build_images(site, load_system(site.systems, "sekmet"), ["0.1.0", "0.1.1"], Heard())


@pytest.fixture
def run_id() -> str:
    """The id of a run that no other test has."""
    return f"test-{uuid4().hex[:8]}"


@pytest.fixture
def left_in_engine(engine: DockerClient, run_id: str) -> Callable[[], list[str]]:
    """Tells what of this test's run is in the engine."""
    return lambda: [str(found) for found in marked(engine, f"{RUN_LABEL}={run_id}")]


@pytest.fixture
def container_order(tmp_path: Path, run_id: str) -> Callable[..., Order]:
    """Orders the tiny container service, or another `command`, in the image of the real candidate."""

    def make(*, image: str = "epjgate/sekmet:0.1.1", command: Sequence[str] = TINY, **ready: object) -> Order:
        container = {"port": 8090, "env": {"PUBLIC_URL": "${url}"}, "command": command}
        system = System.model_validate(
            {
                "schema_version": "epjgate/system/1",
                "name": "tiny",
                "title": "Tiny",
                "services": {"his": {"ready": {"path": "/", "limit_s": 30, **ready}, "container": container}},
                "interfaces": {"http": {"service": "his"}},
                "releases": {"1": {"container": {"images": {"his": image}}}},
            }
        )
        return Order(run_id, system, "1", system.releases["1"], tmp_path / "logs", Redactor(b"key"))

    return make


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


@pytest.fixture
def dead_owner() -> str:
    """The owner label of a process that has ended."""
    whose = "from epjgate.environments.engine import this_process; print(this_process(), end='')"
    return subprocess.check_output([sys.executable, "-c", whose], text=True)
