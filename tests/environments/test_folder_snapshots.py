"""Copies of folders are kept whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from filelock import FileLock

from epjgate.environments.folder_snapshots import FolderSnapshots, empty
from epjgate.environments.interface import EnvironmentDown
from epjgate.model.events import EnvironmentCause


@pytest.fixture
def snapshots(tmp_path: Path) -> FolderSnapshots:
    """Snapshots in a cache of their own."""
    return FolderSnapshots(tmp_path / "cache", "tiny-process")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with a file, a folder and a link in it."""
    folder = tmp_path / "data"
    (folder / "deep").mkdir(parents=True)
    (folder / "epj.db").write_bytes(b"rows")
    (folder / "epj.db").chmod(0o640)
    (folder / "deep" / "link").symlink_to("../epj.db")
    return folder


def test_a_copy_comes_back_as_it_was(snapshots: FolderSnapshots, data: Path) -> None:
    """Contents, modes and links; what came meanwhile is gone, and what the copy does not know is empty."""
    os.mkfifo(data / "pipe")
    assert not snapshots.load("k", {"epj": data})
    snapshots.save("k", {"epj": data})
    (data / "epj.db").write_bytes(b"others")
    (data / "later").mkdir()
    assert snapshots.load("k", {"epj": data})
    assert sorted(path.name for path in data.rglob("*")) == ["deep", "epj.db", "link"]
    assert (data / "epj.db").read_bytes() == b"rows"
    assert (data / "epj.db").stat().st_mode & 0o777 == 0o640
    assert (data / "deep" / "link").readlink() == Path("../epj.db")
    assert snapshots.load("k", {"downtime": data})
    assert not list(data.iterdir())


def test_a_key_names_one_content(snapshots: FolderSnapshots, data: Path) -> None:
    """What is kept stays; kinds and keys do not meet."""
    snapshots.save("k", {"epj": data})
    (data / "epj.db").write_bytes(b"others")
    snapshots.save("k", {"epj": data})
    snapshots.save("l", {"epj": data})
    assert snapshots.load("k", {"epj": data})
    assert (data / "epj.db").read_bytes() == b"rows"
    assert snapshots.load("l", {"epj": data})
    assert (data / "epj.db").read_bytes() == b"others"


def test_half_a_copy_is_none(snapshots: FolderSnapshots, data: Path, tmp_path: Path) -> None:
    """One that failed, and one whose writer was killed, is not seen and goes; one that is being written stays."""
    with pytest.raises(EnvironmentDown, match="could not be kept") as down:
        snapshots.save("k", {"epj": data, "downtime": data / "nowhere"})
    assert down.value.root is EnvironmentCause.SET_UP
    dead, alive = (tmp_path / "cache" / f"tiny-process-{name}.half" for name in ("dead", "alive"))
    dead.mkdir()
    alive.mkdir()
    with FileLock(alive.with_suffix(".lock")):
        snapshots.sweep()
    assert [path.name for path in (tmp_path / "cache").iterdir() if path.is_dir()] == [alive.name]
    assert not snapshots.load("k", {"epj": data})
    assert not snapshots.load("dead", {"epj": data})


def test_folders_are_emptied_and_stay(data: Path) -> None:
    """What a link in them points at is left alone."""
    outside = data.parent / "outside"
    outside.mkdir()
    (outside / "file").touch()
    (data / "deep" / "out").symlink_to(outside)
    (data / "out").symlink_to(outside)
    empty(data)
    assert not list(data.iterdir())
    assert (outside / "file").exists()
    with pytest.raises(EnvironmentDown, match="could not be taken away"):
        empty(data / "nowhere")
