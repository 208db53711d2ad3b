"""A small server that describes itself by an OpenAPI document, and can be told to break its word."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "notebook-token"
_TEXT = {"type": "string", "minLength": 1, "maxLength": 20}
_NOTE = {"type": "object", "required": ["id", "text"], "properties": {"id": {"type": "string"}, "text": _TEXT}}
_NEW = {"type": "object", "required": ["text"], "properties": {"text": _TEXT}, "additionalProperties": False}
_REFUSED = {str(status): {"description": "Refused."} for status in (400, 401, 404)}


def _told(description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": _NOTE}}}


_ID = {
    "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^n[0-9]+$"}}]
}
_LINKS = {
    "read": {"operationId": "read", "parameters": {"id": "$response.body#/id"}},
    "remove": {"operationId": "remove", "parameters": {"id": "$response.body#/id"}},
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Notebook", "version": "1"},
    "security": [{"token": []}],
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/notes": {
            "post": {
                "operationId": "make",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": _NEW, "example": {"text": "milk"}}},
                },
                "responses": {"201": {**_told("Made."), "links": _LINKS}, **_REFUSED},
            }
        },
        "/notes/{id}": {
            "get": {"operationId": "read", **_ID, "responses": {"200": _told("Found."), **_REFUSED}},
            "delete": {"operationId": "remove", **_ID, "responses": {"204": {"description": "Gone."}, **_REFUSED}},
        },
    },
}


@dataclass
class Notebook:
    """The server's state: its notes, what it was asked, and the `faults` that it has."""

    faults: frozenset[str] = frozenset()
    notes: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    url: str = ""

    def answer(self, method: str, path: str, token: str, body: bytes) -> tuple[int, Any]:
        """Return status and JSON of the answer."""
        if token != f"Bearer {TOKEN}" and "open to all" not in self.faults:
            return 401, {}
        kind, _, name = path.strip("/").partition("/")
        if kind != "notes" or "/" in name:
            return 404, {}
        if name:
            return self._one(method, name)
        return self._make(body) if method == "POST" else (405, {})

    def _make(self, body: bytes) -> tuple[int, Any]:
        try:
            sent = json.loads(body)
            text, further = sent["text"], sent.keys() - {"text"}
        except (ValueError, KeyError, TypeError, AttributeError):
            return (500 if "crashes" in self.faults else 400), {}
        is_fit = isinstance(text, str) and 0 < len(text) <= 20 and not further
        if not is_fit and "takes anything" not in self.faults:
            return 400, {}
        name = f"n{len(self.notes) + 1}"
        self.notes[name] = text
        return 201, {"id": name} if "forgets the text" in self.faults else {"id": name, "text": text}

    def _one(self, method: str, name: str) -> tuple[int, Any]:
        if method not in ("GET", "DELETE"):
            return 405, {}
        if name not in self.notes:
            return 404, {}
        if method == "GET":
            return 200, {"id": name, "text": self.notes[name]}
        if "keeps what is deleted" not in self.faults:
            del self.notes[name]
        return 204, None


@contextmanager
def notebook(*faults: str) -> Iterator[Notebook]:
    """Yield a server with `faults`, which stops when the block ends."""
    book = Notebook(frozenset(faults))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            book.asked.append((self.command, self.path, body.decode("utf-8", "replace")))
            status, told = book.answer(self.command, self.path, self.headers.get("Authorization", ""), body)
            content = b"" if told is None or self.command == "HEAD" else json.dumps(told).encode()
            self.send_response_only(status)
            if content:
                self.send_header("Content-Type", "application/json")
            if status == 405:
                self.send_header("Allow", "GET, DELETE" if self.path.count("/") > 1 else "POST")
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    book.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield book
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
