"""One service of the candidate as a process of this machine: its start, its log, its end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from epjgate.environments.interface import EnvironmentDown
from epjgate.environments.readiness import answers, wait_until_ready, with_last_lines
from epjgate.environments.service_log import ServiceLog
from epjgate.errors import UsageError
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.redaction import Redactor
from epjgate.model.system import Readiness

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_FROM_OUTSIDE = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
_SHELL_SIGNAL_BASE = 128
_LAST_WORDS_S = 1.0


@dataclass(frozen=True)
class Launch:
    """What one service is started with, all placeholders filled in; `home` is an empty folder of its own."""

    service: str
    url: str
    ready: Readiness
    command: tuple[str, ...]
    env: Mapping[str, str]
    files: Mapping[str, str]
    home: Path
    programs: Path


class ServiceProcess:
    """A service that was started; its output goes to a log, redacted line by line."""

    def __init__(self, launch: Launch, mark: Mapping[str, str], log: Path, redactor: Redactor) -> None:
        """Start the service; raises EnvironmentDown with stage `start` when its program cannot be run."""
        self.name = launch.service
        self.url = launch.url
        self._ready = launch.ready
        try:
            _write_files(launch)
            self._process = _spawn(launch, mark)
        except OSError as err:
            raise self._down(
                f"{self.name} could not be started",
                str(err),
                f"look at services.{self.name}.process.command, and at what the release installs in {launch.programs}",
                EnvironmentStage.START,
                EnvironmentCause.SET_UP,
            ) from err
        if self._process.stdout is None:
            raise AssertionError("unreachable: the output was asked for as a pipe")
        self._log = ServiceLog(self._process.stdout, log, redactor)

    @property
    def pid(self) -> int:
        """The number of the process, which is also that of its group."""
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Return once it answers as declared; raises EnvironmentDown with stage `start` otherwise."""
        wait_until_ready(
            self.url,
            self._ready,
            service=self.name,
            last_lines=self._log.last_lines,
            raise_if_ended=lambda: self.raise_if_ended(EnvironmentStage.START),
        )

    def raise_if_ended(self, stage: EnvironmentStage) -> None:
        """Return while the process runs; raises EnvironmentDown with the root cause and its last log lines."""
        code = self._process.poll()
        if code is None:
            return
        self._log.finish(_LAST_WORDS_S)
        sent = _signal_from_outside(code)
        if sent is not None:
            what, root = f"was ended by {sent.name} from outside", EnvironmentCause.KILLED
            fix = "find out who ended it (the kernel's log names processes that ran out of memory), then run again"
        else:
            what, root = f"ended by itself with {_exit_in_words(code)}", EnvironmentCause.CRASHED
            fix = f"read the whole log of {self.name}"
        before = " before it was ready" if stage is EnvironmentStage.START else " while it was being tested"
        cause = with_last_lines(f"process {self.pid} {what}", self._log.last_lines())
        raise self._down(f"{self.name} {what}{before}", cause, fix, stage, root)

    def raise_if_silent(self) -> None:
        """Return when it still answers as declared; raises EnvironmentDown with stage `run` otherwise."""
        self.raise_if_ended(EnvironmentStage.RUN)
        reason = answers(self.url, self._ready)
        if reason is None:
            return
        with suppress(subprocess.TimeoutExpired):
            # A process that dies closes its sockets first: give it the moment that it takes to be gone.
            self._process.wait(timeout=_LAST_WORDS_S)
        self.raise_if_ended(EnvironmentStage.RUN)
        raise self._down(
            f"{self.name} does not answer any more",
            with_last_lines(reason, self._log.last_lines()),
            f"read the whole log of {self.name}: the process stands, the service in it is stuck",
            EnvironmentStage.RUN,
            EnvironmentCause.UNREACHABLE,
        )

    def listens_itself(self) -> bool:
        """Return whether the process or a child of it holds the port at which `url` was answered."""
        port = int(self.url.rpartition(":")[2])
        with suppress(psutil.Error):
            process = psutil.Process(self.pid)
            family = (process, *process.children(recursive=True))
            return any(_listens(member, port) for member in family)
        return False

    def reap(self) -> None:
        """Take in the exit code and the rest of the log of a process that has been ended."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=_LAST_WORDS_S)
        self._log.finish(_LAST_WORDS_S)

    def _down(
        self, problem: str, cause: str, fix: str, stage: EnvironmentStage, root: EnvironmentCause
    ) -> EnvironmentDown:
        return EnvironmentDown(problem, cause, fix, stage=stage, root=root, service=self.name)


def _write_files(launch: Launch) -> None:
    for name, text in launch.files.items():
        path = (launch.home / name).resolve()
        if not path.is_relative_to(launch.home.resolve()):
            raise UsageError(
                f"services.{launch.service}.process.files names {name!r}",
                "that lies outside the folder in which the service starts",
                "name a path relative to that folder, without ..",
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _spawn(launch: Launch, mark: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the command as leader of its own session, in surroundings that hold nothing of the caller's."""
    search = f"{launch.programs}{os.pathsep}{_SYSTEM_PATH}"
    program = shutil.which(launch.command[0], path=search)
    if program is None:
        raise FileNotFoundError(f"there is no program {launch.command[0]!r} in {search}")
    surroundings = {
        "PATH": search,
        "HOME": str(launch.home),
        "TMPDIR": str(launch.home),
        "LANG": "C.UTF-8",
        # Else the last lines of a Python program die with it, in a buffer.
        "PYTHONUNBUFFERED": "1",
        **({"TZ": os.environ["TZ"]} if "TZ" in os.environ else {}),
        **launch.env,
        **mark,
    }
    return subprocess.Popen(
        (program, *launch.command[1:]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=launch.home,
        env=surroundings,
        start_new_session=True,
    )


def _signal_from_outside(code: int) -> signal.Signals | None:
    """Return the signal that ended a process, also as a shell passes it on, if only others send it."""
    number = -code if code < 0 else code - _SHELL_SIGNAL_BASE
    return next((sent for sent in _FROM_OUTSIDE if sent.value == number), None)


def _exit_in_words(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _listens(process: psutil.Process, port: int) -> bool:
    connections = process.net_connections(kind="tcp")
    return any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in connections)
