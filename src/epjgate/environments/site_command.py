"""Attends to a command of a site: takes in what it says, sees whether it gets on, ends it where it does not."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from epjgate.environments.interface import Listener
from epjgate.environments.readiness import with_last_lines
from epjgate.environments.service_log import ServiceLog
from epjgate.environments.site import Done, Limits
from epjgate.model.redaction import Redactor

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

OUTPUT_LIMIT = 16 * 2**20
"""How many bytes of output a command may write."""

# Servers that wait use a little processor time and write a little all the same: neither is a sign of progress.
_BUSY_SHARE = 0.02
_BUSY_LEAST_S = 0.05
_WRITTEN_LEAST = 64 * 1024

_TELL_EVERY_S = 1.0
_LOOK_EVERY_S = 1.0
_LOOKS_A_STALL = 4
_TOLD_WIDTH = 160
_LAST_WORDS_S = 60.0
_PIECE = 64 * 1024


@dataclass(frozen=True)
class Work:
    """What has been done so far: processor time in seconds, and bytes written, by the command and for it."""

    cpu_s: float
    written: int


@dataclass(frozen=True)
class Ended:
    """How a command ended: `words` follow its name, `by_kill` tells that `Underway.kill` did it."""

    code: int
    words: str
    duration_s: float
    by_kill: bool


class Underway(Protocol):
    """A command that was started."""

    def wait(self, limit_s: float) -> bool:
        """Return whether it has ended, as soon as it has, after `limit_s` seconds at most."""

    def work(self) -> Work:
        """Return what has been done so far."""

    def kill(self) -> None:
        """Kill it with all that belongs to it; one that has ended already stays as it is."""


class How(StrEnum):
    """Why a command is over."""

    BY_ITSELF = "by_itself"
    STALLED = "stalled"
    TOO_LONG = "too_long"
    TOO_MUCH = "too_much"
    KILLED = "killed"


class _Tap(io.RawIOBase):
    """Reads `source`, counts what comes, and keeps the first OUTPUT_LIMIT bytes of it and one more."""

    def __init__(self, source: IO[bytes], *, keeps: bool) -> None:
        super().__init__()
        self._source = source
        self._room = OUTPUT_LIMIT + 1 if keeps else 0
        self._kept = bytearray()
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        target = memoryview(buffer).cast("B")
        piece: bytes = self._source.read1(len(target))  # type: ignore[attr-defined]  # every buffered reader has it
        target[: len(piece)] = piece
        self._kept += piece[: max(0, self._room - len(self._kept))]
        self.taken += len(piece)
        return len(piece)

    def close(self) -> None:
        self._source.close()
        super().close()

    def kept(self) -> bytes:
        return bytes(self._kept)


class Said:
    """What a command says: its output as it was, and all of it in `log`, redacted; its words begin a paragraph there.

    `output` and `complaint` are buffered readers of its standard output and standard error.
    """

    def __init__(
        self, words: Sequence[str], output: IO[bytes], complaint: IO[bytes], log: Path, redactor: Redactor
    ) -> None:
        self._output = _Tap(output, keeps=True)
        self._complaint = _Tap(complaint, keeps=False)
        heading = io.BytesIO(f"$ {' '.join(words)}\n".encode())
        ServiceLog(heading, log, redactor).finish(_LAST_WORDS_S)
        self._logs = tuple(
            ServiceLog(io.BufferedReader(tap, _PIECE), log, redactor) for tap in (self._complaint, self._output)
        )

    @property
    def taken(self) -> int:
        """How many bytes came so far."""
        return self._output.taken + self._complaint.taken

    @property
    def too_much(self) -> bool:
        """Whether the output is longer than allowed."""
        return self._output.taken > OUTPUT_LIMIT

    def newest(self) -> tuple[str, ...]:
        """Return the last line of each stream that has said anything, redacted."""
        return tuple(line for log in self._logs for line in log.last_lines()[-1:])

    def last_lines(self) -> tuple[str, ...]:
        """Return the last lines that it complained, those of its output where it never did; redacted."""
        return next(filter(None, (log.last_lines() for log in self._logs)), ())

    def finish(self) -> bool:
        """Wait until all has been read; return whether it has."""
        finished = [log.finish(_LAST_WORDS_S) for log in self._logs]
        return all(finished)

    def output(self) -> str:
        """Return the output."""
        return self._output.kept().decode("utf-8", errors="replace")


class _Progress:
    """Remembers when the last sign of progress was seen."""

    def __init__(self, now: float, taken: int, work: Work) -> None:
        self._at, self._taken, self._work = now, taken, work

    def still_for(self, now: float, taken: int, work: Work) -> float:
        """Return for how many seconds nothing has been seen, now that so much has been taken in and done."""
        busy_s = abs(work.cpu_s - self._work.cpu_s)
        worked = busy_s >= max(_BUSY_LEAST_S, _BUSY_SHARE * (now - self._at))
        wrote = abs(work.written - self._work.written) >= _WRITTEN_LEAST
        if taken != self._taken or worked or wrote:
            self._at, self._taken, self._work = now, taken, work
        return now - self._at


class _Teller:
    """Tells the newest lines, at most once a second."""

    def __init__(self, said: Said, listener: Listener) -> None:
        self._said, self._listener = said, listener
        self._told: tuple[str, ...] = ()
        self._at = time.monotonic()

    def tell(self, now: float) -> None:
        if now - self._at < _TELL_EVERY_S:
            return
        newest = self._said.newest()
        for line in newest:
            if line.strip() and line not in self._told:
                self._listener.step(line.strip()[:_TOLD_WIDTH])
        self._told, self._at = newest, now


def attend(command: Underway, said: Said, limits: Limits, listener: Listener) -> How:
    """Return once `command` is over, by itself or because it was killed; it is then being ended, not yet gone."""
    began = time.monotonic()
    progress = _Progress(began, said.taken, command.work())
    teller = _Teller(said, listener)
    look_every_s = min(_LOOK_EVERY_S, limits.stall_s / _LOOKS_A_STALL)
    kill_at = began + limits.kill_after_s if limits.kill_after_s is not None else float("inf")
    while not command.wait(max(0.0, min(look_every_s, kill_at - time.monotonic()))):
        now = time.monotonic()
        how = How.KILLED if now >= kill_at else _reason(progress, command, said, limits, now - began)
        if how is not None:
            command.kill()
            return how
        teller.tell(now)
    return How.BY_ITSELF


def _reason(progress: _Progress, command: Underway, said: Said, limits: Limits, ran_s: float) -> How | None:
    """Return why `command`, which has run for `ran_s`, is to be ended, None while it may go on."""
    if said.too_much:
        return How.TOO_MUCH
    if ran_s >= limits.limit_s:
        return How.TOO_LONG
    still_s = progress.still_for(time.monotonic(), said.taken, command.work())
    return How.STALLED if still_s >= limits.stall_s else None


def done_of(how: How, ended: Ended, said: Said, limits: Limits) -> Done:
    """Return what came of a command that is gone, all that it said taken in."""
    whole = said.finish()
    # It may have ended by itself in the moment in which it was to be killed.
    how = how if ended.by_kill else How.BY_ITSELF
    why = _why(how, ended, limits) if ended.by_kill or ended.code != 0 else _unsound(said, whole=whole)
    return Done(
        duration_s=ended.duration_s,
        output=said.output(),
        fault=with_last_lines(why, said.last_lines()) if why else "",
        stalled=how in (How.STALLED, How.TOO_LONG),
        killed=how is How.KILLED,
    )


def _why(how: How, ended: Ended, limits: Limits) -> str:
    match how:
        case How.BY_ITSELF:
            return f"it ended with {ended.words}"
        case How.STALLED:
            nothing = "wrote no line, used no processor time and wrote no data"
            return f"it was ended, as for {limits.stall_s:g} s it {nothing}, and nor did what is kept up"
        case How.TOO_LONG:
            return f"it was ended, as it had not come to its end within {limits.limit_s:g} s"
        case How.TOO_MUCH:
            return f"it was ended, as {_too_much()}"
        case How.KILLED:
            return f"it was killed on purpose after {limits.kill_after_s:g} s"


def _unsound(said: Said, *, whole: bool) -> str:
    """Return what is wrong with the output of a command that ended well, in words; nothing where all of it is there."""
    if said.too_much:
        return f"it ended with exit code 0, but {_too_much()}"
    return "" if whole else "it ended with exit code 0, but its output did not come to an end"


def _too_much() -> str:
    return f"it wrote more than {OUTPUT_LIMIT // 2**20} MiB to its output"
