"""A whole small project to gate: a service of a few lines, a suite, a policy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# How long an example takes says something about the machine, not about the code.
settings.register_profile("epjgate", deadline=None)
settings.load_profile("epjgate")

pytest_plugins = ["tests.standstill", "tests.engine_fixtures", "tests.incident_fixtures", "tests.contract_fixtures"]

HERE = Path(__file__).parent
EPJGATE = Path(sys.executable).with_name("epjgate")
WHEEL = "tiny_service-1.0-py3-none-any.whl"

SYSTEM = f"""
schema_version = "epjgate/system/1"
name = "tiny"
title = "Tiny"

[services.desk]
ready = {{ path = "/ready", limit_s = 20 }}
process = {{ command = ["tiny-service", "${{port}}", "serves"] }}

[interfaces.http]
service = "desk"

[capabilities]
patients = "http"

[absent]
surgery = "the tiny clinic has no theatre"

[releases."1.0".process]
packages = ["./{WHEEL}"]
[releases."0.9".process]
packages = ["./{WHEEL}"]
"""
SUITE = """
schema_version = "epjgate/suite/1"
title = "The desk answers"
title_da = "Skranken svarer"
about = "What the desk must do."
"""
POLICY = """
schema_version = "epjgate/policy/1"
[suites_executed]
required = ["desk"]
[contract_changes]
without_baseline = "accept"
[suites_sensitive]
without_measurement = "accept"
"""
FLOORS = """
schema_version = "epjgate/floors/1"
[floors.tiny]
desk = 1
"""
CONFTEST = """
import pytest
from epjgate.drivers.http import RecordedSession

@pytest.fixture
def desk(target, recorder):
    with RecordedSession(target.url("http"), recorder) as session:
        yield session
"""
GOOD = '''
def test_the_desk_is_open(desk):
    """The desk answers who asks."""
    assert desk.request("GET", "/ready").status == 200
'''
LONG = """
import pathlib, time

def test_takes_long(desk):
    assert desk.request("GET", "/ready").status == 200
    pathlib.Path({begun!r}).write_text("begun")
    time.sleep(60)
"""


@dataclass
class Project:
    """A checkout with a tiny system; `run` gates it by the real command line."""

    root: Path
    env: Mapping[str, str]
    bundles: list[Path] = field(default_factory=list)

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def suite(self, text: str) -> None:
        """Let the suite `desk` hold these tests and no others."""
        self.write("suites/desk/test_desk.py", text)

    def long_suite(self) -> Path:
        """Let the suite wait in the middle of a test; the file returned appears when it has come there."""
        begun = self.root / "begun"
        self.suite(LONG.format(begun=str(begun)))
        return begun

    def start(self, *arguments: str, folder: Path | None = None) -> subprocess.Popen[str]:
        """Start `epjgate run` on the tiny system; its bundle is the last of `bundles`."""
        self.bundles.append(folder or self.root / f"run{len(self.bundles)}")
        command = [str(EPJGATE), "run", "--system=tiny", "--candidate=1.0", "--seed=7"]
        return subprocess.Popen(
            [*command, f"--out={self.bundles[-1]}", *arguments],
            cwd=self.root,
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `epjgate run` on the tiny system to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start any `epjgate` command in the project."""
        return subprocess.Popen(
            [EPJGATE, *arguments],
            cwd=self.root,
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def epjgate(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run any `epjgate` command in the project."""
        return subprocess.run(
            [EPJGATE, *arguments], cwd=self.root, env=self.env, text=True, capture_output=True, check=False, timeout=120
        )

    @property
    def bundle(self) -> Path:
        """The bundle of the last run."""
        return self.bundles[-1]

    def verdict(self) -> dict[str, Any]:
        """The verdict of the last run, as its file has it."""
        found: dict[str, Any] = json.loads(next(self.bundle.rglob("verdict.json")).read_text(encoding="utf-8"))
        return found


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where releases are installed: once for the session, or once for all where EPJGATE_CACHE says where."""
    kept = os.environ.get("EPJGATE_CACHE")
    return Path(kept) if kept else tmp_path_factory.mktemp("cache")


@pytest.fixture
def project(tmp_path: Path, cache: Path) -> Project:
    """A project whose only suite has one test, which passes."""
    root = tmp_path / "project"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "EPJGATE_"))}
    env |= {"EPJGATE_CACHE": str(cache), "EPJGATE_STATE": str(tmp_path / "state"), "COLUMNS": "100"}
    made = Project(root, env)
    made.write("pyproject.toml", '[tool.epjgate]\nsystem = "tiny"\ncandidate = "1.0"\n')
    made.write("fixtures/systems/tiny/system.toml", SYSTEM)
    pack(root / "fixtures/systems/tiny" / WHEEL)
    made.write("suites/pytest.toml", (HERE.parent / "suites/pytest.toml").read_text(encoding="utf-8"))
    made.write("suites/conftest.py", CONFTEST)
    made.write("suites/desk/suite.toml", SUITE)
    made.write("ci/policy.toml", POLICY)
    made.write("ci/floors.toml", FLOORS)
    made.suite(GOOD)
    return made


def pack(wheel: Path) -> None:
    """Make a wheel of the tiny service; a fixed date makes the same wheel, and the same cache entry, every time."""
    about = "tiny_service-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in (
            ("tiny_service.py", (HERE / "environments/tiny_service.py").read_text(encoding="utf-8")),
            (f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny-service\nVersion: 1.0\n"),
            (f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
            (f"{about}/entry_points.txt", "[console_scripts]\ntiny-service = tiny_service:main\n"),
            (f"{about}/RECORD", ""),
        ):
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text)


@pytest.fixture
def wait_for() -> Callable[[Callable[[], bool]], None]:
    """Wait until something holds, at most a minute."""
    import time

    def wait(holds: Callable[[], bool]) -> None:
        for _ in range(600):
            if holds():
                return
            time.sleep(0.1)
        pytest.fail("it did not happen within a minute")

    return wait
