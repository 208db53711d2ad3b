"""Tests of epjgate.reports.files."""

from __future__ import annotations

from pathlib import Path

import pytest

from epjgate.errors import EvidenceUnwritable
from epjgate.reports.files import write_file


def test_replaces_what_stood_there(tmp_path: Path) -> None:
    """The file holds the new text, and nothing else is left beside it."""
    path = tmp_path / "new folder" / "report.txt"
    write_file(path, "first")
    assert write_file(path, "æøå\n") == path
    assert path.read_bytes() == "æøå\n".encode()
    assert list(path.parent.iterdir()) == [path]


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file in the way of the folder ends as an error with the path and what to do, and stays as it was."""
    (tmp_path / "reports").write_text("in the way")
    with pytest.raises(EvidenceUnwritable) as told:
        write_file(tmp_path / "reports" / "report.txt", "text")
    assert "report.txt" in told.value.problem
    assert "epjgate report" in told.value.fix
    assert (tmp_path / "reports").read_text() == "in the way"


def test_an_earlier_report_survives_a_failure(tmp_path: Path) -> None:
    """When the draft cannot be written the old report is still whole."""
    path = write_file(tmp_path / "report.txt", "old")
    (tmp_path / ".report.txt.draft").mkdir()
    with pytest.raises(EvidenceUnwritable):
        write_file(path, "new")
    assert path.read_text() == "old"
