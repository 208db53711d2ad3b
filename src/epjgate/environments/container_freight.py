"""What commands find in their containers beside the image: the scripts of the system, and a folder for backups."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

from epjgate.environments.container_volumes import Folder
from epjgate.evidence.digests import content_of

BACKUP = Folder("backup", "/epjgate/backup")
"""The folder for backups; its volume is that of no service."""

SCRIPTS = "/epjgate/scripts"


def freight_of(scripts: Path | None) -> bytes:
    """Return an archive, to be unpacked at `/`, that holds `scripts` and lets everybody write into the backup's folder.

    It is copied, not mounted: an engine elsewhere cannot see the folders of this machine.
    """
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.addfile(_folder(BACKUP.path, 0o1777))
        tar.addfile(_folder(SCRIPTS, 0o755))
        for name, content in _content(scripts):
            entry = tarfile.TarInfo(f"{SCRIPTS}/{name}".lstrip("/"))
            entry.size, entry.mode = len(content), 0o755
            tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()


def _content(scripts: Path | None) -> Iterator[tuple[str, bytes]]:
    for path in content_of(scripts) if scripts else ():
        yield path.relative_to(scripts or path).as_posix(), path.read_bytes()


def _folder(path: str, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(path.lstrip("/"))
    entry.type, entry.mode = tarfile.DIRTYPE, mode
    return entry
