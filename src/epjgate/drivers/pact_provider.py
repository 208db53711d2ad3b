"""Stands between the Pact verifier and the candidate: sets up what an interaction relies on, and hands requests on.

The verifier asks here and nowhere else, on the loopback: so every exchange is recorded and signed in like all others.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from epjgate.drivers.http import RecordedSession

SetUp = Callable[[], Mapping[str, str]]
"""Brings the candidate into a state and returns the values that requests hold in it."""
STATES = "/_epjgate/states"
_HOST = "127.0.0.1"
# These are about one connection, and the body is handed on without its transfer or content coding.
_NOT_HANDED_ON = frozenset(
    {"connection", "transfer-encoding", "content-encoding", "content-length", "keep-alive", "host"}
)
Told = tuple[int, Mapping[str, str], bytes]
"""Status, headers and body."""


class Provider:
    """The candidate as the verifier sees it; `states` are what it can be brought into, by name.

    `failures` holds what went wrong while a state was set up or the candidate was asked, `handed_on` counts requests.
    """

    def __init__(self, session: RecordedSession, states: Mapping[str, SetUp]) -> None:
        self._session = session
        self._states = states
        self._lock = threading.Lock()
        self.failures: list[BaseException] = []
        self.handed_on = 0
        self._server = ThreadingHTTPServer((_HOST, 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where the verifier asks."""
        return f"http://{_HOST}:{self._server.server_address[1]}"

    def set_up(self, state: str) -> Mapping[str, str]:
        """Bring the candidate into `state` and return its values; whatever hinders that is kept, and raised."""
        try:
            return self._states[state]()
        except BaseException as err:
            self._keep(err)
            raise

    def hand_on(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Told:
        """Ask the candidate and return what it answers; what hinders that is kept, and raised."""
        with self._lock:
            self.handed_on += 1
        kept = {name: value for name, value in headers.items() if name.lower() not in _NOT_HANDED_ON}
        try:
            answer = self._session.request(method, path, body=body or None, headers=kept)
        except BaseException as err:
            self._keep(err)
            raise
        told = {name: value for name, value in answer.headers.items() if name.lower() not in _NOT_HANDED_ON}
        return answer.status, told, answer.content

    def _keep(self, err: BaseException) -> None:
        with self._lock:
            self.failures.append(err)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                """Answer one request, whatever its method."""
                self.raw_requestline = self.rfile.readline(65537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self._answer(*_answered(provider, self.command, self.path, dict(self.headers.items()), body))

            def _answer(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
                self.send_response_only(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        return Handler


def _answered(provider: Provider, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Told:
    """Return what the verifier is answered: 400 for a failure, which `provider` keeps; 5xx it would try again."""
    try:
        if path == STATES:
            asked: dict[str, Any] = json.loads(body)
            values = provider.set_up(str(asked["state"])) if asked.get("action", "setup") == "setup" else {}
            return 200, {"Content-Type": "application/json"}, json.dumps(dict(values)).encode()
        return provider.hand_on(method, path, headers, body)
    except Exception as err:  # noqa: BLE001 - it is kept, and decides how the test ends
        return 400, {"Content-Type": "text/plain"}, f"{type(err).__name__}".encode()
