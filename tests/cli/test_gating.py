"""The commands that end in a verdict: its exit code, one line on stdout, the rest on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from tests.builders import DIGEST, run_blaming, write_bundle

from epjgate.environments.placeholders import free_port
from epjgate.model.verdict import Blame

if TYPE_CHECKING:
    from tests.cli.conftest import Ended
    from tests.conftest import Project

CODES = {
    Blame.NOBODY: 0,
    Blame.NOTHING_TESTED: 3,
    Blame.ENVIRONMENT: 4,
    Blame.HARNESS: 5,
    Blame.CANDIDATE: 10,
    Blame.INTERRUPTED: 130,
}
GATE = ("run", "--system=tiny", "--candidate=1.0", "--environment=remote", "--out=run")
SHUT = """
def test_the_desk_is_shut(desk):
    assert desk.request("GET", "/ready").status == 503
"""


class Desk(BaseHTTPRequestHandler):
    """Is open."""

    def do_GET(self) -> None:
        """Answer 200 to whatever is asked."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Stay silent."""


@pytest.fixture
def desk() -> Iterator[str]:
    """The URL of a desk that somebody else runs."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def deploy(project: Project, url: str) -> None:
    """Describe the release as a disposable one that runs at `url`; its digest is accepted as the site declares it."""
    file = project.root / "fixtures/systems/tiny/system.toml"
    before = file.read_text(encoding="utf-8").partition("[releases.")[0]
    release = f'[releases."1.0".remote]\nurls.desk = "{url}"\ndigests.desk = "{DIGEST}"\ndisposable = true\n'
    file.write_text(before + release, encoding="utf-8")
    policy = (project.root / "ci/policy.toml").read_text(encoding="utf-8")
    project.write("ci/policy.toml", f"{policy}[candidate_identified]\naccept_declared = true\n")


@pytest.mark.parametrize("name", ["judge", "report"])
@pytest.mark.parametrize("blame", Blame)
def test_a_stored_bundle_ends_with_the_code_of_its_verdict(
    command: Callable[..., Ended], tmp_path: Path, name: str, blame: Blame
) -> None:
    """Offline, as often as one likes; stdout is one line that a script can read."""
    folder = write_bundle(tmp_path / "run", run_blaming(blame))
    for _ in range(2):
        ended = command(name, folder)
        assert ended.code == CODES[blame], ended.err
        assert ended.out == f"{blame.decision} {folder}\n"
        assert ended.err != ""


@pytest.mark.parametrize("name", ["judge", "report"])
def test_a_folder_without_evidence_is_3(command: Callable[..., Ended], tmp_path: Path, name: str) -> None:
    """There is nothing to judge, and nothing is written there."""
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "nowhere"):
        ended = command(name, folder)
        assert ended.code == 3
        assert "holds no evidence" in ended.err
        assert "no verdict was reached" in ended.err
        assert ended.out == ""
    assert list((tmp_path / "empty").iterdir()) == []


def test_judging_writes_nothing(command: Callable[..., Ended], tmp_path: Path) -> None:
    """A bundle in an archive stays as it is."""
    folder = write_bundle(tmp_path / "run")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    command("judge", folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_reports_are_rebuilt_and_the_verdict_stays(command: Callable[..., Ended], tmp_path: Path) -> None:
    """Whatever became of the reports; they are no evidence, so the verdict on it is the same."""
    folder = write_bundle(tmp_path / "run")
    command("report", folder)
    verdict = next(folder.rglob("verdict.json"))
    first = verdict.read_bytes()
    verdict.write_text("{}")
    assert command("report", folder, "--language=da").code == 0
    assert verdict.read_bytes() == first


@pytest.mark.parametrize(("tests", "code", "said"), [(None, 0, "approved"), (SHUT, 10, "rejected")])
def test_a_run_ends_with_the_code_of_its_verdict(
    command: Callable[..., Ended], project: Project, desk: str, tests: str | None, code: int, said: str
) -> None:
    """From argv to the exit code with nothing replaced: a candidate, a suite, a verdict, and judged again the same."""
    deploy(project, desk)
    if tests is not None:
        project.suite(tests)
    ended = command(*GATE)
    assert (ended.code, ended.out) == (code, f"{said} {project.root / 'run'}\n"), ended.err
    assert "epjgate: starting tiny 1.0 (remote)" in ended.err
    assert "epjgate: 1 of 1 tests" in ended.err
    assert command("judge", project.root / "run").code == code


def test_a_candidate_that_cannot_be_reached_is_4(command: Callable[..., Ended], project: Project) -> None:
    """That says nothing about the candidate."""
    deploy(project, f"http://127.0.0.1:{free_port('127.0.0.1')}")
    ended = command(*GATE)
    assert (ended.code, ended.out) == (4, f"inconclusive {project.root / 'run'}\n")
