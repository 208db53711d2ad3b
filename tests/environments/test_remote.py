"""A system that already runs is asked whether it answers, and otherwise left as it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from epjgate.environments.interface import EnvironmentDown, Listener, Order
from epjgate.environments.placeholders import free_port
from epjgate.environments.remote import RemoteEnvironment
from epjgate.errors import EnvironmentFailed, UsageError
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.identity import DigestKind
from epjgate.model.redaction import Redactor
from epjgate.model.system import System

DIGEST = f"sha256:{'a' * 64}"


class Server(HTTPServer):
    """A system elsewhere whose answer can be changed."""

    status = 200


class Handler(BaseHTTPRequestHandler):
    """Answers every request with the status of its server."""

    def do_GET(self) -> None:
        """Answer with the status alone."""
        assert isinstance(self.server, Server)
        self.send_response(self.server.status if self.path.startswith("/epj/ready") else 404)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def elsewhere() -> Iterator[Server]:
    """A server that answers 200 at /epj/ready."""
    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def order(url: str, *, limit_s: float = 1, **remote: object) -> Order:
    system = System.model_validate(
        {
            "schema_version": "epjgate/system/1",
            "name": "cluster",
            "title": "Cluster",
            "services": {"his": {"ready": {"path": "/ready", "limit_s": limit_s}}},
            "interfaces": {"fhir_r4": {"service": "his"}},
            "releases": {"1.0": {"remote": {"urls": {"his": url}, **remote}}, "none": {}},
        }
    )
    return Order("run1", system, "1.0", system.releases["1.0"], Path("unused"), Redactor(b"key"))


def test_a_system_that_answers_is_handed_over(elsewhere: Server, heard: Listener) -> None:
    """Its base URL comes without a trailing slash, its digest as declared, and it is not disposable unless said so."""
    url = f"http://127.0.0.1:{elsewhere.server_port}/epj"
    with RemoteEnvironment().start(order(f"{url}/", digests={"his": DIGEST}), heard) as running:
        assert running.urls == {"his": url}
        (identity,) = running.identities
        assert (identity.digest, identity.kind, identity.reference) == (DIGEST, DigestKind.DECLARED, url)
        assert not running.disposable
        running.raise_if_down()
        running.raise_if_silent()
    with RemoteEnvironment().start(order(url, disposable=True), heard) as running:
        assert running.disposable
        assert running.identities[0].kind is DigestKind.NONE
        assert running.identities[0].digest == ""


def test_nothing_is_run_beside_a_service_elsewhere(elsewhere: Server, heard: Listener) -> None:
    """Only who runs it could; that is said, and no empty answer is given."""
    url = f"http://127.0.0.1:{elsewhere.server_port}/epj"
    with RemoteEnvironment().start(order(url), heard) as running:
        with pytest.raises(EnvironmentFailed) as refused:
            running.run_beside("his", ("dump", "schema"))
        assert "it runs elsewhere" in refused.value.cause


def test_what_would_be_reached_is_what_the_site_declares(heard: Listener) -> None:
    """Nobody is asked for it."""
    (identity,) = RemoteEnvironment().identify(order("http://127.0.0.1:1", digests={"his": DIGEST}), heard)
    assert (identity.service, identity.digest, identity.kind) == ("his", DIGEST, DigestKind.DECLARED)


def test_a_system_that_falls_silent_is_noticed(elsewhere: Server, heard: Listener) -> None:
    """Asked again, a service that answers otherwise is out of reach, at the stage of the run."""
    url = f"http://127.0.0.1:{elsewhere.server_port}/epj"
    with RemoteEnvironment().start(order(url), heard) as running:
        elsewhere.status = 502
        running.raise_if_down()
        with pytest.raises(EnvironmentDown, match="answered 502") as down:
            running.raise_if_silent()
    assert (down.value.stage, down.value.root) == (EnvironmentStage.RUN, EnvironmentCause.UNREACHABLE)
    assert down.value.service == "his"


def test_a_system_that_does_not_answer_is_not_started_with(heard: Listener) -> None:
    """Nobody at the URL ends the start; the URL is in the message."""
    url = f"http://127.0.0.1:{free_port()}"
    with (
        pytest.raises(EnvironmentDown, match=f"GET {url}/ready") as down,
        RemoteEnvironment().start(order(url, limit_s=0.1), heard),
    ):
        pytest.fail("it was started")
    assert (down.value.stage, down.value.root) == (EnvironmentStage.START, EnvironmentCause.UNREACHABLE)


def test_the_waiting_is_short_even_where_a_start_may_take_long(heard: Listener) -> None:
    """A system that runs already is not given the half hour that its start may take."""
    url = f"http://127.0.0.1:{free_port()}"
    with (
        pytest.raises(EnvironmentDown, match=r"within 0\.1 s"),
        RemoteEnvironment(limit_s=0.1).start(order(url, limit_s=1800), heard),
    ):
        pytest.fail("it was started")


def test_a_release_that_runs_nowhere_is_refused(heard: Listener) -> None:
    """A release without URLs cannot be prepared; the services that lack one are named."""
    nowhere = order("http://127.0.0.1")
    nowhere = Order("run1", nowhere.system, "none", nowhere.system.releases["none"], Path("unused"), Redactor(b"key"))
    with pytest.raises(EnvironmentDown, match="no URL for his") as down, RemoteEnvironment().start(nowhere, heard):
        pytest.fail("it was started")
    assert (down.value.stage, down.value.root) == (EnvironmentStage.PREPARE, EnvironmentCause.SET_UP)


@pytest.mark.parametrize(
    "url", ["", "his", "ftp://his", "http://", "http:///fhir", "https://his?x=1", "https://his/#x", "https://h is"]
)
def test_what_is_no_base_url_is_refused(heard: Listener, url: str) -> None:
    """A URL that cannot be asked, or to which no path can be added, is a mistake in the description."""
    with pytest.raises(UsageError, match="is no base URL"), RemoteEnvironment().start(order(url), heard):
        pytest.fail("it was started")


def test_a_password_in_a_url_is_refused_and_not_repeated(heard: Listener) -> None:
    """A URL with credentials would end in evidence and reports, so neither it nor the message holds them."""
    with (
        pytest.raises(UsageError) as refused,
        RemoteEnvironment().start(order("https://nurse:hunter2@his/fhir"), heard),
    ):
        pytest.fail("it was started")
    assert "hunter2" not in str(refused.value)
    assert "nurse" not in str(refused.value)


@pytest.mark.parametrize(
    "digests", [{"his": "latest"}, {"his": "sha256:abc"}, {"his": DIGEST.upper()}, {"other": DIGEST}]
)
def test_a_digest_that_says_nothing_is_refused(heard: Listener, digests: dict[str, str]) -> None:
    """Half a digest, or one of a service that is not there, identifies nothing."""
    with (
        pytest.raises(UsageError, match="says nothing"),
        RemoteEnvironment().start(order("https://his", digests=digests), heard),
    ):
        pytest.fail("it was started")


def test_a_service_that_exists_elsewhere_only_needs_no_url(elsewhere: Server, heard: Listener) -> None:
    """A database that containers have is nothing to be reached; further ports are where the description says."""
    url = f"http://127.0.0.1:{elsewhere.server_port}/epj"
    plain = order(url, ports={"his": {"mllp": "127.0.0.1:2575"}})
    database = {"environments": ["container"], "ready": {"command": ["true"]}}
    services = {"db": database, **plain.system.model_dump()["services"]}
    system = System.model_validate({**plain.system.model_dump(), "services": services})
    with RemoteEnvironment().start(replace(plain, system=system), heard) as running:
        assert dict(running.urls) == {"his": url}
        assert running.ports == {"his": {"mllp": "127.0.0.1:2575"}}
        running.raise_if_silent()


def test_a_service_that_only_a_command_can_ask_is_never_ready_here(elsewhere: Server, heard: Listener) -> None:
    """No command can be run where the gate has started nothing."""
    plain = order(f"http://127.0.0.1:{elsewhere.server_port}/epj")
    services = {"his": {"ready": {"command": ["true"], "limit_s": 0.1}}}
    system = System.model_validate({**plain.system.model_dump(), "services": services})
    with pytest.raises(EnvironmentDown, match="a command must tell"):
        RemoteEnvironment().start(replace(plain, system=system), heard).__enter__()
