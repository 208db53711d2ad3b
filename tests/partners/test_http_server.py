"""Requests arrive whole, however they are sent, or do not arrive at all."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from tests.partners.messages import ask, connect

from epjgate.partners.http_messages import HttpAnswer, HttpRequest
from epjgate.partners.http_server import BODY_LIMIT, HttpServer
from epjgate.partners.interface import Wire


class Mirror:
    """Answers with what it received."""

    def __init__(self) -> None:
        self.received: list[HttpRequest] = []

    def receive(self, message: HttpRequest, wire: Wire[HttpAnswer]) -> None:
        """Keep the request, and tell it back."""
        self.received.append(message)
        body = message.body.decode("utf-8", "replace")[:100]
        wire.send(HttpAnswer(200, {"method": message.method, "path": list(message.steps), "body": body}))


@pytest.fixture
def mirror() -> Mirror:
    """The receiver behind the server."""
    return Mirror()


@pytest.fixture
def url(mirror: Mirror) -> Iterator[str]:
    """Where the mirror is served."""
    server = HttpServer("mirror", "127.0.0.1", mirror)
    yield server.url
    server.close()


def raw(url: str, request: bytes) -> bytes:
    """Send bytes and return all that comes until the server ends the connection."""
    with connect(url) as client:
        client.sendall(request)
        return b"".join(iter(lambda: client.recv(4096), b""))


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
def test_each_method_arrives(url: str, method: str) -> None:
    """With its path, decoded step by step, and its body."""
    assert ask(url, method, "/a%20b%2F%C3%A6/$c?d=e", {"æ": 1}) == (
        200,
        {"method": method, "path": ["a b/æ", "$c"], "body": json.dumps({"æ": 1})},
    )


def test_several_requests_share_a_connection(url: str, mirror: Mirror) -> None:
    """HTTP/1.1: the connection stays open between requests."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=5)
    try:
        for number in range(3):
            connection.request("POST", f"/{number}", b"{}")
            assert json.loads(connection.getresponse().read())["path"] == [str(number)]
    finally:
        connection.close()
    assert len(mirror.received) == 3


def test_chunks_make_one_body(url: str, mirror: Mirror) -> None:
    """A body whose length is not announced arrives as well, extensions and trailer left out."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    assert b" 200 " in raw(url, head + b"3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: x\r\n\r\n")
    assert mirror.received[0].body == b"abc0123456789"


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        ("Content-Length: x", b"", b" 400 "),
        ("Content-Length: -1", b"", b" 400 "),
        ("Transfer-Encoding: chunked", b"zz\r\n", b" 400 "),
        ("Transfer-Encoding: chunked", b"-3\r\nabc\r\n", b" 413 "),
        (f"Content-Length: {BODY_LIMIT + 1}", b"", b" 413 "),
    ],
)
def test_bodies_that_cannot_be_read_are_refused(
    url: str, mirror: Mirror, head: str, body: bytes, status: bytes
) -> None:
    """The sender is told, and no message has arrived."""
    assert status in raw(url, f"POST / HTTP/1.1\r\n{head}\r\n\r\n".encode() + body).partition(b"\r\n")[0]
    assert mirror.received == []


def test_a_body_that_is_cut_off_has_not_arrived(url: str, mirror: Mirror) -> None:
    """Half a message is none; the next sender is served."""
    with connect(url) as client:
        client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf")
    assert ask(url, "GET", "/next")[0] == 200
    assert [request.path for request in mirror.received] == ["/next"]


@pytest.mark.parametrize("request_line", [b"nonsense\r\n\r\n", b"\x00\xff\r\n\r\n", b"GET " + b"x" * 70_000])
def test_what_is_no_http_is_refused(url: str, mirror: Mirror, request_line: bytes) -> None:
    """The server stays as it was, and nothing is printed."""
    assert b"400" in (answer := raw(url, request_line)) or b"414" in answer
    assert mirror.received == []
    assert ask(url, "GET", "/")[0] == 200
