"""A pytest that waits: it runs what it is told, once, and never outlives whoever started it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from epjgate.errors import SuitesFailed
from epjgate.suite_runner.waiting import WaitingPytest, waiting_pytest

if TYPE_CHECKING:
    from tests.suite_runner.conftest import Bench

SEES = """
import json, os, pathlib, sys

def test_sees():
    seen = {"environment": dict(os.environ), "folder": os.getcwd(), "stdin": sys.__stdin__.read(), "path": sys.path}
    pathlib.Path("seen.json").write_text(json.dumps(seen))
"""
OWNER = """
import sys, time
from epjgate.suite_runner.waiting import WaitingPytest
print(WaitingPytest.start().process.pid, flush=True)
time.sleep(600)
"""
PASSING = "def test_passes():\n    assert True\n"


def ended_within(pid: int, limit_s: float) -> bool:
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def said_by(waiting: WaitingPytest) -> bytes:
    """Return what it prints to its end."""
    assert waiting.process.stdout is not None
    with waiting.process.stdout as output:
        printed = output.read()
    waiting.process.wait(timeout=10)
    return printed


def test_it_runs_what_it_is_told_with_nothing_else_around_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arguments, folder and environment are those that it was told, and nothing comes from its own start."""
    monkeypatch.setenv("STRAY", "from the terminal")
    (tmp_path / "test_sees.py").write_text(SEES, encoding="utf-8")
    with waiting_pytest() as waiting:
        told = {"PATH": os.environ["PATH"], "TOLD": "æøå", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        waiting.begin(["-q", "-s", "test_sees.py"], folder=tmp_path, environment=told)
        printed = said_by(waiting)
    assert waiting.process.returncode == 0, printed.decode()
    seen = json.loads((tmp_path / "seen.json").read_text(encoding="utf-8"))
    assert seen["environment"].items() >= {"TOLD": "æøå"}.items()
    assert "STRAY" not in seen["environment"]
    assert (seen["folder"], seen["stdin"]) == (str(tmp_path), "")


def test_nothing_is_imported_from_the_folder_in_which_it_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is called like a library does not take its place."""
    (tmp_path / "requests.py").write_text("raise SystemExit('not me')", encoding="utf-8")
    (tmp_path / "test_passes.py").write_text(PASSING, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with waiting_pytest() as waiting:
        arguments = ["-q", "--import-mode=importlib", "test_passes.py"]
        waiting.begin(arguments, folder=tmp_path, environment=dict(os.environ))
        printed = said_by(waiting)
    assert waiting.process.returncode == 0, printed.decode()


def test_one_that_was_never_told_ends_without_having_run_anything() -> None:
    """Leaving the context ends it, and its exit status is none of a session that went well."""
    with waiting_pytest() as waiting:
        pass
    assert waiting.process.returncode not in (None, 0)
    assert ended_within(waiting.process.pid, 1)


def test_one_whose_owner_is_killed_ends_by_itself() -> None:
    """Against kill -9 nothing can be done but this."""
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    with owner.stdout as printed:
        pid = int(printed.readline())
        assert psutil.pid_exists(pid)
        os.kill(owner.pid, signal.SIGKILL)
        owner.wait()
        assert ended_within(pid, 30)


def test_half_a_line_is_not_run(tmp_path: Path) -> None:
    """A gate that dies while it tells leaves nothing behind that runs on half of it."""
    (tmp_path / "test_passes.py").write_text(PASSING, encoding="utf-8")
    waiting = WaitingPytest.start()
    told = {"arguments": ["test_passes.py"], "folder": str(tmp_path), "environment": {}}
    printed, _ = waiting.process.communicate(json.dumps(told).encode(), timeout=60)
    assert waiting.process.returncode != 0
    assert b"nobody said what is to be run" in printed


def test_one_that_has_ended_cannot_begin(tmp_path: Path) -> None:
    """Whoever tells it something is told that nobody hears."""
    waiting = WaitingPytest.start()
    waiting.process.kill()
    waiting.process.wait()
    with pytest.raises(OSError, match="pipe"):
        waiting.begin(["-q"], folder=tmp_path, environment={})
    waiting.dismiss()
    assert waiting.process.stdout is not None
    waiting.process.stdout.close()


def test_the_suites_of_one_that_has_ended_failed(bench: Bench) -> None:
    """No suite was run, and that is the harness's own fault."""
    bench.suite("good", PASSING)
    waiting = WaitingPytest.start()
    waiting.process.kill()
    with pytest.raises(SuitesFailed):
        bench.run(waiting=lambda: waiting)
    assert said_by(waiting) == b""
    assert bench.still_running() == []
