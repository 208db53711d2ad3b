"""The doctor finds what is missing, changes nothing, and cleans only when asked to."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from docker import DockerClient

from epjgate.environments.doctor import (
    SCARCE_BYTES,
    TOO_LITTLE_BYTES,
    Check,
    State,
    ca_bundle,
    clean,
    disk,
    examine,
    left_processes,
    package_registry,
    python,
    venv,
)
from epjgate.environments.engine import OWNER_LABEL, RUN_LABEL, labels, marked
from epjgate.environments.images import CA_VARIABLES
from epjgate.environments.ledger import Ledger

KILLED_RUN = """
import os, signal, sys
from pathlib import Path
from epjgate.environments.ledger import Ledger
Ledger(Path(sys.argv[1]), "run7").make_folder("his")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where pip looks for packages; it holds `tiny`."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    with zipfile.ZipFile(folder / "tiny-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("tiny-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The folder of ledgers, with the one of a run that was killed in it."""
    folder = tmp_path / "state"
    subprocess.run([sys.executable, "-c", KILLED_RUN, str(folder)], check=False)
    return folder


def by_name(checks: tuple[Check, ...]) -> dict[str, Check]:
    found = {check.name: check for check in checks}
    assert len(found) == len(checks)
    return found


def test_an_old_python_is_missing() -> None:
    """Python 3.11 is the oldest that will do."""
    assert python((3, 10, 9)).state is State.MISSING
    assert python((3, 11, 0)).state is State.OK
    assert python().state is State.OK


def test_a_python_that_cannot_make_environments_is_missing() -> None:
    """Debian's python3 comes without; the module and the package are named."""
    check = venv(("venv", "no_such_module"))
    assert check.state is State.MISSING
    assert "no_such_module" in check.found
    assert "python3-venv" in check.fix
    assert venv(("venv",)).state is State.OK


@pytest.mark.usefixtures("wheels")
def test_a_package_registry_is_tried_as_pip_would() -> None:
    """Whether pip can fetch it is found by letting pip fetch it, and its own last words are the reason."""
    assert package_registry("tiny").state is State.OK
    check = package_registry("absent-package")
    assert check.state is State.WARNING
    assert "absent-package" in check.found.partition(": ")[2]


def test_a_ca_bundle_that_is_not_there_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that names no file breaks every connection; one that names a file, or none, is well."""
    for name in CA_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert ca_bundle().state is State.OK
    monkeypatch.setenv("PIP_CERT", str(tmp_path))
    assert (ca_bundle().state, str(tmp_path) in ca_bundle().found) == (State.OK, True)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    assert ca_bundle().state is State.MISSING
    assert "SSL_CERT_FILE" in ca_bundle().found


@pytest.mark.parametrize(
    ("free", "state"),
    [
        (TOO_LITTLE_BYTES - 1, State.MISSING),
        (TOO_LITTLE_BYTES, State.WARNING),
        (SCARCE_BYTES - 1, State.WARNING),
        (SCARCE_BYTES, State.OK),
    ],
)
def test_a_disk_without_room_is_told_before_it_is_full(
    free: int, state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scarce room warns, too little is missing; a folder that is not there yet is measured where it will be."""
    asked = []

    def usage(path: Path) -> SimpleNamespace:
        asked.append(path)
        return SimpleNamespace(free=free)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    assert disk("disk", tmp_path / "not" / "yet").state is state
    assert asked == [tmp_path]


def test_processes_of_a_dead_run_are_found_and_those_of_a_living_one_are_not(state: Path, tmp_path: Path) -> None:
    """Only a ledger that nobody holds counts; looking at it changes nothing."""
    ledger = Ledger(state, "alive")
    try:
        check = left_processes(state)
        assert check == left_processes(state)
    finally:
        ledger.clear()
    assert check.state is State.WARNING
    assert "run7" in check.found
    assert "alive" not in check.found
    assert check.fix == "epjgate doctor --clean"
    assert left_processes(tmp_path / "nothing").state is State.OK


def test_cleaning_removes_what_a_dead_run_left(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what it removed, also where no engine answers, and the next examination finds nothing."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    (said,) = clean(state)
    assert said.startswith("removed folder")
    assert "run7" in said
    assert left_processes(state).state is State.OK


@pytest.mark.usefixtures("wheels")
def test_without_an_engine_the_rest_is_still_examined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that is away is a warning with its reason and a fix; nothing raises."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    checks = by_name(examine(tmp_path, tmp_path, package="tiny"))
    for name in ("container engine", "base image", "leftovers of dead runs: containers"):
        assert checks[name].state is State.WARNING
        assert checks[name].fix
    assert checks["package registry"].state is State.OK


@pytest.mark.containers
@pytest.mark.usefixtures("wheels", "sekmet_images")
def test_an_engine_is_examined_and_cleaned(engine: DockerClient, run_id: str, tmp_path: Path, dead_owner: str) -> None:
    """What dead runs left in the engine is named, stays until cleaning is asked for, and is gone then."""
    name = "leftovers of dead runs: containers"
    engine.networks.create(run_id, labels={**labels(run_id), OWNER_LABEL: dead_owner})
    checks = by_name(examine(tmp_path, tmp_path, package="tiny"))
    assert checks["container engine"].state is State.OK
    assert checks["base image"].state is State.OK
    assert checks[name].state is State.WARNING
    assert f"network {run_id} of run {run_id}" in checks[name].found
    assert f"removed network {run_id} of run {run_id}" in clean(tmp_path)
    assert marked(engine, f"{RUN_LABEL}={run_id}") == ()
    assert run_id not in by_name(examine(tmp_path, tmp_path, package="tiny"))[name].found
