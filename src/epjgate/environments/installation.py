"""Installs a release into a Python environment of its own, kept in a cache and used again without the network."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from epjgate.environments.interface import EnvironmentDown, Listener
from epjgate.environments.ledger import Ledger
from epjgate.environments.readiness import LAST_LINES, with_last_lines
from epjgate.model.base import Value
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.system import ProcessRelease

MARKER = ".complete.json"
_REPORT = "pip-report.json"
_LIMIT_S = 1800
# What would make pip look at, or write to, another environment than the one it belongs to.
_MISLEADING = frozenset({"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_TARGET", "PIP_PREFIX", "PIP_USER"})


class Installed(Value):
    """What a complete installation holds: every archive, the main package first, and the digest over them.

    `digest` is the SHA-256 of the `parts`, one a line; empty where a part is no archive but a folder or a repository:
    then nobody can tell which bits were installed, and they are installed anew each time.
    """

    schema_version: Literal["epjgate/installed/1"] = "epjgate/installed/1"
    parts: tuple[str, ...]
    digest: str


class _Archive(BaseModel):
    hashes: dict[str, str] = {}


class _Download(BaseModel):
    archive_info: _Archive = _Archive()


class _Metadata(BaseModel):
    name: str
    version: str


class _Item(BaseModel):
    """One entry of pip's installation report (pip documentation, "Installation report", version 1)."""

    metadata: _Metadata
    download_info: _Download
    requested: bool

    def part(self) -> str:
        sha256 = self.download_info.archive_info.hashes.get("sha256")
        return f"{self.metadata.name} {self.metadata.version} {f'sha256:{sha256}' if sha256 else 'unknown'}"


class _Report(BaseModel):
    version: Literal["1"]
    install: tuple[_Item, ...]


class Installer:
    """Makes the environment of one release, or finds it complete in the `cache`."""

    def __init__(self, cache: Path, ledger: Ledger, listener: Listener) -> None:
        self._cache = cache
        self._ledger = ledger
        self._listener = listener

    def install(self, title: str, release: ProcessRelease, described_in: Path) -> tuple[Path, Installed]:
        """Return the folder of the environment that holds `release`, and what is installed in it.

        Constraints, and packages that are files, are looked up in the folder `described_in`. Whoever comes second
        waits for the first. Raises EnvironmentDown with stage `prepare` when pip fails, with its last lines, and when
        the cache cannot be written.
        """
        try:
            folder = self._cache.resolve() / _folder_name(title, release, described_in)
            folder.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(folder.with_name(f"{folder.name}.lock"), timeout=_LIMIT_S):
                installed = _complete(folder)
                if installed is None:
                    self._listener.step(f"installing {title}")
                    installed = self._make(title, folder, release, described_in)
        except Timeout as err:
            waited = f"another run has been installing it for {_LIMIT_S} s"
            raise _failed(title, waited, "end that run and try again") from err
        except OSError as err:
            fix = f"make {self._cache} writable, with room on its disk"
            raise _failed(title, f"its environment cannot be kept in the cache: {err}", fix) from err
        return folder, installed

    def _make(self, title: str, folder: Path, release: ProcessRelease, described_in: Path) -> Installed:
        if folder.exists():
            shutil.rmtree(folder)
        self._run(
            [sys.executable, "-m", "venv", str(folder)],
            title,
            described_in,
            "install Python's venv module (Debian: python3-venv) and try again",
        )
        report = folder / _REPORT
        options = ["--disable-pip-version-check", "--no-input", "--report", str(report)]
        options += ["--constraint", release.constraints] if release.constraints else []
        self._run(
            [str(folder / "bin" / "python"), "-m", "pip", "install", *options, *release.packages],
            title,
            described_in,
            "see what pip says; behind a proxy or an inspecting firewall set HTTPS_PROXY and PIP_CERT",
        )
        installed = _read_report(title, report, release.packages[0])
        _write_safely(folder / MARKER, installed.model_dump_json(indent=2))
        return installed

    def _run(self, command: Sequence[str], title: str, folder: Path, fix: str) -> None:
        """Run one step of the installation in `folder`; while it runs, the ledger holds it."""
        surroundings = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=surroundings | self._ledger.mark,
            start_new_session=True,
        ) as step:
            try:
                self._ledger.record_process(step.pid)
                output, _nothing = step.communicate(timeout=_LIMIT_S)
            except BaseException as err:
                os.killpg(step.pid, signal.SIGKILL)
                step.wait()
                if isinstance(err, subprocess.TimeoutExpired):
                    raise _failed(title, f"{command[2]} did not end within {_LIMIT_S} s", fix) from err
                raise
        if step.returncode != 0:
            lines = output.decode(errors="replace").splitlines()[-LAST_LINES:]
            raise _failed(title, with_last_lines(f"{command[2]} ended with exit code {step.returncode}", lines), fix)


def _folder_name(title: str, release: ProcessRelease, described_in: Path) -> str:
    """Return a name that changes with everything that decides what gets installed."""
    files = [described_in / name for name in (release.constraints, *release.packages) if name]
    contents = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.is_file()]
    python = f"{platform.python_implementation()} {platform.python_version()} {platform.machine()} {sys.base_prefix}"
    made_of = "\n".join((title, python, *release.packages, *contents))
    digest = hashlib.sha256(made_of.encode()).hexdigest()[:12]
    return f"{re.sub(r'[^A-Za-z0-9.]+', '-', title)}-py{platform.python_version()}-{digest}"


def _complete(folder: Path) -> Installed | None:
    """Return what `folder` holds, or None where it is missing, half-made, or its Python has been taken away."""
    try:
        installed = Installed.model_validate_json((folder / MARKER).read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValidationError):
        return None
    return installed if installed.digest and (folder / "bin" / "python").exists() else None


def _read_report(title: str, path: Path, main: str) -> Installed:
    try:
        report = _Report.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as err:
        raise _failed(title, f"pip's report of what it installed cannot be read: {err}", "update pip") from err
    first = _name_of(main, report.install)
    items = sorted(report.install, key=lambda item: (item.metadata.name != first, _canonical(item.metadata.name)))
    parts = tuple(item.part() for item in items)
    known = bool(parts) and all("sha256" in item.download_info.archive_info.hashes for item in items)
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return Installed(parts=parts, digest=f"sha256:{digest}" if known else "")


def _name_of(requirement: str, items: Sequence[_Item]) -> str:
    """Return the name of the item that `requirement`, a name with a version or an archive, has asked for."""
    asked = _canonical(Path(requirement).name)
    names = (item.metadata.name for item in items if item.requested)
    return max((name for name in names if asked.startswith(_canonical(name))), key=len, default="")


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()  # PEP 503


def _write_safely(path: Path, text: str) -> None:
    """Write `path` so that it is either whole or not there."""
    half = path.with_name(f"{path.name}.half")
    with half.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def _failed(title: str, cause: str, fix: str) -> EnvironmentDown:
    return EnvironmentDown(
        f"{title} could not be installed",
        cause,
        fix,
        stage=EnvironmentStage.PREPARE,
        root=EnvironmentCause.SET_UP,
    )
