"""Writing a bundle: what it says at once, when it is sealed, and what a full disk leaves of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.builders import FLOORS, POLICY, manifest, write_bundle

from epjgate.errors import EvidenceUnwritable
from epjgate.evidence.bundle import Bundle, evidence_files, seal, write_whole
from epjgate.evidence.layout import Layout
from epjgate.evidence.reader import read_bundle
from epjgate.model.events import EvidenceLost, RunFinished
from epjgate.model.manifest import Manifest

# A bundle whose files may not grow beyond 64 kB: the journal stops in the middle, whoever runs the test.
LIMITED = """
import resource, sys
from pathlib import Path
from epjgate.evidence.bundle import Bundle
from epjgate.model.events import EvidenceLost, RunFinished
from tests.builders import FLOORS, POLICY, manifest

with Bundle(Path(sys.argv[1]), manifest(), policy=POLICY, floors=FLOORS) as bundle:
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
    for _ in range(10):
        bundle.record(EvidenceLost(why="x" * 10_000))
    bundle.record(RunFinished())
print(len(bundle.lost))
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB that can really be full."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "epjgate-test", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip(
            "a disk that can be filled needs the right to mount one; the file size limit below is tested anyway"
        )
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def fill(disk: Path, *, leave: int) -> None:
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    with (disk / "filler").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free - leave)


def test_a_run_says_at_once_what_it_means_to_do(tmp_path: Path) -> None:
    """Manifest, policy and floors are there before the first event; without a seal nobody takes it for whole."""
    bundle = Bundle(tmp_path / "run", manifest(), policy=POLICY, floors=FLOORS)
    layout = bundle.layout
    assert Manifest.model_validate_json(layout.manifest.read_text()) == manifest()
    assert (layout.policy.read_text(), layout.floors.read_text()) == (POLICY, FLOORS)
    assert "the bundle is not sealed: digests.json is missing or cannot be read" in read_bundle(layout.folder).flaws
    with bundle:
        bundle.record(RunFinished())


def test_a_sealed_bundle_names_every_file_and_nothing_else(tmp_path: Path) -> None:
    """The seal covers what is evidence; the target, the reserve and what is made of it later are not in it."""
    layout = Layout(tmp_path / "run")
    with Bundle(layout.folder, manifest(), policy=POLICY, floors=FLOORS) as bundle:
        layout.target.write_text("{}")
        (layout.logs / "desk.log").write_text("open")
        layout.allure.mkdir()
        (layout.allure / "a.json").write_text("{}")
        bundle.record(RunFinished())
    sealed = json.loads(layout.digests.read_text())
    assert sealed["schema_version"] == "epjgate/digests/1"
    assert sorted(sealed["files"]) == [
        "allure/a.json",
        "floors.toml",
        "journal.jsonl",
        "logs/desk.log",
        "manifest.json",
        "policy.toml",
    ]
    assert not layout.target.exists()
    assert not layout.reserve.exists()


def test_a_bundle_is_sealed_also_when_the_run_crashed(tmp_path: Path) -> None:
    """Evidence of a crash is evidence; the crash goes on to whoever started the run."""

    def crash() -> None:
        with Bundle(tmp_path / "run", manifest(), policy=POLICY, floors=FLOORS) as bundle:
            bundle.record(RunFinished())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash()
    assert read_bundle(tmp_path / "run").flaws == ()


def test_a_seal_can_be_repeated(tmp_path: Path) -> None:
    """Sealing what is sealed gives the same bytes, so the digest of a bundle is one of its evidence."""
    layout = Layout(write_bundle(tmp_path / "run"))
    before = layout.digests.read_bytes()
    seal(layout)
    assert layout.digests.read_bytes() == before


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    """Where the new text cannot be put in place the old one stays, and no draft is left."""
    path = tmp_path / "a" / "file"
    path.parent.mkdir()
    write_whole(path, "old")
    write_whole(path, "new")
    assert path.read_text() == "new"
    blocked = tmp_path / "a" / "folder"
    blocked.mkdir()
    with pytest.raises(IsADirectoryError):
        write_whole(blocked, "text")
    assert sorted(one.name for one in path.parent.iterdir()) == ["file", "folder"]


def test_no_room_for_the_reserve_is_told_before_anything_starts(small_disk: Path) -> None:
    """A disk that is full from the start receives no bundle, and says so."""
    fill(small_disk, leave=100_000)
    with pytest.raises(EvidenceUnwritable, match="No space left on device"):
        Bundle(small_disk / "run", manifest(), policy=POLICY, floors=FLOORS)


@pytest.mark.parametrize("leave", [0, 4096, 50_000])
def test_a_disk_that_fills_up_leaves_a_bundle_that_says_so(small_disk: Path, leave: int) -> None:
    """The reserve lets the journal confess and the seal be set; what is lost is known on both sides."""
    with Bundle(small_disk / "run", manifest(), policy=POLICY, floors=FLOORS) as bundle:
        fill(small_disk, leave=leave)
        for _ in range(10):
            bundle.record(EvidenceLost(why="x" * 10_000))
        assert not bundle.layout.reserve.exists()
        bundle.record(RunFinished())
    assert bundle.lost[-1].startswith("run_finished: ")
    evidence = read_bundle(small_disk / "run")
    assert evidence.manifest == manifest()
    assert any(loss.why.startswith("the journal could not be written: ") for loss in evidence.lost)
    assert evidence.run_finished is None
    assert "the journal is truncated: its last event is not the end of the run" in evidence.flaws
    assert not [flaw for flaw in evidence.flaws if "sealed" in flaw]


def test_a_journal_that_may_not_grow_leaves_a_bundle_that_is_flagged(tmp_path: Path) -> None:
    """Where not even the reserve helps, the bundle can be read, lacks its end, and says so."""
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "run")],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        text=True,
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) >= 4
    evidence = read_bundle(tmp_path / "run")
    assert evidence.manifest == manifest()
    assert evidence.lost
    assert evidence.run_finished is None
    assert any("the journal is truncated" in flaw for flaw in evidence.flaws)


def test_a_bundle_that_cannot_be_sealed_has_no_seal(tmp_path: Path) -> None:
    """A seal is whole or absent; that it is absent is kept in `lost`."""
    folder = tmp_path / "run"
    with Bundle(folder, manifest(), policy=POLICY, floors=FLOORS) as bundle:
        bundle.record(RunFinished())
        (folder / ".digests.json.draft").mkdir()
    assert len(bundle.lost) == 1
    assert bundle.lost[0].startswith("the bundle could not be sealed: ")
    assert not bundle.layout.digests.exists()
    assert read_bundle(folder).flaws == ("the bundle is not sealed: digests.json is missing or cannot be read",)


def test_evidence_is_listed_in_a_fixed_order(tmp_path: Path) -> None:
    """Files first, then folders, each by name."""
    layout = Layout(write_bundle(tmp_path / "run"))
    (layout.folder / "report.html").write_text("later")
    names = [path.relative_to(layout.folder).as_posix() for path in evidence_files(layout)]
    assert names == [
        "manifest.json",
        "journal.jsonl",
        "policy.toml",
        "floors.toml",
        "logs/desk.log",
        "exchanges/test-open.jsonl",
    ]
