"""Looks at everything that a run needs from its surroundings, and says what is missing and how to mend it."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from docker.errors import ImageNotFound

from epjgate.environments.debian_base import FROM_PACKAGES, OFFICIAL, missing_for_debootstrap, registry_silence
from epjgate.environments.engine import (
    ENGINE_ERRORS,
    EngineStatus,
    Marked,
    Owner,
    connected,
    engine_status,
    leftovers,
    sweep_engine,
)
from epjgate.environments.images import CA_VARIABLES
from epjgate.environments.interface import EnvironmentDown
from epjgate.environments.ledger import sweep

OLDEST_PYTHON = (3, 11)
# A release with its dependencies takes 0.4 GB, an image on its way into the engine 1 GB.
SCARCE_BYTES = 2 * 10**9
TOO_LITTLE_BYTES = 5 * 10**8

_PIP_LIMIT_S = 30
_CLEAN = "epjgate doctor --clean"


class State(StrEnum):
    """How it stands: with a `warning` the process environment still works, with something `missing` nothing does."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: what was found, and what to do about it, empty where nothing needs to be done."""

    name: str
    state: State
    found: str
    fix: str = ""


def examine(cache: Path, state: Path, *, package: str) -> tuple[Check, ...]:
    """Look at this machine; changes nothing, never raises, takes a minute at most.

    `cache` is where releases are installed, `state` where the ledgers are; `package` names a Python package by which
    the package registry is tried.
    """
    engine = engine_status()
    return (
        python(),
        venv(),
        package_registry(package),
        ca_bundle(),
        disk("disk for the cache", cache),
        disk("disk for temporary files", Path(tempfile.gettempdir())),
        _engine(engine),
        _base_image(engine),
        _debootstrap(),
        left_processes(state),
        _left_in_engine(engine),
    )


def clean(state: Path) -> tuple[str, ...]:
    """Clear away what dead runs left, as processes and in the engine; return in words what was done and what is left.

    Raises EnvironmentDown where an engine answers and then stops doing so.
    """
    return (*sweep(state), *(sweep_engine() if engine_status().reachable else ()))


def python(version: tuple[int, ...] = sys.version_info[:3]) -> Check:
    """Whether this Python is new enough."""
    found = f"{platform.python_implementation()} {'.'.join(map(str, version))}"
    if version >= OLDEST_PYTHON:
        return Check("Python", State.OK, found)
    return Check("Python", State.MISSING, found, f"use Python {'.'.join(map(str, OLDEST_PYTHON))} or newer")


def venv(modules: tuple[str, ...] = ("venv", "ensurepip")) -> Check:
    """Whether this Python can make environments; Debian ships `ensurepip` apart."""
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if not missing:
        return Check("venv", State.OK, "this Python can make virtual environments")
    fix = "apt-get install python3-venv (Debian), or use a Python that is complete"
    return Check("venv", State.MISSING, f"this Python lacks {' and '.join(missing)}", fix)


def package_registry(package: str) -> Check:
    """Whether pip can fetch `package` with the settings that it has here."""
    why_not = _why_not_fetched(package)
    if why_not is None:
        return Check("package registry", State.OK, f"pip fetches {package}")
    fix = "check pip's settings (index-url, proxy, cert); releases that are in the cache still run"
    return Check("package registry", State.WARNING, f"pip cannot fetch {package}: {why_not}", fix)


def _why_not_fetched(package: str) -> str | None:
    options = ("--no-deps", "--no-cache-dir", "--no-input", "--quiet", "--disable-pip-version-check", "--retries=0")
    with tempfile.TemporaryDirectory(prefix="epjgate-doctor-") as folder:
        command = [sys.executable, "-m", "pip", "download", *options, "--timeout=5", "--dest", folder, package]
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_PIP_LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired:
            return f"no answer within {_PIP_LIMIT_S} s"
    if done.returncode == 0:
        return None
    said = done.stderr.strip().splitlines()
    return said[-1] if said else f"it ended with exit code {done.returncode}"


def ca_bundle() -> Check:
    """Whether every CA bundle that the environment variables name is there."""
    named = {name: Path(os.environ[name]) for name in CA_VARIABLES if os.environ.get(name)}
    broken = [f"{name}={path}" for name, path in named.items() if not path.exists()]
    if broken:
        found = f"there is no such file: {', '.join(broken)}"
        return Check("CA bundle", State.MISSING, found, "correct the variable, or unset it")
    told = ", ".join(f"{name}={path}" for name, path in named.items())
    return Check("CA bundle", State.OK, told or "none is named; the authorities that come with Python are trusted")


def disk(name: str, folder: Path) -> Check:
    """Whether there is room at `folder`, or where it is going to be."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    found = f"{free / 10**9:.1f} GB free at {folder}"
    if free >= SCARCE_BYTES:
        return Check(name, State.OK, found)
    fix = f"free {SCARCE_BYTES / 10**9:.0f} GB there, or choose another folder"
    return Check(name, State.WARNING if free >= TOO_LITTLE_BYTES else State.MISSING, found, fix)


def left_processes(state: Path) -> Check:
    """Whether a ledger lies in `state` that no living run holds."""
    name = "leftovers of dead runs: processes"
    abandoned = [path.stem for path in sorted(state.glob("*.jsonl")) if not _held(path)]
    if not abandoned:
        return Check(name, State.OK, "none")
    return Check(name, State.WARNING, f"the ledgers of {', '.join(abandoned)}", _CLEAN)


def _held(ledger: Path) -> bool:
    """Return whether a run holds the lock of `ledger`, which goes with its process."""
    try:
        with ledger.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _engine(status: EngineStatus) -> Check:
    name = "container engine"
    if status.reachable:
        return Check(name, State.OK, f"version {status.version}")
    fix = "start a Docker-compatible engine or set DOCKER_HOST; ci/engine.sh installs one on Debian"
    return Check(name, State.WARNING, f"none answers, so only the process environment works: {status.why_not}", fix)


def _base_image(status: EngineStatus) -> Check:
    name = "base image"
    if not status.reachable:
        return Check(name, State.WARNING, "not looked for: no container engine answers", "see container engine")
    held = [reference for reference in (OFFICIAL, FROM_PACKAGES) if _in_engine(reference)]
    if held:
        return Check(name, State.OK, f"{held[0]} is in the engine")
    why_not = registry_silence(OFFICIAL)
    if why_not is None:
        return Check(name, State.OK, f"{OFFICIAL} can be pulled")
    if not missing_for_debootstrap():
        return Check(name, State.OK, f"will be made from Debian packages, as no registry offers {OFFICIAL} ({why_not})")
    fix = "load an image into the engine and name it with --base, or install debootstrap and run as root"
    return Check(name, State.WARNING, f"no registry offers {OFFICIAL} ({why_not}), and none can be made", fix)


def _in_engine(reference: str) -> bool:
    try:
        with connected() as engine:
            engine.images.get(reference)
    except (ImageNotFound, EnvironmentDown, *ENGINE_ERRORS):
        return False
    return True


def _debootstrap() -> Check:
    missing = missing_for_debootstrap()
    if not missing:
        return Check("debootstrap", State.OK, "a base image can be made from Debian packages")
    found = f"there is {' and '.join(missing)}; only needed where no registry has a base image"
    return Check("debootstrap", State.WARNING, found, "apt-get install debootstrap, and build images as root")


def _left_in_engine(status: EngineStatus) -> Check:
    name = "leftovers of dead runs: containers"
    if not status.reachable:
        return Check(name, State.WARNING, "not looked for: no container engine answers", "see container engine")
    try:
        found = leftovers()
    except (EnvironmentDown, *ENGINE_ERRORS) as err:
        return Check(name, State.WARNING, f"the container engine stopped answering: {err}", "see container engine")
    dead = [thing for thing in found if thing.owner is Owner.DEAD]
    foreign = [thing for thing in found if thing.owner is Owner.ELSEWHERE]
    if dead:
        return Check(name, State.WARNING, _listed(dead), _CLEAN)
    if foreign:
        words = f"{_listed(foreign)}: of another host, so nobody here can tell whether their runs are over"
        return Check(name, State.WARNING, words, "run `epjgate doctor --clean` there, or remove them with docker")
    return Check(name, State.OK, "none")


def _listed(things: list[Marked]) -> str:
    return ", ".join(str(thing) for thing in things)
