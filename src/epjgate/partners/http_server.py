"""A small HTTP server on `TcpServer`: whole requests in, JSON answers out, and the connection itself within reach."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from epjgate.partners.http_messages import HttpAnswer, HttpRequest
from epjgate.partners.interface import Receiver
from epjgate.partners.tcp import Connection, TcpServer

BODY_LIMIT = 16 * 1024 * 1024
_LINE_LIMIT = 1024


class HttpServer:
    """Serves one receiver over HTTP/1.1 from its construction until `close`."""

    def __init__(self, name: str, address: str, receiver: Receiver[HttpRequest, HttpAnswer]) -> None:
        """Listen at once; raises OSError where `address` cannot be had."""

        def handle(connection: Connection) -> None:
            with contextlib.suppress(OSError):  # the sender broke the connection
                _Conversation(connection, receiver)

        self._server = TcpServer(name, address, handle)
        self.url = f"http://{address}:{self._server.port}"

    def close(self) -> None:
        """End every connection and thread."""
        self._server.close()


class _BadBody(ValueError):
    """A body that cannot be read; `status` is the answer to it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class _Conversation(BaseHTTPRequestHandler):
    """All requests of one connection, one after the other; made, it is over."""

    protocol_version = "HTTP/1.1"
    server_version = "epjgate"
    sys_version = ""

    def __init__(self, connection: Connection, receiver: Receiver[HttpRequest, HttpAnswer]) -> None:
        self._wire = _HttpWire(self, connection)
        self._receiver = receiver
        super().__init__(connection.socket, ("", 0), None)  # type: ignore[arg-type]  # there is no server to ask

    def do_POST(self) -> None:
        """Take one request of any method."""
        try:
            body = self._body()
        except _BadBody as err:
            self.close_connection = True
            self.answer(HttpAnswer(err.status, {"Error": "UNREADABLE", "Detail": str(err)}))
            return
        except EOFError:  # the sender broke off: no message has arrived
            self.close_connection = True
            return
        address = urlsplit(self.path)
        request = HttpRequest(self.command, address.path, body, address.query)
        self._receiver.receive(request, self._wire)

    do_GET = do_HEAD = do_PUT = do_DELETE = do_PATCH = do_POST  # noqa: N815 - as above

    def answer(self, answer: HttpAnswer) -> None:
        """Send `answer`."""
        body = answer.body()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name for it
        """Keep quiet: nothing of a request belongs in the gate's output."""

    def _body(self) -> bytes:
        """Return the whole body, empty where none is announced; raises EOFError where it is cut off."""
        if self.headers.get("Transfer-Encoding", "identity").lower() != "identity":
            return b"".join(self._chunks())
        announced = self.headers.get("Content-Length", "0")
        if not (announced.isascii() and announced.isdigit()):
            raise _BadBody(400, "Content-Length is no number")
        return self._exactly(int(announced), have=0)

    def _chunks(self) -> Iterator[bytes]:
        """Yield the chunks of a body (RFC 9112, 7.1)."""
        have = 0
        while size := self._chunk_size():
            yield self._exactly(size, have=have)
            have += size
            self._line()
        while self._line():  # trailer fields
            pass

    def _chunk_size(self) -> int:
        try:
            return int(self._line().partition(b";")[0], 16)
        except ValueError as err:
            raise _BadBody(400, "a chunk without its size") from err

    def _line(self) -> bytes:
        line = self.rfile.readline(_LINE_LIMIT)
        if not line.endswith(b"\n"):
            raise EOFError
        return line.strip()

    def _exactly(self, size: int, *, have: int) -> bytes:
        if not 0 <= size <= BODY_LIMIT - have:
            raise _BadBody(413, f"the body is longer than {BODY_LIMIT} bytes")
        body = self.rfile.read(size)
        if len(body) < size:
            raise EOFError
        return body


class _HttpWire:
    """The connection of one request."""

    can_answer_twice = False

    def __init__(self, conversation: _Conversation, connection: Connection) -> None:
        self._conversation = conversation
        self._connection = connection

    def send(self, answer: HttpAnswer) -> None:
        """Send `answer`; a sender who is gone by now is no error."""
        with contextlib.suppress(OSError):
            self._conversation.answer(answer)

    def wait(self, seconds: float) -> None:
        """Wait; ends early when the server is closed."""
        self._connection.wait(seconds)

    def hold(self) -> None:
        """Say nothing until the sender gives up."""
        self._connection.hold()
        self.drop()

    def reset(self) -> None:
        """End the connection with a reset."""
        self._connection.reset()
        self.drop()

    def drop(self) -> None:
        """End the connection without an answer."""
        self._conversation.close_connection = True
