"""Keeps a list on disk of what a run started, so that a later run can clear away what a killed one left behind."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal
from uuid import uuid4

import psutil
from pydantic import Field, TypeAdapter, ValidationError

from epjgate.model.base import Value

_GRACE_S = 5.0
_POLL_S = 0.05
_ROUNDS = 3
_FOLDERS = "folders"
_MARK = "EPJGATE_RUN"


class Started(Value):
    """A process; the time of its creation, in seconds since 1970, tells it from a later one with the same pid."""

    kind: Literal["owner", "process"]
    pid: int
    create_time: float
    run_id: str


class Made(Value):
    """A folder that a run made for one service, by its plain name: a ledger cannot point outside its own folder."""

    kind: Literal["folder"] = "folder"
    name: Annotated[str, Field(pattern=r"^[^./][^/]*$")]


_LINE: TypeAdapter[Started | Made] = TypeAdapter(Annotated[Started | Made, Field(discriminator="kind")])


class Ledger:
    """What one start of one run has begun, written down line by line, each line safely on disk.

    The file is locked for as long as its owner lives: the lock goes with the process, however it ends. A folder is
    written down before it is made, and every process carries a mark in its environment, so that what could not be
    written down in time, and what a process left to itself, is found as well.
    """

    def __init__(self, folder: Path, run_id: str) -> None:
        """Open a new ledger of `run_id` in `folder`; raises OSError where that cannot be written."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._run_id = run_id
        self._lines: list[Started | Made] = []
        self._path = folder / f"{run_id}.{uuid4().hex[:8]}.jsonl"
        self._file = self._path.open("xb", buffering=0)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            self._write_process("owner", os.getpid())
        except OSError:
            self.clear()
            raise

    @property
    def mark(self) -> dict[str, str]:
        """The environment variable that every process of this start must be given."""
        return {_MARK: self._path.stem}

    def record_process(self, pid: int) -> None:
        """Take note of a process that has just been started as leader of its own group.

        Raises OSError where that cannot be written.
        """
        self._write_process("process", pid)

    def make_folder(self, name: str) -> Path:
        """Make a new empty folder for the service `name` and return it; raises OSError where it cannot be made."""
        line = Made(name=f"{self._run_id}-{name}-{uuid4().hex[:8]}")
        self._write(line)
        made = _path_of(self._folder, line)
        made.mkdir(parents=True, mode=0o700)
        return made

    def clear(self) -> tuple[str, ...]:
        """End every process and remove every folder; return in words what could not be, nothing when all is gone.

        The ledger's file goes when nothing is left; else a later `sweep` tries again.
        """
        _done, left = _clear(self._folder, self._lines, self._path.stem)
        if not left:
            self._path.unlink(missing_ok=True)
        self._file.close()
        return left

    def _write_process(self, kind: Literal["owner", "process"], pid: int) -> None:
        # A child that has already ended is a zombie until its parent asks for it; its times can still be read.
        created = psutil.Process(pid).create_time()
        self._write(Started(kind=kind, pid=pid, create_time=created, run_id=self._run_id))

    def _write(self, line: Started | Made) -> None:
        self._lines.append(line)
        self._file.write(f"{json.dumps(line.model_dump())}\n".encode())
        os.fsync(self._file.fileno())


def sweep(folder: Path) -> tuple[str, ...]:
    """Clear away what runs left behind whose owner is dead; return in words what was ended, removed or left.

    Runs that still go on are left alone, and so is everything that no ledger in `folder` names.
    """
    return tuple(words for path in sorted(folder.glob("*.jsonl")) for words in _sweep_one(folder, path))


def _sweep_one(folder: Path, path: Path) -> Iterator[str]:
    with suppress(FileNotFoundError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        lines = [line for text in file if (line := _parsed(text)) is not None]
        # Without its first line it is either just being begun, or was cut off before anything was started.
        if not lines:
            return
        run_id = next((line.run_id for line in lines if isinstance(line, Started)), path.stem)
        done, left = _clear(folder, lines, path.stem)
        yield from (f"{words}, left behind by run {run_id}" for words in done)
        yield from (f"{words}, left behind by run {run_id}, and could not clear it away" for words in left)
        if not left:
            path.unlink(missing_ok=True)


def _parsed(text: bytes) -> Started | Made | None:
    try:
        return _LINE.validate_json(text)
    except ValidationError:
        return None  # the line during which the owner was killed


def _path_of(folder: Path, line: Made) -> Path:
    return folder.resolve() / _FOLDERS / line.name


def _clear(folder: Path, lines: Iterable[Started | Made], mark: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what was cleared away, and what is left, in words."""
    started = [line for line in lines if isinstance(line, Started) and line.kind == "process"]
    folders = [_path_of(folder, line) for line in lines if isinstance(line, Made)]
    ended, left = _end(started, mark)
    done = [f"ended {words}" for words in ended]
    still_there = [f"found {words}" for words in left]
    for path in folders:
        if not path.is_dir() or path.is_symlink():
            continue
        shutil.rmtree(path, ignore_errors=True)
        (still_there if path.exists() else done).append(f"{'found' if path.exists() else 'removed'} folder {path}")
    return tuple(done), tuple(still_there)


def _end(started: Collection[Started], mark: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """End all of a run's processes, politely first; return which were ended and which still run, in words."""
    words = {process: _described(process) for process in _family(started, mark)}
    try:
        _signal(words, psutil.Process.terminate)
        _wait(words)
    finally:
        # Also when somebody loses patience with the waiting. More than once: a family may grow while it is counted.
        for _round in range(_ROUNDS):
            words |= {process: _described(process) for process in _family(started, mark) if process not in words}
            alive = [process for process in words if _runs(process)]
            if not alive:
                break
            _signal(alive, psutil.Process.kill)
            _wait(alive)
    left = {process for process in words if _runs(process)}
    return (
        tuple(text for process, text in words.items() if process not in left),
        tuple(text for process, text in words.items() if process in left),
    )


def _family(started: Collection[Started], mark: str) -> set[psutil.Process]:
    """Return what still runs of a run: what was written down, its groups and descendants, and all with its mark."""
    everyone = [process for process in psutil.process_iter() if process.pid != os.getpid()]
    recorded = {process for process in everyone if _recorded(process, started)}
    # Every recorded process leads its own group; while it exists, even as a zombie, nobody else has that number.
    groups = {process.pid for process in recorded}
    family = recorded | {process for process in everyone if _group(process) in groups or _marked(process, mark)}
    for process in tuple(family):
        with suppress(psutil.Error):
            family.update(process.children(recursive=True))
    return {process for process in family if _runs(process)}


def _group(process: psutil.Process) -> int:
    try:
        return os.getpgid(process.pid)
    except OSError:
        return -1


def _recorded(process: psutil.Process, started: Collection[Started]) -> bool:
    with suppress(psutil.Error):
        return any(line.pid == process.pid and line.create_time == process.create_time() for line in started)
    return False


def _marked(process: psutil.Process, mark: str) -> bool:
    with suppress(psutil.Error, OSError):
        return process.environ().get(_MARK) == mark
    return False


def _runs(process: psutil.Process) -> bool:
    """Return whether it still runs; a zombie has ended and waits for its parent only."""
    with suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _signal(processes: Iterable[psutil.Process], send: Callable[[psutil.Process], None]) -> None:
    for process in processes:
        with suppress(psutil.Error):
            send(process)


def _wait(processes: Collection[psutil.Process]) -> None:
    """Wait until none runs, 5 s at most; never reaps a child, whose exit code belongs to whoever started it."""
    deadline = time.monotonic() + _GRACE_S
    while time.monotonic() < deadline and any(_runs(process) for process in processes):
        time.sleep(_POLL_S)


def _described(process: psutil.Process) -> str:
    name = "?"
    with suppress(psutil.Error):
        name = process.name()
    return f"process {process.pid} ({name})"
