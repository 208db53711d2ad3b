"""Where a bundle lies, and where it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from epjgate.errors import EvidenceUnwritable
from epjgate.evidence.layout import RESERVE_BYTES, Layout


def test_a_new_folder_keeps_a_reserve(tmp_path: Path) -> None:
    """The reserve takes its room on the disk at once, and can be given back more than once."""
    layout = Layout(tmp_path / "some" / "where")
    layout.create()
    assert layout.reserve.stat().st_blocks * 512 >= RESERVE_BYTES
    layout.free_reserve()
    layout.free_reserve()
    assert not layout.reserve.exists()


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    """A folder that somebody made for the evidence is fine."""
    Layout(tmp_path).create()
    assert (tmp_path / "logs").is_dir()


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    """The evidence of two runs never mixes, and nothing that was there is touched."""
    (tmp_path / "journal.jsonl").write_text("of an earlier run")
    with pytest.raises(EvidenceUnwritable, match="the folder is not empty"):
        Layout(tmp_path).create()
    assert [path.name for path in tmp_path.iterdir()] == ["journal.jsonl"]


def test_a_file_is_no_place_for_a_bundle(tmp_path: Path) -> None:
    """What the operating system refuses is told with its reason."""
    (tmp_path / "file").write_text("")
    with pytest.raises(EvidenceUnwritable, match="File exists"):
        Layout(tmp_path / "file").create()
    with pytest.raises(EvidenceUnwritable, match="Not a directory"):
        Layout(tmp_path / "file" / "below").create()
