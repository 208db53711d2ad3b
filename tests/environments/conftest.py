"""A listener that remembers, a way to ask for processes, and a tiny system whose service does as it is told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from docker import DockerClient
from tests.conftest import WHEEL, pack
from tests.engine_fixtures import Heard

from epjgate.environments.engine import RUN_LABEL, marked
from epjgate.environments.interface import Order
from epjgate.environments.process import ProcessEnvironment
from epjgate.model.redaction import Redactor
from epjgate.model.system import System

TINY = ("python3", "-c", Path(__file__).with_name("tiny_container.py").read_text().replace("$", "$$"))


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
def systems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of systems with one in it, `tiny`, whose release is a wheel beside its description."""
    folder = tmp_path_factory.mktemp("systems")
    (folder / "tiny").mkdir()
    pack(folder / "tiny" / WHEEL)
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
def dead_owner() -> str:
    """The owner label of a process that has ended."""
    whose = "from epjgate.environments.engine import this_process; print(this_process(), end='')"
    return subprocess.check_output([sys.executable, "-c", whose], text=True)
