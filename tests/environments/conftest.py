"""A listener that remembers, a way to ask for processes, and a tiny system whose service does as it is told."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from epjgate.environments.interface import Order
from epjgate.environments.process import ProcessEnvironment
from epjgate.model.redaction import Redactor
from epjgate.model.system import System

WHEEL = "tiny_service-1.0-py3-none-any.whl"
SERVICE = Path(__file__).with_name("tiny_service.txt")


class Heard:
    """A listener that keeps what it was told."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def step(self, text: str) -> None:
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
