"""What a killed run left behind is found and cleared away; what lives, or is not ours, is left alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from epjgate.environments.ledger import Ledger, sweep

Gone = Callable[[int], bool]

OWNER = """
import subprocess, sys, time
from pathlib import Path
from epjgate.environments.ledger import Ledger

def asleep(**more):
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True, **more)

ledger = Ledger(Path(sys.argv[1]), "run1")
folder = ledger.make_folder("his")
(folder / "record.db").write_text("data")
recorded = asleep()
ledger.record_process(recorded.pid)
marked = asleep(env=ledger.mark)
print(folder, recorded.pid, marked.pid, flush=True)
time.sleep(600)
"""


STUBBORN = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
asleep = "[sys.executable, '-c', 'import time; time.sleep(600)']"
start = f"import subprocess, sys; print(subprocess.Popen({asleep}, stdout=subprocess.DEVNULL).pid)"
print(subprocess.check_output([sys.executable, "-c", start], text=True), flush=True)
signal.pause()
"""


class Run(NamedTuple):
    """A run in a process of its own: what it made and started. `marked` carries the mark and was never recorded."""

    owner: subprocess.Popen[str]
    folder: Path
    recorded: int
    marked: int

    def kill_owner(self) -> None:
        """End the run as kill -9 does."""
        self.owner.kill()
        self.owner.wait()


@contextmanager
def running(state: Path) -> Iterator[Run]:
    with subprocess.Popen([sys.executable, "-c", OWNER, str(state)], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        folder, recorded, marked = owner.stdout.readline().split()
        try:
            yield Run(owner, Path(folder), int(recorded), int(marked))
        finally:
            owner.kill()
            for pid in (int(recorded), int(marked)):
                if psutil.pid_exists(pid):
                    os.kill(pid, signal.SIGKILL)


@contextmanager
def asleep(env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(command, start_new_session=True, env=env) as process:
        try:
            yield process
        finally:
            process.kill()


def write_ledger(state: Path, *lines: dict[str, object]) -> Path:
    """Write a ledger as a run that is dead would have left it."""
    state.mkdir(exist_ok=True)
    path = state / "old.12345678.jsonl"
    owner = {"kind": "owner", "pid": 1, "create_time": 0.0, "run_id": "old"}
    path.write_text("".join(f"{json.dumps(line)}\n" for line in (owner, *lines)))
    return path


def test_a_killed_run_is_cleared_away(tmp_path: Path, gone: Gone) -> None:
    """After kill -9 of its owner every process and folder of a run goes, recorded or marked only, and is told of."""
    with running(tmp_path) as run:
        run.kill_owner()
        assert not gone(run.recorded)
        assert not gone(run.marked)
        words = sweep(tmp_path)
        assert gone(run.recorded)
        assert gone(run.marked)
        assert not run.folder.exists()
    told = "\n".join(words)
    for what in (f"ended process {run.recorded} ", f"ended process {run.marked} ", f"removed folder {run.folder}"):
        assert what in told
    assert all("left behind by run run1" in line for line in words)
    assert sweep(tmp_path) == ()
    assert list(tmp_path.glob("*.jsonl")) == []


def test_a_run_that_goes_on_is_left_alone(tmp_path: Path, gone: Gone) -> None:
    """A sweep beside a living run takes nothing from it."""
    with running(tmp_path) as run:
        assert sweep(tmp_path) == ()
        assert not gone(run.recorded)
        assert not gone(run.marked)
        assert (run.folder / "record.db").read_text() == "data"


def test_the_ledger_of_this_very_process_is_left_alone(tmp_path: Path) -> None:
    """Two starts in one process do not clear each other away."""
    ledger = Ledger(tmp_path, "run1")
    folder = ledger.make_folder("his")
    assert sweep(tmp_path) == ()
    assert folder.is_dir()
    assert ledger.clear() == ()


def test_a_clean_end_leaves_nothing(tmp_path: Path, gone: Gone) -> None:
    """Clearing ends the processes, removes the folders and the ledger's own file, and keeps a child's exit code."""
    ledger = Ledger(tmp_path, "run1")
    folder = ledger.make_folder("his")
    with asleep() as recorded, asleep(ledger.mark) as marked:
        ledger.record_process(recorded.pid)
        assert ledger.clear() == ()
        assert gone(recorded.pid)
        assert gone(marked.pid)
        assert recorded.wait() == -signal.SIGTERM
    assert not folder.exists()
    assert list(tmp_path.glob("*.jsonl")) == []


def test_every_line_is_on_disk_when_it_is_written(tmp_path: Path) -> None:
    """The owner comes first; a folder is named before the call that makes it returns."""
    ledger = Ledger(tmp_path, "run1")
    made = ledger.make_folder("his")
    (path,) = tmp_path.glob("run1.*.jsonl")
    owner, folder = (json.loads(line) for line in path.read_text().splitlines())
    assert (owner["kind"], owner["pid"]) == ("owner", os.getpid())
    assert (folder["kind"], folder["name"]) == ("folder", made.name)
    assert ledger.clear() == ()


def test_a_number_that_was_given_to_another_process_is_safe(tmp_path: Path, gone: Gone) -> None:
    """A process with a recorded number and another time of creation is not the one that was recorded."""
    with asleep() as stranger:
        created = psutil.Process(stranger.pid).create_time()
        path = write_ledger(
            tmp_path, {"kind": "process", "pid": stranger.pid, "create_time": created - 60, "run_id": "old"}
        )
        assert sweep(tmp_path) == ()
        assert not gone(stranger.pid)
    assert not path.exists()


@pytest.mark.parametrize("name", ["../../precious", "{precious}", "..", ".", ""])
def test_a_folder_that_no_ledger_made_is_never_removed(tmp_path: Path, name: str) -> None:
    """Whatever a ledger says, only what lies in the ledgers' own folder of folders is removed."""
    precious = tmp_path / "precious"
    precious.mkdir()
    state = tmp_path / "state"
    other = state / "folders" / "of-another-run"
    other.mkdir(parents=True)
    write_ledger(state, {"kind": "folder", "name": name.format(precious=precious)})
    sweep(state)
    assert precious.is_dir()
    assert other.is_dir()


def test_a_link_in_the_place_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    """A link where a folder had been made leads to nothing that is removed."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "record.db").write_text("data")
    (tmp_path / "folders").mkdir()
    (tmp_path / "folders" / "made").symlink_to(precious)
    write_ledger(tmp_path, {"kind": "folder", "name": "made"})
    assert sweep(tmp_path) == ()
    assert (precious / "record.db").read_text() == "data"


def test_a_ledger_that_was_cut_off_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    """The line during which the owner was killed does not hide those before it."""
    path = write_ledger(tmp_path, {"kind": "folder", "name": "made"})
    (tmp_path / "folders" / "made").mkdir(parents=True)
    with path.open("a") as file:
        file.write('{"kind": "process", "pid": 12')
    assert [words.split(",")[0] for words in sweep(tmp_path)] == [f"removed folder {tmp_path / 'folders' / 'made'}"]


def test_a_ledger_that_is_just_being_begun_is_left_alone(tmp_path: Path) -> None:
    """A file without a line may belong to a run that is about to write its first one."""
    (tmp_path / "new.12345678.jsonl").touch()
    assert sweep(tmp_path) == ()
    assert (tmp_path / "new.12345678.jsonl").exists()


def test_a_folder_of_ledgers_that_is_missing_holds_nothing(tmp_path: Path) -> None:
    """The very first run has nothing to clear away."""
    assert sweep(tmp_path / "missing") == ()


def test_a_child_that_ignores_its_end_is_killed(tmp_path: Path, gone: Gone) -> None:
    """Who does not go politely goes all the same, with an orphan of its group that bears no mark."""
    ledger = Ledger(tmp_path, "run1")
    with subprocess.Popen(
        [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        orphan = int(process.stdout.readline())
        ledger.record_process(process.pid)
        assert not gone(orphan)
        assert ledger.clear() == ()
        assert gone(orphan)
        assert process.wait() == -signal.SIGKILL


def test_what_cannot_be_written_down_leaves_no_ledger(tmp_path: Path) -> None:
    """On a full disk a ledger is not begun, and the error says why."""
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        Ledger(tmp_path / "file" / "state", "run1")
