"""The journal: whole lines from many writers, and every fault in it is named."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from epjgate.errors import EvidenceUnwritable
from epjgate.evidence.journal import Journal, read_journal
from epjgate.evidence.layout import Layout
from epjgate.model.events import ENTRY, Entry, Interrupted, RunFinished

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
# Writes lines of very different length as the writer argv[2], once a line on stdin lets it; tells each that is safe.
WRITER = """
import sys
from pathlib import Path
from epjgate.evidence.journal import Journal
from epjgate.evidence.layout import Layout
from epjgate.model.events import EvidenceLost

journal = Journal(Layout(Path(sys.argv[1])), sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    journal.write(EvidenceLost(why="x" * (number * 7919 % 30_000)))
    print(number, flush=True)
"""


def line(writer: str, seq: int) -> bytes:
    return ENTRY.dump_json(Entry(writer=writer, seq=seq, at=NOON, data=RunFinished())) + b"\n"


@contextmanager
def writing(folder: Path, name: str, count: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", WRITER, str(folder), name, str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def let_go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_writers_at_the_same_time_do_not_mix_their_lines(tmp_path: Path) -> None:
    """Three processes write lines of up to 30 kB into one journal: all lines are whole, and each count is whole."""
    names = ["gate", "pytest", "third"]
    with (
        writing(tmp_path, "gate", 60) as one,
        writing(tmp_path, "pytest", 60) as two,
        writing(tmp_path, "third", 60) as three,
    ):
        for process in (one, two, three):
            let_go(process)
        for process in (one, two, three):
            process.communicate(timeout=60)
    entries, flaws = read_journal(tmp_path / "journal.jsonl")
    assert flaws == ()
    for name in names:
        assert [entry.seq for entry in entries if entry.writer == name] == list(range(60))


def test_what_was_written_survives_the_writer(tmp_path: Path) -> None:
    """After SIGKILL in the middle of writing every line that had been acknowledged is there, and whole."""
    with writing(tmp_path, "gate", 1_000_000) as process:
        let_go(process)
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline()) for _ in range(25)]
        process.kill()
        process.wait()
        acknowledged += [int(number) for number in process.stdout.read().split()]
    entries, _ = read_journal(tmp_path / "journal.jsonl")
    assert [entry.seq for entry in entries][: len(acknowledged)] == acknowledged


def test_threads_share_a_writer(tmp_path: Path) -> None:
    """One journal used by many threads counts without a gap."""
    journal = Journal(Layout(tmp_path), "gate")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: journal.write(RunFinished()), range(100)))
    journal.close()
    entries, flaws = read_journal(tmp_path / "journal.jsonl")
    assert (len(entries), flaws) == (100, ())


def test_a_line_says_who_wrote_it_and_when(tmp_path: Path) -> None:
    """Writer, number, time and event are kept as they were."""
    journal = Journal(Layout(tmp_path), "gate", clock=lambda: NOON)
    journal.write(Interrupted(signal="SIGINT"))
    journal.close()
    journal.close()
    entries, _ = read_journal(tmp_path / "journal.jsonl")
    assert entries == (Entry(writer="gate", seq=0, at=NOON, data=Interrupted(signal="SIGINT")),)


def test_a_line_counts_only_once_it_is_on_disk(tmp_path: Path) -> None:
    """A pipe takes the bytes and cannot sync them: that is no evidence, and the loss itself has a number of its own.

    From then on nothing more is taken, not even what the disk might take again: a gap is never papered over.
    """
    layout = Layout(tmp_path)
    os.mkfifo(layout.journal)
    reader = os.open(layout.journal, os.O_RDONLY | os.O_NONBLOCK)
    journal = Journal(layout, "gate")
    try:
        for _ in range(3):
            with pytest.raises(EvidenceUnwritable, match="Invalid argument"):
                journal.write(RunFinished())
        entries = [ENTRY.validate_json(line) for line in os.read(reader, 65536).splitlines() if line]
    finally:
        journal.close()
        os.close(reader)
    assert [(entry.seq, entry.data.event) for entry in entries] == [(0, "run_finished"), (1, "evidence_lost")]


def test_a_line_that_nobody_waits_for_is_on_disk_once_the_next_one_is(tmp_path: Path) -> None:
    """It is handed on at once, and it is the line after it that finds out whether the disk took both."""
    layout = Layout(tmp_path)
    os.mkfifo(layout.journal)
    reader = os.open(layout.journal, os.O_RDONLY | os.O_NONBLOCK)
    journal = Journal(layout, "gate")
    try:
        journal.write(Interrupted(signal="SIGINT"), wait=False)
        assert ENTRY.validate_json(os.read(reader, 65536)).data == Interrupted(signal="SIGINT")
        with pytest.raises(EvidenceUnwritable, match="Invalid argument"):
            journal.write(RunFinished())
    finally:
        journal.close()
        os.close(reader)


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    """The error carries the operating system's own reason, and where to mend it."""
    layout = Layout(tmp_path)
    layout.journal.symlink_to("/dev/full")
    journal = Journal(layout, "gate")
    with pytest.raises(EvidenceUnwritable, match="No space left on device") as caught:
        journal.write(RunFinished())
    journal.close()
    assert str(layout.journal) in caught.value.problem


@pytest.mark.parametrize(
    ("data", "flaws"),
    [
        (b"", ("the journal holds no event",)),
        (b"\n\n", ("the journal holds no event",)),
        (line("gate", 0) + line("gate", 1)[:-1], ("the journal is truncated: its last line has no end",)),
        (line("gate", 0) + line("gate", 2), ("the journal has a gap: gate wrote event 2 where 1 was due",)),
        (line("gate", 1), ("the journal has a gap: gate wrote event 1 where 0 was due",)),
        (line("gate", 0) * 2, ("the journal has a gap: gate wrote event 0 where 1 was due",)),
        (line("gate", 0) + line("pytest", 1), ("the journal has a gap: pytest wrote event 1 where 0 was due",)),
    ],
)
def test_each_fault_is_named(tmp_path: Path, data: bytes, flaws: tuple[str, ...]) -> None:
    """An empty journal, a last line without its end, a gap, a late begin and a repetition are told apart."""
    (tmp_path / "journal.jsonl").write_bytes(data)
    assert read_journal(tmp_path / "journal.jsonl")[1] == flaws


@pytest.mark.parametrize(
    "garbage",
    [b"\x00\x00\x00\n", b'{"writer": "gate"}\n', b"\xff\xfe\n", b"[" * 100_000 + b"\n", line("gate", 1)[:40] + b"\n"],
)
def test_a_line_that_is_not_understood_is_named_and_the_others_are_read(tmp_path: Path, garbage: bytes) -> None:
    """Zeros after a power cut, half a line and other JSON are named by their line."""
    (tmp_path / "journal.jsonl").write_bytes(line("gate", 0) + garbage + line("gate", 1))
    entries, flaws = read_journal(tmp_path / "journal.jsonl")
    assert [entry.seq for entry in entries] == [0, 1]
    assert len(flaws) == 1
    assert flaws[0].startswith("line 2 of the journal cannot be read: ")


def test_a_journal_cut_in_its_last_line_is_truncated(tmp_path: Path) -> None:
    """Half a last line is both not understood and without its end."""
    (tmp_path / "journal.jsonl").write_bytes(line("gate", 0) + line("gate", 1)[:40])
    entries, flaws = read_journal(tmp_path / "journal.jsonl")
    assert len(entries) == 1
    assert flaws[0].startswith("line 2 of the journal cannot be read: ")
    assert flaws[1] == "the journal is truncated: its last line has no end"


def test_no_journal_is_a_fault_too(tmp_path: Path) -> None:
    """A missing file, or a folder in its place, is no empty journal."""
    path = tmp_path / "journal.jsonl"
    assert read_journal(path) == ((), ("the journal is missing",))
    path.mkdir()
    assert read_journal(path) == ((), ("the journal is missing",))
