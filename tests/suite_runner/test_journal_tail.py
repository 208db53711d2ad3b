"""Following the journal: for display only, so it never fails and never counts half a line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.builders import failed, passed

from epjgate.evidence.journal import Journal
from epjgate.evidence.layout import Layout
from epjgate.model.events import TestsCollected
from epjgate.suite_runner.journal_tail import JournalTail

if TYPE_CHECKING:
    from tests.suite_runner.conftest import Bench


def test_progress_is_told_as_lines_arrive(tmp_path: Path, bench: Bench) -> None:
    """Each test that ended is told once, with how many there are and how many did not pass."""
    journal = Journal(Layout(tmp_path), "pytest")
    tail = JournalTail(tmp_path / "journal.jsonl", bench.told)
    journal.write(TestsCollected(tests={"a": "desk", "b": "desk", "c": "desk"}))
    journal.write(passed("a"))
    tail.read_on()
    tail.read_on()
    journal.write(failed("b"))
    tail.read_on()
    journal.close()
    assert bench.told.counts == [(0, 3, 0), (1, 3, 0), (2, 3, 1)]


def test_half_a_line_waits_for_its_end(tmp_path: Path, bench: Bench) -> None:
    """A line that is being written is counted when it is whole, once."""
    whole = tmp_path / "whole"
    whole.mkdir()
    journal = Journal(Layout(whole), "pytest")
    journal.write(passed("a"))
    journal.close()
    line = (whole / "journal.jsonl").read_bytes()
    growing = tmp_path / "growing.jsonl"
    tail = JournalTail(growing, bench.told)
    tail.read_on()  # not there yet
    growing.write_bytes(line[:50])
    tail.read_on()
    assert bench.told.counts == []
    growing.write_bytes(line)
    tail.read_on()
    tail.read_on()
    assert bench.told.counts == [(1, 1, 0)]


def test_garbage_is_passed_over(tmp_path: Path, bench: Bench) -> None:
    """What is wrong with the journal is for its reader to say; the display goes on."""
    journal = Journal(Layout(tmp_path), "pytest")
    (tmp_path / "journal.jsonl").write_bytes(b"\xff\n{}\n")
    journal.write(passed("a"))
    journal.close()
    JournalTail(tmp_path / "journal.jsonl", bench.told).read_on()
    assert bench.told.counts == [(1, 1, 0)]
