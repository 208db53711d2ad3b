"""Listeners for tests of the MLLP driver: they talk with whoever connects first as they are told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from epjgate.drivers.mllp_frames import END

MESSAGE = b"MSH|^~\\&|LAB||EPJ||20260301||ORU^R01|17|P|2.5\rPID|1||0203754321\r"
ACK = b"MSH|^~\\&|EPJ||LAB||20260301||ACK|1|P|2.5\rMSA|AA|17|0203754321\r"

Talk = Callable[[socket.socket], None]


@contextmanager
def listener(talk: Talk) -> Iterator[str]:
    """Give the URL of a listener that has `talk` with whoever connects first."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                talk(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"mllp://127.0.0.1:{server.getsockname()[1]}"
        finally:
            thread.join()


def read_frames(connection: socket.socket, count: int) -> bytes:
    """Return what came, once it holds the end of `count` frames."""
    received = b""
    while received.count(END) < count:
        received += connection.recv(4096)
    return received


def answering(*answers: bytes, frames: int = 1, seen: list[bytes] | None = None) -> Talk:
    """Read `frames` frames into `seen`, and send each of `answers`."""

    def talk(connection: socket.socket) -> None:
        received = read_frames(connection, frames)
        if seen is not None:
            seen.append(received)
        for answer in answers:
            connection.sendall(answer)

    return talk


def silent(connection: socket.socket) -> None:
    """Take in everything until the sender gives up, and say nothing."""
    connection.settimeout(5)
    while connection.recv(4096):
        """Take in everything until the sender gives up."""
