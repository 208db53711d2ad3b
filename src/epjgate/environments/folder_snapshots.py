"""Keeps copies of folders in the cache, each under a key; one is either whole or not there."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from epjgate.environments.interface import EnvironmentDown
from epjgate.model.events import EnvironmentCause, EnvironmentStage

_HALF = ".half"
_LOCK = ".lock"
_LIMIT_S = 3600
# Linux: shares the blocks of a file where the file system can (ioctl_ficlonerange(2)).
_FICLONE = 0x40049409


class FolderSnapshots:
    """Snapshots of folders below `root`, of one kind: `kind` goes before every key."""

    def __init__(self, root: Path, kind: str) -> None:
        self._root = root.resolve()
        self._kind = kind

    def sweep(self) -> None:
        """Remove what was being written when its writer died; what somebody writes now stays."""
        for half in sorted(self._root.glob(f"*{_HALF}")):
            with suppress(Timeout), FileLock(half.with_suffix(_LOCK), timeout=0):
                shutil.rmtree(half, ignore_errors=True)

    def save(self, key: str, folders: Mapping[str, Path]) -> None:
        """Keep a copy of each of the `folders`, by name; what is kept under `key` already stays.

        Raises EnvironmentDown where that fails; then nothing is kept under `key`.
        """
        kept = self._path(key)
        with _told(f"the data could not be kept as {kept.name}"):
            self._root.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{kept}{_LOCK}", timeout=_LIMIT_S):
                if not kept.exists():
                    self._write(kept, folders)

    def load(self, key: str, folders: Mapping[str, Path]) -> bool:
        """Put what is kept under `key` in the place of what the `folders` hold; False where nothing is kept.

        Raises EnvironmentDown where that fails; what the folders then hold is not to be used.
        """
        kept = self._path(key)
        if not kept.is_dir():
            return False
        with _told(f"the data kept as {kept.name} could not be brought back"):
            for name, folder in folders.items():
                _wipe(folder)
                if (kept / name).is_dir():
                    _copy(kept / name, folder)
        return True

    def _path(self, key: str) -> Path:
        return self._root / f"{self._kind}-{key}"

    def _write(self, kept: Path, folders: Mapping[str, Path]) -> None:
        half = kept.with_name(f"{kept.name}{_HALF}")
        try:
            if half.exists():
                shutil.rmtree(half)
            half.mkdir()
            for name, folder in folders.items():
                _copy(folder, half / name)
            os.sync()
            half.rename(kept)
        finally:
            shutil.rmtree(half, ignore_errors=True)


def empty(*folders: Path) -> None:
    """Remove all that the `folders` hold, and leave them; raises EnvironmentDown where that fails."""
    with _told("the data could not be taken away"):
        for folder in folders:
            _wipe(folder)


def _wipe(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True, copy_function=_copy_file, ignore=_without_data)


def _without_data(folder: str, names: list[str]) -> set[str]:
    """Return the sockets and pipes among `names`: they hold nothing, and whoever opens one may wait for ever."""
    modes = {name: (Path(folder) / name).lstat().st_mode for name in names}
    return {name for name, mode in modes.items() if stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode)}


def _copy_file(source: str, target: str) -> None:
    """Copy one file, with its times and its mode; its blocks are shared where the file system can."""
    with Path(source).open("rb") as read, Path(target).open("wb") as write:
        try:
            fcntl.ioctl(write, _FICLONE, read.fileno())
        except OSError:
            shutil.copyfileobj(read, write, 1 << 20)
    shutil.copystat(source, target)


@contextmanager
def _told(problem: str) -> Iterator[None]:
    try:
        yield
    except (OSError, shutil.Error, Timeout) as err:
        raise EnvironmentDown(
            problem,
            str(err),
            "make the folder writable, with room on its disk for several times the data",
            stage=EnvironmentStage.RUN,
            root=EnvironmentCause.SET_UP,
        ) from err
