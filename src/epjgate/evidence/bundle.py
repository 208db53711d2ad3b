"""Writes an evidence bundle: manifest first, then events, then the seal."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from epjgate.errors import EvidenceUnwritable
from epjgate.evidence.digests import content_of, file_digest
from epjgate.evidence.journal import Journal
from epjgate.evidence.layout import Layout
from epjgate.model.events import Event, EvidenceLost
from epjgate.model.manifest import Manifest

SEAL_SCHEMA = "epjgate/digests/1"
_FULL_BELOW_BYTES = 64 * 1024


class Bundle:
    """An open evidence bundle; leaving its context seals it.

    `manifest` and the texts `policy`, `floors` and `approved` are written when the bundle is made: a run that dies at
    once has said what it meant to do. What can no longer be written is counted in `lost`; the reader then finds no
    seal, and the judge approves nothing without one.
    """

    def __init__(self, folder: Path, manifest: Manifest, *, policy: str, floors: str, approved: str = "") -> None:
        self.layout = Layout(folder)
        self.manifest = manifest
        self.lost: list[str] = []
        self.layout.create()
        write_whole(self.layout.manifest, manifest.model_dump_json(indent=2) + "\n")
        write_whole(self.layout.policy, policy)
        write_whole(self.layout.floors, floors)
        if approved:
            write_whole(self.layout.approved, approved)
        self._journal = Journal(self.layout, "gate")

    def record(self, event: Event) -> None:
        """Append `event` to the journal; an event that cannot be written is kept in `lost` and never raises.

        The gate must go on to stop what it started; the missing line itself keeps the run from being approved.
        """
        try:
            self._journal.write(event)
        except EvidenceUnwritable as err:
            self.lost.append(f"{event.event}: {err.cause}")

    def keep_surface(self, release: str, text: str) -> str:
        """Write the surface of `release` and return its name in the bundle; that it was lost is written down, too."""
        path = self.layout.surfaces / f"{release}.json"
        try:
            path.parent.mkdir(exist_ok=True)
            write_whole(path, text)
        except OSError as err:
            self.record(EvidenceLost(why=f"the surface of the {release} could not be written: {err}"))
        return path.relative_to(self.layout.folder).as_posix()

    def note_full_disk(self) -> None:
        """Write down that the disk is full, where it is: other writers than the journal lose what they write there."""
        if shutil.disk_usage(self.layout.folder).free < _FULL_BELOW_BYTES:
            self.layout.free_reserve()
            self.record(EvidenceLost(why="the disk that takes the evidence is full"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._journal.close()
        self.layout.target.unlink(missing_ok=True)
        self.layout.free_reserve()
        try:
            seal(self.layout)
        except OSError as err:
            self.lost.append(EvidenceLost(why=f"the bundle could not be sealed: {err}").why)
            with suppress(OSError):
                self.layout.digests.unlink(missing_ok=True)


def seal(layout: Layout) -> None:
    """Write the digests of all evidence in `layout`; raises OSError if they cannot be written."""
    files = {path.relative_to(layout.folder).as_posix(): file_digest(path) for path in evidence_files(layout)}
    write_whole(layout.digests, json.dumps({"schema_version": SEAL_SCHEMA, "files": files}, indent=2) + "\n")


def evidence_files(layout: Layout) -> list[Path]:
    """Return every file of the bundle that is evidence, in a fixed order."""
    files = [path for path in layout.evidence if path.is_file()]
    return files + [path for folder in layout.evidence if folder.is_dir() for path in content_of(folder)]


def write_whole(path: Path, text: str, *, durable: bool = True) -> None:
    """Write `text` to `path` so that a reader sees all of it or the file as it was before; raises OSError.

    With `durable` it is on disk when this returns; what can be made again from the evidence need not be.
    """
    draft = draft_of(path)
    try:
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def draft_of(path: Path) -> Path:
    """Return the file beside `path` that holds its new text until all of it is written."""
    return path.with_name(f".{path.name}.draft")
