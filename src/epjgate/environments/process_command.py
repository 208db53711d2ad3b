"""A command of a site as a process of this machine: started like a service, measured, killed with its whole group."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import cast

import psutil

from epjgate.environments.interface import EnvironmentDown, Order
from epjgate.environments.ledger import Ledger
from epjgate.environments.process_launch import written_down
from epjgate.environments.service_process import Launch, exit_in_words, signal_from_outside, spawn, write_files
from epjgate.environments.site_command import Ended, Said, Work
from epjgate.model.events import EnvironmentCause, EnvironmentStage

_GONE_S = 10.0


class CommandProcess:
    """A command that was started with the programs, variables and folder of its service.

    `kept` are the numbers of processes that work for it, and whose work is counted with its own.
    """

    def __init__(self, launch: Launch, order: Order, ledger: Ledger, kept: Sequence[int]) -> None:
        """Start it; raises EnvironmentDown with stage `start` where its program cannot be run."""
        self._service = launch.service
        self._words = " ".join(launch.command)
        self._kept = kept
        self._over = threading.Event()
        self._killed = False
        self._ended_at = 0.0
        self._began = time.monotonic()
        try:
            write_files(launch)
            self._process = spawn(launch, ledger.mark, stderr=subprocess.PIPE)
        except OSError as err:
            raise self._down("could not be started", str(err), EnvironmentStage.START, EnvironmentCause.SET_UP) from err
        try:
            with written_down(order):
                ledger.record_process(self._process.pid)
        finally:
            # Reaped by this thread alone, and not before it was written down: its number cannot be somebody else's.
            threading.Thread(target=self._await_end, name=f"end of {self._process.pid}", daemon=True).start()
        output, complaint = (cast("io.BufferedReader", pipe) for pipe in (self._process.stdout, self._process.stderr))
        log = order.logs / f"{launch.service}-commands.log"
        self.said = Said(launch.command, output, complaint, log, order.redactor)

    def wait(self, limit_s: float) -> bool:
        """Return whether it has ended; see Underway.wait."""
        return self._over.wait(limit_s)

    def work(self) -> Work:
        """Return what the command, its descendants and what is kept have done so far."""
        done = [_work(process) for pid in (self._process.pid, *self._kept) for process in _family(pid)]
        return Work(sum(work.cpu_s for work in done), sum(work.written for work in done))

    def kill(self) -> None:
        """Kill its whole group; see Underway.kill."""
        if self._over.is_set():
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._killed = True
        self._over.wait(_GONE_S)

    def ended(self) -> Ended:
        """Return how it ended; raises EnvironmentDown with stage `run` where somebody else killed it."""
        code = self._process.returncode
        if code is None:
            raise self._down(
                "cannot be ended",
                f"process {self._process.pid} still runs {_GONE_S:g} s after it was killed",
                EnvironmentStage.RUN,
                EnvironmentCause.SET_UP,
            )
        by_kill = self._killed and code == -signal.SIGKILL
        sent = signal_from_outside(code)
        if sent is not None and not by_kill:
            why = f"process {self._process.pid} was ended by {sent.name}"
            raise self._down("was ended from outside", why, EnvironmentStage.RUN, EnvironmentCause.KILLED)
        return Ended(code, exit_in_words(code), self._ended_at - self._began, by_kill)

    def _await_end(self) -> None:
        self._process.wait()
        self._ended_at = time.monotonic()
        self._over.set()

    def _down(self, what: str, cause: str, stage: EnvironmentStage, root: EnvironmentCause) -> EnvironmentDown:
        fix = (
            "find out who ended it (the kernel's log names processes that ran out of memory), then run again"
            if root is EnvironmentCause.KILLED
            else "look at the command under upgrade.process, and at what the release installs"
        )
        return EnvironmentDown(f"`{self._words}` {what}", cause, fix, stage=stage, root=root, service=self._service)


def _family(pid: int) -> Iterable[psutil.Process]:
    """Return the process and its descendants; nothing of one that has ended."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return (process, *process.children(recursive=True))
    return ()


def _work(process: psutil.Process) -> Work:
    """Return what `process` has done, those of its children included that have ended."""
    times = list(_times(process))
    written = 0
    with suppress(psutil.Error, AttributeError):  # psutil counts nothing written on macOS
        written = process.io_counters().write_bytes
    return Work(sum(times), written)


def _times(process: psutil.Process) -> Iterator[float]:
    with suppress(psutil.Error):
        times = process.cpu_times()
        yield from (times.user, times.system, times.children_user, times.children_system)
