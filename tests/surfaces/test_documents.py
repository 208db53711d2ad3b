"""The documents of a release, as it gives them out."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from epjgate.errors import CandidateFault
from epjgate.evidence.recorder import Recorder
from epjgate.model.redaction import Redactor, numbers_in
from epjgate.model.target import Endpoint, Target
from epjgate.surfaces.documents import capability_statement, openapi

STATEMENT = {"resourceType": "CapabilityStatement", "status": "active", "rest": [{"mode": "server"}]}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "EPJ", "description": "Example: 1205482028, and 120548-2028"},
    "components": {"examples": {"1205482028": {"value": 1205482028}}, "schemas": {"N": {"maximum": 1.5, "minimum": 9}}},
}


class Server(ThreadingHTTPServer):
    """Answers what it is told to; keeps who asked."""

    answers: Mapping[str, Any] = {}
    asked_by: list[str | None]


class Handler(BaseHTTPRequestHandler):
    """Gives the answer of the path."""

    def do_GET(self) -> None:
        """Answer with JSON."""
        assert isinstance(self.server, Server)
        self.server.asked_by.append(self.headers.get("Authorization"))
        body = json.dumps(self.server.answers.get(self.path)).encode()
        self.send_response(200 if self.path in self.server.answers else 404)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    """A release that gives out both documents."""
    with Server(("127.0.0.1", 0), Handler) as one:
        one.answers, one.asked_by = {"/fhir/metadata": STATEMENT, "/openapi.json": DOCUMENT}, []
        thread = threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield one
        one.shutdown()
        thread.join()


@pytest.fixture
def target(server: Server) -> Target:
    """That release."""
    base = f"http://127.0.0.1:{server.server_port}"
    return Target(
        system="tiny",
        release="1.0",
        environment="remote",
        endpoints=(
            Endpoint(interface="fhir_r4", url=f"{base}/fhir"),
            Endpoint(interface="openapi", url=f"{base}/openapi.json"),
        ),
        capabilities={},
        users={"doctor": "d", "integration": "i"},
    )


@pytest.fixture
def recorder() -> Recorder:
    """A recorder with a key of its own."""
    return Recorder(Redactor(b"key"))


def test_the_statement_is_what_anybody_is_given(target: Target, recorder: Recorder, server: Server) -> None:
    """A client reads it before it signs in."""
    assert capability_statement(target, recorder) == STATEMENT
    assert server.asked_by == [None]


def test_the_openapi_document_is_what_the_most_trusted_user_is_given(
    target: Target, recorder: Recorder, server: Server
) -> None:
    """Numbers are plain again, as limits are compared by value."""
    found = openapi(target, recorder)
    assert isinstance(found, dict)
    assert found["openapi"] == "3.1.0"
    assert server.asked_by == ["Bearer i"]
    assert '"maximum": 1.5, "minimum": 9' in json.dumps(found)


def test_an_example_that_looks_like_a_person_does_not_get_in(target: Target, recorder: Recorder) -> None:
    """In a text, a key or a number; and two runs with other keys see the same document."""
    found = openapi(target, recorder)
    assert numbers_in(json.dumps(found)) == ()
    assert json.dumps(found).count("[cpr]") == 4
    assert found == openapi(target, Recorder(Redactor(b"another key")))


@pytest.mark.parametrize(
    ("path", "answer"),
    [("/fhir/metadata", {"resourceType": "OperationOutcome"}), ("/fhir/metadata", None), ("/openapi.json", [1])],
)
def test_what_is_no_such_document_is_never_an_empty_one(
    target: Target, recorder: Recorder, server: Server, path: str, answer: object
) -> None:
    """Empty documents would compare well."""
    server.answers = {**server.answers, path: answer}
    with pytest.raises(CandidateFault):
        (openapi if path == "/openapi.json" else capability_statement)(target, recorder)
    server.answers = {}
    with pytest.raises(CandidateFault):
        openapi(target, recorder)
