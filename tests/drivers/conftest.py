"""A stand-in for the candidate on a real socket: it answers, or misbehaves, as it is told."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from epjgate.evidence.recorder import Recorder
from epjgate.model.redaction import Redactor

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; `peer` is the port that it came from."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    peer: int


class Handler(BaseHTTPRequestHandler):
    """Takes the next planned deed, or asks what stands behind it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: StandInServer

    def do(self) -> None:
        """Read the request and do what is planned."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = Asked(self.command, self.path, dict(self.headers), body, self.client_address[1])
        stand_in = self.server.stand_in
        stand_in.asked.append(asked)
        deed = stand_in.planned.popleft() if stand_in.planned else stand_in.otherwise(asked)
        deed(self)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do  # noqa: N815  (the names are the base class's)

    def say(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        """Answer in order."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name is the base class's)
        """Stay quiet."""


Deed = Callable[[Handler], None]


class StandInServer(ThreadingHTTPServer):
    """One thread a connection; a test that fails must not wait for them."""

    daemon_threads = True
    block_on_close = False
    stand_in: StandIn

    def shutdown_request(self, request: Any) -> None:
        """Close; a connection that is to be reset says no goodbye first."""
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(RESET_ON_CLOSE)) == RESET_ON_CLOSE:
            self.close_request(request)
        else:
            super().shutdown_request(request)


class StandIn:
    """What a test tells the server, and what the server was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Asked] = []
        self.planned: deque[Deed] = deque()
        self.otherwise: Callable[[Asked], Deed] = self._unplanned
        self.over = threading.Event()

    def answers(self, body: object = b"", *, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Next: this body, bytes as they are and anything else as JSON, which the headers say."""
        sent = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        typed = {} if isinstance(body, bytes) else {"Content-Type": "application/json"}
        self.planned.append(lambda handler: handler.say(status, sent, {**typed, **(headers or {})}))

    def resets(self) -> None:
        """Next: take the request and reset the connection."""

        def reset(handler: Handler) -> None:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            handler.close_connection = True

        self.planned.append(reset)

    def sends(self, raw: bytes) -> None:
        """Next: send these bytes, whatever they are, and close."""

        def send(handler: Handler) -> None:
            handler.wfile.write(raw)
            handler.close_connection = True

        self.planned.append(send)

    def keeps_silent(self, after: bytes = b"") -> None:
        """Next: send nothing more than `after` for as long as the test lasts."""

        def wait(handler: Handler) -> None:
            handler.wfile.write(after)
            self.over.wait()
            handler.close_connection = True

        self.planned.append(wait)

    def drips(self) -> None:
        """Next: a whole body of 200 bytes, one every 20 ms."""

        def drip(handler: Handler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", "200")
            handler.end_headers()
            for _ in range(200):
                if self.over.wait(0.02):
                    break
                with suppress(OSError):
                    handler.wfile.write(b"x")
            handler.close_connection = True

        self.planned.append(drip)

    @staticmethod
    def _unplanned(_asked: Asked) -> Deed:
        return lambda handler: handler.say(500, b"nothing was planned")


@contextmanager
def serving() -> Iterator[StandIn]:
    """Run a stand-in on a loopback port."""
    with StandInServer(("127.0.0.1", 0), Handler) as server:
        stand_in = StandIn(f"http://127.0.0.1:{server.server_address[1]}/fhir")
        server.stand_in = stand_in
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield stand_in
        finally:
            stand_in.over.set()
            server.shutdown()
            thread.join()


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """Return a server that does what the test plans, one deed a request."""
    with serving() as stand_in:
        yield stand_in


@pytest.fixture
def redactor() -> Redactor:
    """Return a redactor with a key of its own."""
    return Redactor(b"a key for tests")


@pytest.fixture
def steps() -> list[str]:
    """Return the titles of the steps that the recorder was told, in order."""
    return []


@pytest.fixture
def recorder(redactor: Redactor, steps: list[str]) -> Recorder:
    """Return a recorder that notes its steps."""

    @contextmanager
    def note(title: str) -> Iterator[None]:
        steps.append(title)
        yield

    return Recorder(redactor, step_hook=note)
