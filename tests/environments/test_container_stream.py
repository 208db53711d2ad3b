"""What a command in a container says comes whole, or it is said that it did not."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import parse_headers

import pytest
from docker import DockerClient
from docker.errors import APIError

from epjgate.environments.container_stream import FramesCutOff, attached, begun

LIMIT_S = 10.0


def frame(kind: int, text: bytes) -> bytes:
    return bytes([kind, 0, 0, 0]) + len(text).to_bytes(4, "big") + text


# On and for 0 s: a close resets the connection (socket(7), SO_LINGER).
RESET = struct.pack("ii", 1, 0)


@contextmanager
def engine_that_answers(answer: bytes, reset_when: threading.Event | None = None) -> Iterator[DockerClient]:
    """An engine that answers any request with these bytes and hangs up, or resets the connection at `reset_when`."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _peer = server.accept()
            with connection, connection.makefile("rb") as asked:
                # What is left unread when it hangs up would reset the connection.
                asked.readline()
                asked.read(int(parse_headers(asked).get("Content-Length", "0")))
                connection.sendall(answer)
                if reset_when:
                    reset_when.wait(LIMIT_S)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

        threading.Thread(target=serve, daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with closing(DockerClient(base_url=address, version="1.41")) as engine:
            yield engine


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"


def test_output_and_complaints_are_told_apart() -> None:
    """Each piece comes with what it is, up to the end."""
    said = frame(1, b"row 1\n") + frame(2, b"no such table\n") + frame(1, b"")
    with engine_that_answers(OK + said) as engine, closing(attached(engine, "c1")) as frames:
        assert list(frames) == [(False, b"row 1\n"), (True, b"no such table\n"), (False, b"")]


@pytest.mark.parametrize("lost", [1, 5, 9])
def test_a_frame_that_is_cut_off_is_no_end(lost: int) -> None:
    """A census that lacks its last bytes must not be taken for a whole one."""
    with (
        engine_that_answers(OK + frame(1, b"{}") + frame(1, b"{1}")[:-lost]) as engine,
        closing(begun(engine, "e1")) as frames,
        pytest.raises(FramesCutOff),
    ):
        list(frames)


def test_an_engine_that_dies_while_it_speaks_is_no_end() -> None:
    """A connection that breaks between two frames looks like an end to whoever only counts bytes."""
    dies = threading.Event()
    with engine_that_answers(OK + frame(1, b"{}"), dies) as engine, closing(begun(engine, "e1")) as frames:
        said = iter(frames)
        assert next(said) == (False, b"{}")
        dies.set()
        with pytest.raises(FramesCutOff, match="broke"):
            next(said)


def test_a_refusal_is_the_engines_own() -> None:
    """Its status tells whether the request was wrong or the engine is."""
    refusal = b"HTTP/1.1 404 Not Found\r\nContent-Length: 25\r\n\r\n" + b'{"message":"no such c1"}\n'
    with engine_that_answers(refusal) as engine, pytest.raises(APIError, match="no such c1") as refused:
        attached(engine, "c1")
    assert refused.value.is_client_error()
