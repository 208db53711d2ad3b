"""Suites run by pytest inside pytest, against a desk that answers everything."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from epjgate.evidence.journal import read_journal
from epjgate.evidence.layout import Layout
from epjgate.model.events import Event, TestFinished
from epjgate.model.target import Endpoint, Target
from epjgate.suite_runner.pytest_process import PIPELINE

SETTINGS = Path(__file__).parents[2] / "suites/pytest.toml"
CONFTEST = """
import pytest
from epjgate.drivers.http import RecordedSession

@pytest.fixture
def desk(target, recorder):
    with RecordedSession(target.url("http"), recorder) as session:
        yield session
"""


class Desk(BaseHTTPRequestHandler):
    """Answers 200 with the path."""

    def do_GET(self) -> None:
        """Answer."""
        body = self.path.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""


@pytest.fixture
def desk_url() -> Iterator[str]:
    """The base URL of a desk on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Inner:
    """An inner pytest run of one suite, and the evidence it leaves."""

    def __init__(self, pytester: pytest.Pytester, target: Target) -> None:
        self.pytester = pytester
        self.layout = Layout(pytester.path / "bundle")
        self.layout.create()
        self.layout.target.write_text(target.model_dump_json(), encoding="utf-8")
        pytester.makefile(".toml", pytest=SETTINGS.read_text(encoding="utf-8"))
        pytester.makeconftest(CONFTEST)
        suite = 'schema_version = "epjgate/suite/1"\ntitle = "Desk"\ntitle_da = "Skranke"\nabout = "The desk."\n'
        (pytester.path / "desk").mkdir()
        (pytester.path / "desk/suite.toml").write_text(suite, encoding="utf-8")

    def run(self, tests: str, *arguments: str) -> pytest.RunResult:
        """Run `tests` in a process of their own."""
        (self.pytester.path / "desk/test_desk.py").write_text(tests, encoding="utf-8")
        options = [f"--epj-bundle={self.layout.folder}", f"--epj-target={self.layout.target}", *arguments]
        return self.pytester.runpytest_subprocess(*options, "desk")

    @property
    def events(self) -> list[Event]:
        """Every event of the journal; it must have no flaw."""
        entries, flaws = read_journal(self.layout.journal)
        assert flaws == ()
        return [entry.data for entry in entries]

    def ends(self) -> dict[str, TestFinished]:
        """How each test ended, by its function's name."""
        return {event.test.rpartition("::")[2]: event for event in self.events if isinstance(event, TestFinished)}


@pytest.fixture
def target(desk_url: str) -> Target:
    """The desk as a started candidate without surgery."""
    return Target(
        system="tiny",
        release="1.0",
        environment="process",
        endpoints=(Endpoint(interface="http", url=desk_url),),
        capabilities={"patients": "http"},
        absent={"surgery": "there is no theatre"},
        seed=7,
    )


@pytest.fixture
def inner(pytester: pytest.Pytester, target: Target, monkeypatch: pytest.MonkeyPatch) -> Inner:
    """An inner run, without what the outer one was told."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    for variable in PIPELINE:  # Hypothesis pays no heed to a seed there
        monkeypatch.delenv(variable, raising=False)
    return Inner(pytester, target)


Ends = Callable[[], dict[str, TestFinished]]
