"""The journal: one JSON line an event, appended and on disk before anything new is begun."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from epjgate.errors import EvidenceUnwritable
from epjgate.evidence.layout import Layout
from epjgate.model.events import ENTRY, Entry, Event, EvidenceLost


def utc_now() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


class Journal:
    """Appends the events of one writer to the bundle's journal; several writers share the file.

    Each line is one `write` to a file opened for appending, so lines of different processes do not mix. A line that
    cannot be written frees the bundle's reserve of disk, leaves an `evidence_lost` event behind, and raises
    EvidenceUnwritable, every time from then on.
    """

    def __init__(self, layout: Layout, writer: str, clock: Callable[[], datetime] = utc_now) -> None:
        self._layout = layout
        self._writer = writer
        self._clock = clock
        self._seq = 0
        self._lock = threading.Lock()
        self._broken: str | None = None
        self._file = os.open(layout.journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def write(self, event: Event, *, wait: bool = True) -> None:
        """Append `event` and wait until it is on disk, with all before it; raises EvidenceUnwritable if it is not.

        Without `wait` it is handed to the operating system, which outlives this process, and is on disk once the next
        event is that is waited for.
        """
        with self._lock:
            if self._broken is not None:
                raise self._unwritable(self._broken)
            try:
                self._append(event, wait=wait)
            except OSError as err:
                self._broken = f"{err.strerror or err}"
                self._confess()
                raise self._unwritable(self._broken) from err

    def close(self) -> None:
        """Close the file; a journal that is closed twice stays closed."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _append(self, event: Event, *, wait: bool = True, before: bytes = b"") -> None:
        entry = Entry(writer=self._writer, seq=self._seq, at=self._clock(), data=event)
        line = before + ENTRY.dump_json(entry, exclude_defaults=False) + b"\n"
        written = os.write(self._file, line)
        if written != len(line):
            raise OSError(28, "the disk took only part of a line")
        self._seq += 1  # before the wait for the disk: an interruption there must not give a number away twice
        if wait:
            os.fsync(self._file)

    def _confess(self) -> None:
        """Say in the journal itself that something is missing from it, with the disk that was kept for this."""
        self._layout.free_reserve()
        try:
            self._append(EvidenceLost(why=f"the journal could not be written: {self._broken}"), before=b"\n")
        except OSError:
            return  # the reader will find the journal without its end, which says the same

    def _unwritable(self, why: str) -> EvidenceUnwritable:
        return EvidenceUnwritable(
            f"the journal {self._layout.journal} cannot be written", why, "free disk space or choose another --out"
        )


def read_journal(path: Path) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """Return the entries of a journal and, in words, everything that is wrong with it.

    Wrong is: a line that is cut short or not understood, a gap or a repetition in a writer's count.
    """
    if not path.is_file():
        return (), ("the journal is missing",)
    entries: list[Entry] = []
    flaws: list[str] = []
    data = path.read_bytes()
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entries.append(ENTRY.validate_json(line))
        except ValidationError as err:
            flaws.append(f"line {number} of the journal cannot be read: {err.errors()[0]['msg']}")
    if not entries:
        flaws.append("the journal holds no event")
    if data and not data.endswith(b"\n"):
        flaws.append("the journal is truncated: its last line has no end")
    return tuple(entries), (*flaws, *_gaps(entries))


def _gaps(entries: list[Entry]) -> list[str]:
    expected: dict[str, int] = {}
    flaws = []
    for entry in entries:
        due = expected.get(entry.writer, 0)
        if entry.seq != due:
            flaws.append(f"the journal has a gap: {entry.writer} wrote event {entry.seq} where {due} was due")
        expected[entry.writer] = entry.seq + 1
    return flaws
