"""Suites that cross an upgrade, run by pytest inside pytest, and a rehearsal that changes the desk in between."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from epjgate.evidence.journal import read_journal
from epjgate.evidence.layout import Layout
from epjgate.model.events import Event, TestFinished, TestStarted
from epjgate.model.target import Endpoint, Target
from epjgate.suite_runner.handover import Handover, Part

SETTINGS = Path(__file__).parents[2] / "suites/pytest.toml"
PLUGINS = ("-p", "epjgate.plugin.hooks", "-p", "epjgate.crossing.hooks")
CONFTEST = """
import pytest
from epjgate.drivers.http import RecordedSession

@pytest.fixture
def desk(target, recorder):
    with RecordedSession(target.url("http"), recorder) as session:
        yield session
"""
SUITE = 'schema_version = "epjgate/suite/1"\ntitle = "Desk"\ntitle_da = "Skranke"\nabout = "The desk."\n'
RELEASES = {Part.BEFORE: "old", Part.AFTER: "new", Part.BACK: "old again"}


class Desk(ThreadingHTTPServer):
    """Says which release it is."""

    release = RELEASES[Part.BEFORE]


class Clerk(BaseHTTPRequestHandler):
    """Answers for the desk."""

    server: Desk

    def do_GET(self) -> None:
        """Answer 200 with the release."""
        body = self.server.release.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk on loopback."""
    server = Desk(("127.0.0.1", 0), Clerk)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class OverError(Exception):
    """The suites have ended."""


@dataclass
class Rehearsal:
    """Answers what the suites ask, with another release at the desk; `refuses` maps parts to why they do not stand."""

    desk: Desk
    folder: Path
    refuses: dict[Part, str] = field(default_factory=dict)
    asked: list[tuple[Part, list[str]]] = field(default_factory=list)

    def conduct(self, journal: Path, over: threading.Event) -> None:
        """Take part until the suites have ended; keep which tests had ended when they asked."""

        def raise_if_over() -> None:
            if over.is_set():
                raise OverError

        handover = Handover(self.folder)
        try:
            for part in (Part.AFTER, Part.BACK):
                handover.wait_asked(part, raise_if_over)
                self.asked.append((part, [one.test for one in events_of(journal) if isinstance(one, TestFinished)]))
                self.desk.release = RELEASES[part]
                handover.answer(part, go=part not in self.refuses, why=self.refuses.get(part, ""))
        except OverError:
            return


class Inner:
    """An inner pytest run of one suite, and the evidence that it leaves."""

    def __init__(self, root: Path, desk: Desk) -> None:
        self.root = root
        self.layout = Layout(root / "bundle")
        self.layout.create()
        target = Target(
            system="tiny",
            release="1.0",
            environment="process",
            endpoints=(Endpoint(interface="http", url=f"http://127.0.0.1:{desk.server_port}"),),
            capabilities={"patients": "http"},
            absent={"surgery": "there is no theatre"},
            seed=7,
        )
        self.layout.target.write_text(target.model_dump_json(), encoding="utf-8")
        (root / "pytest.toml").write_text(SETTINGS.read_text(encoding="utf-8"), encoding="utf-8")
        (root / "conftest.py").write_text(CONFTEST, encoding="utf-8")
        (root / "suite").mkdir()
        self.describe("crosses_upgrade = true\n")

    def describe(self, more: str) -> None:
        """Write the suite's description anew."""
        (self.root / "suite/suite.toml").write_text(SUITE + more, encoding="utf-8")

    def start(self, tests: str, *arguments: str) -> subprocess.Popen[str]:
        """Start the suite with `tests` in it."""
        (self.root / "suite/test_suite.py").write_text(tests, encoding="utf-8")
        options = [f"--epj-bundle={self.layout.folder}", f"--epj-target={self.layout.target}", *PLUGINS, *arguments]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        return subprocess.Popen(
            [sys.executable, "-m", "pytest", "-c", "pytest.toml", "--rootdir", str(self.root), *options, "suite"],
            cwd=self.root,
            env={**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, tests: str, *arguments: str, rehearsal: Rehearsal | None = None) -> tuple[int, str]:
        """Run `tests` to their end, in a rehearsal where one is given; returns exit status and output."""
        over = threading.Event()
        options = [f"--epj-handover={rehearsal.folder}"] if rehearsal is not None else []
        with self.start(tests, *options, *arguments) as process:
            conductor = threading.Thread(
                target=rehearsal.conduct if rehearsal is not None else _nobody, args=(self.layout.journal, over)
            )
            conductor.start()
            output, _ = process.communicate(timeout=60)
            over.set()
            conductor.join()
        return process.returncode, output

    @property
    def events(self) -> list[Event]:
        """Every event of the journal; it must have no flaw."""
        return events_of(self.layout.journal)

    def ends(self) -> dict[str, TestFinished]:
        """How each test ended, by its name."""
        return {event.test.rpartition("::")[2]: event for event in self.events if isinstance(event, TestFinished)}

    def order(self) -> list[str]:
        """The tests in the order in which they began."""
        return [event.test.rpartition("::")[2] for event in self.events if isinstance(event, TestStarted)]


def events_of(journal: Path) -> list[Event]:
    """Return the events in `journal`; it must have no flaw."""
    entries, flaws = read_journal(journal)
    assert flaws == ()
    return [entry.data for entry in entries]


def _nobody(_journal: Path, _over: threading.Event) -> None:
    """Conduct nothing."""


@pytest.fixture
def inner(tmp_path: Path, desk: Desk) -> Inner:
    """An inner run of a suite that crosses."""
    return Inner(tmp_path, desk)


@pytest.fixture
def rehearsal(tmp_path: Path, desk: Desk) -> Rehearsal:
    """A rehearsal in which every release comes to stand."""
    (tmp_path / "handover").mkdir()
    return Rehearsal(desk, tmp_path / "handover")
