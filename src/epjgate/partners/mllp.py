"""Frames of the minimal lower layer protocol: 0x0B, the message, 0x1C 0x0D (HL7 v2.5.1 appendix C)."""

from __future__ import annotations

START = b"\x0b"
END = b"\x1c\x0d"


def frame(message: bytes) -> bytes:
    """Return `message` ready to be sent; raises ValueError where it holds the marks of a frame itself."""
    if START in message or END in message:
        raise ValueError("a message may not hold the bytes that mark a frame")
    return START + message + END


class Deframer:
    """Puts messages together from pieces as TCP delivers them: part of a frame, or several frames at once.

    Bytes between frames are dropped. What begins anew without an end is cut off by the new beginning. Raises
    ValueError, and is then of no further use, when a message grows beyond `limit` bytes.
    """

    def __init__(self, *, limit: int = 16 * 1024 * 1024) -> None:
        self._limit = limit
        self._pending = bytearray()

    def feed(self, piece: bytes) -> list[bytes]:
        """Return the messages that `piece` completes, in order."""
        looked_at = max(0, len(self._pending) - 1)  # an end mark may be split between two pieces
        self._pending += piece
        found = []
        while (end := self._pending.find(END, looked_at)) >= 0:
            _before, started, message = bytes(self._pending[:end]).rpartition(START)
            if started:
                found.append(message)
            del self._pending[: end + len(END)]
            looked_at = 0
        if START not in self._pending:
            self._pending.clear()
        if len(self._pending) > self._limit:
            raise ValueError(f"a message of more than {self._limit} bytes")
        return found
