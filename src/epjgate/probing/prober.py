"""Has a system probed by a process of its own, and tells at any time what that has seen."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Protocol, Self

from epjgate.errors import GateError, UsageError
from epjgate.model.availability import Availability
from epjgate.probing.hearing import Ear, tracks_of
from epjgate.probing.request import ProbeRequest, raise_if_unusable
from epjgate.probing.sample import Message, Ready, Refused, Task, message_of

EVERY_S = 0.05
TIMEOUT_S = 2.0
PATIENCE_S = 0.3
MOST_UNDER_WAY = 200
"""How many samples of one track may wait for an answer at the same time."""

_START_S = 30.0
_GRACE_S = 5.0
_LAST_WORDS = 2000


class ProbingFailed(GateError):
    """Probing could not begin, so how the system stands is unknown."""


class Listener(Protocol):
    """Is told what goes on, for a person who waits."""

    def step(self, text: str) -> None:
        """Take note that `text` has begun."""


class Prober:
    """Probes each of `requests`, on new and on reused connections, every `every_s` seconds while the context lasts.

    An answer may take `timeout_s`; where samples wait and none is answered for longer than `patience_s`, the system
    counts as down meanwhile. What the harness could not see is unknown, see `timeline`. Entering returns when probing
    has begun. Leaving waits for the answers to what was sent, `timeout_s` at most. Raises UsageError for requests or
    times that cannot be used, and ProbingFailed on entering.
    """

    def __init__(
        self,
        requests: Sequence[ProbeRequest],
        every_s: float = EVERY_S,
        *,
        timeout_s: float = TIMEOUT_S,
        patience_s: float = PATIENCE_S,
        listener: Listener | None = None,
    ) -> None:
        raise_if_unusable(requests)
        _raise_if_odd(every_s, timeout_s, patience_s)
        self._task = Task(tuple(requests), every_s, timeout_s)
        self._ear = Ear(tracks_of([request.name for request in requests]), every_s, patience_s)
        self._listener = listener
        self._lock = threading.Lock()
        self._lost = ""
        self._duration_s: float | None = None

    def __enter__(self) -> Self:
        if self._listener is not None:
            self._listener.step(f"probing {len(self._task.requests)} requests every {self._task.every_s:g} s")
        self._last_words = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "epjgate.probing.sampling"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._last_words,
                start_new_session=True,  # an interruption at the terminal is for whoever probes
            )
        except OSError as err:
            self._last_words.close()
            raise self._failed(str(err)) from err
        self._reader = threading.Thread(target=self._read, name="prober", daemon=True)
        try:
            self._ready = self._begun()
            self._reader.start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        stopped_s = self.now_s()
        try:
            self._tell(b"stop\n")
            self._reader.join(self._task.timeout_s + _GRACE_S)
            if self._reader.is_alive():
                self._lose(f"the sampler did not end within {self._task.timeout_s + _GRACE_S:g} s")
        finally:
            self._end()
            with self._lock:
                ended = self._ear.ended
                self._duration_s = stopped_s if ended is None else ended.duration_s

    @property
    def sampler_pid(self) -> int:
        """The process that probes."""
        return self._process.pid

    @property
    def control_pid(self) -> int:
        """The process of the control endpoint."""
        return self._ready.control

    def now_s(self) -> float:
        """Return the seconds since probing began, by the clock of all that is seen."""
        return time.monotonic() - self._ready.begin

    def seen(self) -> Availability:
        """Return what was seen until now, or until the context was left.

        Before that it is provisional: what has not been answered yet is unknown.
        """
        with self._lock:
            duration_s = self.now_s() if self._duration_s is None else self._duration_s
            heard = self._ear.heard(self._lost)
        return heard.until(duration_s)

    def _begun(self) -> Ready:
        """Return what the sampler says when it begins; raises ProbingFailed where it does not."""
        assert self._process.stdin is not None  # noqa: S101 - it was asked for as a pipe
        self._tell(self._task.line())
        watchdog = threading.Timer(_START_S, self._process.kill)
        watchdog.start()
        try:
            message = self._next()
        except ValueError as err:
            raise self._failed(str(err)) from err
        finally:
            watchdog.cancel()
        match message:
            case Ready():
                return message
            case Refused(why=why):
                raise self._failed(why)
            case _:
                raise self._failed(f"{self._fate()}; it is given {_START_S:g} s to begin")

    def _next(self) -> Message | None:
        """Return the next message, None where none will come; raises ValueError for what is no message."""
        assert self._process.stdout is not None  # noqa: S101 - it was asked for as a pipe
        line = self._process.stdout.readline()
        return message_of(line) if line else None

    def _read(self) -> None:
        """Take in all that the sampler says, to its end."""
        try:
            while (message := self._next()) is not None:
                with self._lock:
                    self._ear.hear(message)
        except ValueError as err:
            self._lose(f"the sampler said what cannot be: {err}")
            self._process.kill()
        if self._ear.ended is None:
            self._lose(self._fate())

    def _lose(self, why: str) -> None:
        with self._lock:
            self._lost = self._lost or why

    def _tell(self, line: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it was asked for as a pipe
        with suppress(BrokenPipeError):  # one that is gone says so by ending its output
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def _end(self) -> None:
        """See to it that the sampler is gone; with it goes the control endpoint."""
        self._process.kill()
        self._process.wait()
        if self._reader.is_alive():
            self._reader.join()  # the pipe has ended with the process
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        self._last_words.close()

    def _fate(self) -> str:
        """Return how the sampler ended."""
        code = self._process.wait()
        self._last_words.seek(0)
        words = self._last_words.read().decode("utf-8", "replace")[-_LAST_WORDS:].strip()
        how = f"by signal {-code}" if code < 0 else f"with exit status {code}"
        return f"the sampler ended {how}" + (f": {words.splitlines()[-1]}" if words else "")

    def _failed(self, cause: str) -> ProbingFailed:
        return ProbingFailed(
            "the system could not be probed",
            cause,
            "correct the probes in the system's description, or what keeps a process of this interpreter from running",
        )


def _raise_if_odd(every_s: float, timeout_s: float, patience_s: float) -> None:
    """Return where the times fit each other; raises UsageError otherwise."""
    problem = ""
    if not (every_s > 0 and 0 < patience_s < timeout_s < float("inf")):
        problem = (
            f"{every_s} s between samples, a patience of {patience_s} s and a time-out of {timeout_s} s do not fit"
        )
    elif timeout_s / every_s > MOST_UNDER_WAY:
        problem = f"up to {timeout_s / every_s:.0f} samples of a track would wait at the same time"
    if problem:
        raise UsageError(
            "a system cannot be probed like this",
            problem,
            f"let samples be at least 1/{MOST_UNDER_WAY} of the time-out apart, and the patience below the time-out",
        )
