"""One service of the candidate as a process of this machine: its start, its log, its end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from epjgate.environments.interface import COMMAND_LIMIT_S, EnvironmentDown, not_run
from epjgate.environments.readiness import TRY_S, answers, wait_until_ready, with_last_lines
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
    """What one service is started with, all placeholders filled in; `home` is an empty folder of its own.

    `ports` are the further ports that it must hold, by name.
    """

    service: str
    url: str
    ready: Readiness
    command: tuple[str, ...]
    env: Mapping[str, str]
    files: Mapping[str, str]
    home: Path
    programs: Path
    ports: Mapping[str, int] = field(default_factory=dict)


class ServiceProcess:
    """A service that was started; its output goes to a log, redacted line by line."""

    def __init__(self, launch: Launch, mark: Mapping[str, str], log: Path, redactor: Redactor) -> None:
        """Start the service; raises EnvironmentDown with stage `start` when its program cannot be run."""
        self.name = launch.service
        self.url = launch.url
        self._launch = launch
        self._mark = mark
        try:
            write_files(launch)
            self._process = spawn(launch, mark)
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
            self._ask,
            self._launch.ready.limit_s,
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
        sent = signal_from_outside(code)
        if sent is not None:
            what, root = f"was ended by {sent.name} from outside", EnvironmentCause.KILLED
            fix = "find out who ended it (the kernel's log names processes that ran out of memory), then run again"
        else:
            what, root = f"ended by itself with {exit_in_words(code)}", EnvironmentCause.CRASHED
            fix = f"read the whole log of {self.name}"
        before = " before it was ready" if stage is EnvironmentStage.START else " while it was being tested"
        cause = with_last_lines(f"process {self.pid} {what}", self._log.last_lines())
        raise self._down(f"{self.name} {what}{before}", cause, fix, stage, root)

    def raise_if_silent(self) -> None:
        """Return when it still answers as declared; raises EnvironmentDown with stage `run` otherwise."""
        self.raise_if_ended(EnvironmentStage.RUN)
        reason = self._ask(TRY_S)
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
        return int(self.url.rpartition(":")[2]) in self._ports_held()

    def reap(self) -> None:
        """Take in the exit code and the rest of the log of a process that has been ended."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=_LAST_WORDS_S)
        self._log.finish(_LAST_WORDS_S)

    def run_beside(self, command: Sequence[str]) -> str:
        """Run `command` with the programs, variables and files of the service; see Running.run_beside."""
        try:
            beside = spawn(self._launch, self._mark, command, stderr=subprocess.PIPE)
        except OSError as err:
            raise not_run(self.name, command, str(err)) from err
        with beside:
            try:
                told, complaint = beside.communicate(timeout=COMMAND_LIMIT_S)
            except subprocess.TimeoutExpired as err:
                os.killpg(beside.pid, signal.SIGKILL)
                raise not_run(self.name, command, f"it did not end within {COMMAND_LIMIT_S:g} s") from err
        if beside.returncode != 0:
            why = complaint.decode(errors="replace").strip()
            raise not_run(self.name, command, f"it ended with {exit_in_words(beside.returncode)}: {why}")
        return told.decode("utf-8", errors="replace")

    def _ask(self, timeout_s: float) -> str | None:
        """Ask once whether it is ready; return what is wrong, or None."""
        ready = self._launch.ready
        wrong = self._probe(timeout_s) if ready.command else answers(self.url, ready, timeout_s)
        if wrong is not None or not self._launch.ports:
            return wrong
        held = self._ports_held()
        closed = [f"{name} ({port})" for name, port in self._launch.ports.items() if port not in held]
        return f"it does not listen at its port {' and '.join(closed)}" if closed else None

    def _probe(self, timeout_s: float) -> str | None:
        words = " ".join(self._launch.ready.command)
        try:
            probe = spawn(self._launch, self._mark, self._launch.ready.command)
        except OSError as err:
            return f"`{words}` cannot be run: {err}"
        with probe:
            try:
                said, _nothing = probe.communicate(timeout=timeout_s)
            except subprocess.TimeoutExpired:
                os.killpg(probe.pid, signal.SIGKILL)
                return f"`{words}` did not end within {timeout_s:g} s"
        if probe.returncode == 0:
            return None
        return f"`{words}` ended with {exit_in_words(probe.returncode)}: {said.decode(errors='replace').strip()}"

    def _ports_held(self) -> frozenset[int]:
        with suppress(psutil.Error):
            process = psutil.Process(self.pid)
            return frozenset(
                port for member in (process, *process.children(recursive=True)) for port in _listening(member)
            )
        return frozenset()

    def _down(
        self, problem: str, cause: str, fix: str, stage: EnvironmentStage, root: EnvironmentCause
    ) -> EnvironmentDown:
        return EnvironmentDown(problem, cause, fix, stage=stage, root=root, service=self.name)


def write_files(launch: Launch) -> None:
    """Write the files that are declared for the service into its folder; raises OSError where that fails."""
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


def spawn(
    launch: Launch, mark: Mapping[str, str], command: Sequence[str] = (), *, stderr: int = subprocess.STDOUT
) -> subprocess.Popen[bytes]:
    """Start the command, or another one, as leader of its own session, in surroundings without the caller's."""
    command = command or launch.command
    search = f"{launch.programs}{os.pathsep}{_SYSTEM_PATH}"
    program = shutil.which(command[0], path=search)
    if program is None:
        raise FileNotFoundError(f"there is no program {command[0]!r} in {search}")
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
        (program, *command[1:]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        cwd=launch.home,
        env=surroundings,
        start_new_session=True,
    )


def signal_from_outside(code: int) -> signal.Signals | None:
    """Return the signal that ended a process, also as a shell passes it on, if only others send it."""
    number = -code if code < 0 else code - _SHELL_SIGNAL_BASE
    return next((sent for sent in _FROM_OUTSIDE if sent.value == number), None)


def exit_in_words(code: int) -> str:
    """Return how a process ended, by its return code: a negative one is a signal's."""
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _listening(process: psutil.Process) -> Iterator[int]:
    """Yield every TCP port at which `process` listens; nothing of one that has ended."""
    with suppress(psutil.NoSuchProcess):
        for one in process.net_connections(kind="tcp"):
            if one.status == psutil.CONN_LISTEN:
                yield one.laddr.port
