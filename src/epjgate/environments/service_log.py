"""Takes in what a process says: into a file of the bundle, redacted line by line, and the last lines at hand."""

from __future__ import annotations

import threading
from collections import deque
from pathlib import Path
from typing import IO

from epjgate.environments.readiness import LAST_LINES
from epjgate.model.redaction import Redactor

_LONGEST_PIECE = 1 << 20
# More characters than any way of writing a CPR number takes.
_SEAM = 32


class ServiceLog:
    """Reads a pipe to its end and writes each line, redacted and flushed, to a file.

    A disk that is full costs the rest of the file, never the process: what it says is still taken from it.
    """

    def __init__(self, source: IO[bytes], path: Path, redactor: Redactor) -> None:
        """Begin to read `source`, which is closed at its end; lines are added to what `path` holds already."""
        self._redactor = redactor
        self._last: deque[str] = deque(maxlen=LAST_LINES)
        self._lost = ""
        self._file: IO[bytes] | None = None
        self._reader = threading.Thread(target=self._read, args=(source, path), name=f"log {path.name}", daemon=True)
        self._reader.start()

    def last_lines(self) -> tuple[str, ...]:
        """Return the last lines, oldest first, and a remark if the file lacks some of what was said."""
        return (*self._last.copy(), *([f"[the log file is cut off: {self._lost}]"] if self._lost else []))

    def finish(self, limit_s: float) -> bool:
        """Wait until all has been read, `limit_s` seconds at most; return whether it has."""
        self._reader.join(limit_s)
        return not self._reader.is_alive()

    def _read(self, source: IO[bytes], path: Path) -> None:
        with source:
            self._open(path)
            within_line = False
            while piece := source.readline(_LONGEST_PIECE):
                goes_on = len(piece) == _LONGEST_PIECE and not piece.endswith(b"\n")
                line = self._redacted(piece, within_line=within_line, goes_on=goes_on)
                within_line = goes_on
                self._last.append(line)
                self._write(line)
            if self._file is not None:
                self._file.close()

    def _open(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab", buffering=0)
        except OSError as err:
            self._lost = str(err)

    def _write(self, line: str) -> None:
        if self._file is None:
            return
        try:
            self._file.write(f"{line}\n".encode())
        except OSError as err:
            self._lost = str(err)
            self._file.close()
            self._file = None

    def _redacted(self, piece: bytes, *, within_line: bool, goes_on: bool) -> str:
        line = self._redactor.text(piece.decode(errors="replace").rstrip("\r\n"))
        # Half a CPR number at the edge of a piece would not be recognised, so both sides of a seam are cut away.
        begin = f"[...]{line[_SEAM:]}" if within_line else line
        return f"{begin[:-_SEAM]}[...]" if goes_on else begin
