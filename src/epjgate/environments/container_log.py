"""Copies what a container writes into a file of the bundle, redacted line by line while it arrives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Thread
from typing import cast

from docker.models.containers import Container

from epjgate.environments.engine import ENGINE_ERRORS
from epjgate.errors import EvidenceUnwritable
from epjgate.model.redaction import Redactor

_LAST_WORDS_S = 5


class ContainerLog:
    """The log of one container, from its first line on."""

    def __init__(self, container: Container, path: Path, redactor: Redactor) -> None:
        self.path = path
        self._container = container
        self._redactor = redactor
        self._reader = Thread(target=self._copy, name=f"log of {path.stem}", daemon=True)

    def open(self) -> None:
        """Begin to copy; the file is there as soon as this returns. Raises EvidenceUnwritable where it cannot be."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch()
        except OSError as err:
            raise EvidenceUnwritable(
                f"the log {self.path} cannot be written", str(err), "make room for the bundle, or choose another folder"
            ) from err
        self._reader.start()

    def settle(self, limit_s: float = _LAST_WORDS_S) -> None:
        """Wait until a container that has ended is copied to its last line, `limit_s` seconds at most."""
        self._reader.join(limit_s)

    def _copy(self) -> None:
        """Copy until the container ends; with an engine that is gone there is nothing left to copy."""
        try:
            with self.path.open("a", encoding="utf-8", buffering=1) as file:
                chunks = cast("Iterable[bytes]", self._container.logs(stream=True, follow=True))
                file.writelines(f"{self._redactor.text(line)}\n" for line in whole_lines(chunks))
        except (*ENGINE_ERRORS, OSError):
            return


def whole_lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Put `chunks` together to lines without their ends: a CPR number may be split between two chunks."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (_text(line) for line in lines)
    if rest:
        yield _text(rest)


def _text(line: bytes) -> str:
    return line.decode("utf-8", errors="replace").removesuffix("\r")
