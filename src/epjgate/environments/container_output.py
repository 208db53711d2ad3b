"""A container's output as a file to read from, which simply ends when the engine is gone."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING, cast

from docker.models.containers import Container

from epjgate.environments.engine import ENGINE_ERRORS

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


def output_of(container: Container) -> IO[bytes]:
    """Return what `container` writes, from its first byte until it ends; raises one of ENGINE_ERRORS."""
    return io.BufferedReader(ChunkReader(cast("Iterable[bytes]", container.logs(stream=True, follow=True))))


class ChunkReader(io.RawIOBase):
    """Chunks of bytes, read as one file; a connection that is lost is the end of it."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        super().__init__()
        self._chunks: Iterator[bytes] = iter(chunks)
        self._rest = b""

    def readable(self) -> bool:
        """Return True: this can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill `buffer` with what is there, waiting for the next chunk if nothing is; 0 at the end."""
        target = memoryview(buffer).cast("B")
        while not self._rest:
            try:
                self._rest = next(self._chunks)
            except (StopIteration, *ENGINE_ERRORS, OSError):
                return 0
        count = min(len(target), len(self._rest))
        target[:count], self._rest = self._rest[:count], self._rest[count:]
        return count
