"""A service is ready when a real request is answered as declared, and nothing else counts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from epjgate.environments.interface import EnvironmentDown
from epjgate.environments.placeholders import free_port
from epjgate.environments.readiness import LAST_LINES, answers, tail, wait_until_ready, with_last_lines
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.system import Readiness

READY = Readiness(path="/ready", limit_s=20)


@contextmanager
def serving(*statuses: int, location: str = "") -> Iterator[tuple[str, list[str]]]:
    """Serve one status for each request, the last one for ever; yields the base URL and the paths asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(statuses[min(len(asked), len(statuses)) - 1])
            if location:
                self.send_header("Location", location)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def wait(url: str, *, ready: Readiness = READY, lines: tuple[str, ...] = (), end: Exception | None = None) -> None:
    def raise_if_ended() -> None:
        if end is not None:
            raise end

    ask = partial(answers, url, ready)
    wait_until_ready(ask, ready.limit_s, service="his", last_lines=lambda: lines, raise_if_ended=raise_if_ended)


def test_the_declared_status_makes_it_ready() -> None:
    """Other statuses are waited out until the declared one comes; the declared path is what is asked for."""
    with serving(503, 500, 200) as (url, asked):
        wait(url)
    assert asked == ["/ready"] * 3


def test_another_status_may_be_declared() -> None:
    """A system that answers 401 when it is up is ready with 401."""
    with serving(401) as (url, _asked):
        assert answers(url, Readiness(path="/", status=401)) is None
        assert answers(url, Readiness(path="/", status=200)) == f"GET {url}/ answered 401, declared is 200"


def test_a_redirect_is_not_followed() -> None:
    """A service that sends the reader elsewhere has not answered as declared."""
    with serving(200) as (elsewhere, asked), serving(302, location=f"{elsewhere}/login") as (url, _asked):
        reason = answers(url, READY)
    assert reason is not None
    assert "answered 302" in reason
    assert asked == []


def test_proxies_of_the_surroundings_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy set for the internet does not stand between the gate and its candidate."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", "")
    with serving(200) as (url, _asked):
        assert answers(url, READY) is None


def test_no_answer_is_a_reason() -> None:
    """A port on which nobody listens is told as such, and is no exception."""
    reason = answers(f"http://127.0.0.1:{free_port()}", READY)
    assert reason is not None
    assert "got no answer (ConnectionError" in reason


def test_the_limit_ends_the_waiting() -> None:
    """After the limit the error names the limit, the last answer, the last log lines and whom it concerns."""
    with serving(503) as (url, _asked), pytest.raises(EnvironmentDown) as down:
        wait(url, ready=Readiness(path="/ready", limit_s=0.2), lines=("migrating", "still migrating"))
    assert "within 0.2 s" in down.value.problem
    assert "answered 503, declared is 200" in down.value.cause
    assert "still migrating" in down.value.cause
    assert (down.value.stage, down.value.root) == (EnvironmentStage.START, EnvironmentCause.UNREACHABLE)
    assert down.value.service == "his"


def test_a_service_that_has_ended_is_not_waited_for() -> None:
    """The error of a service that has ended comes through at once, long before the limit."""
    with pytest.raises(RuntimeError, match="it is gone"):
        wait(f"http://127.0.0.1:{free_port()}", ready=Readiness(path="/", limit_s=1800), end=RuntimeError("it is gone"))


def test_an_answer_in_the_place_of_an_ended_service_does_not_count() -> None:
    """When the service ended while somebody else answered at its port, it is not ready."""
    asked_before = iter([False])

    def raise_if_ended() -> None:
        if next(asked_before, True):
            raise RuntimeError("it is gone")

    with serving(200) as (url, asked), pytest.raises(RuntimeError, match="it is gone"):
        wait_until_ready(
            partial(answers, url, READY), 20, service="his", last_lines=tuple, raise_if_ended=raise_if_ended
        )
    assert asked == ["/ready"]


def test_silence_in_the_log_is_said() -> None:
    """A cause with lines shows them below each other; one without says that there are none."""
    assert with_last_lines("it ended", ("one", "two")).splitlines()[1:] == ["       one", "       two"]
    assert with_last_lines("it ended", ()) == "it ended; it logged nothing"


def test_the_tail_of_a_log(tmp_path: Path) -> None:
    """The last lines come oldest first, broken bytes do no harm, and a missing file has no lines."""
    log = tmp_path / "his.log"
    log.write_bytes(b"".join(b"line %d\n" % number for number in range(50)) + b"l\xe6ge\r\n")
    assert tail(log, 3) == ("line 48", "line 49", "l�ge")
    assert len(tail(log)) == LAST_LINES
    assert tail(tmp_path / "missing.log") == ()


def test_what_only_a_command_can_tell_is_never_ready_from_afar() -> None:
    """A service without a request to answer is not taken for ready because nobody could ask it."""
    with serving(200) as (url, asked):
        assert answers(url, Readiness(command=("true",))) is not None
    assert asked == []
