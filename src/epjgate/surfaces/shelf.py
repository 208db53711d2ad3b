"""Keeps the surfaces of releases that were asked before, so that a baseline need not be started for every candidate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from epjgate.evidence.bundle import write_whole
from epjgate.evidence.digests import text_digest, tree_digest
from epjgate.model.identity import DigestKind, Identity
from epjgate.model.surface import PartName
from epjgate.model.system import System
from epjgate.surfaces.taking import Taken, digest_of

_SEEN = frozenset({DigestKind.IMAGE, DigestKind.PACKAGES})
_ASKED_BY = ("drivers", "partners", "surfaces", "model")


class Shelf:
    """A folder of surfaces. Each is found by the bits that were asked, where they ran, and the code that asked them.

    Bits that the gate did not see, or that nothing names, are never kept: another release could stand there tomorrow.
    """

    def __init__(self, folder: Path, revision: str = "") -> None:
        self._folder = folder
        self._revision = revision or revision_of_askers()

    def find(self, system: System, environment: str, identities: Sequence[Identity]) -> Taken | None:
        """Return what was taken of these bits before, None where nothing was or where it cannot be read as such."""
        file = self._file(system, environment, identities)
        if file is None or not file.is_file():
            return None
        try:
            taken = Taken.model_validate_json(file.read_bytes())
        except (OSError, ValidationError):
            return None
        return taken if taken.is_whole and taken.surface.digest == digest_of(tuple(identities)) else None

    def keep(
        self,
        system: System,
        environment: str,
        identities: Sequence[Identity],
        taken: Taken,
        missing: Sequence[PartName],
    ) -> None:
        """Keep `taken` unless something of it could not be had though the release offers it: next time it may be.

        That is a part, a step that it did not do, or a message that was still on its way: what a poor surface lacks, a
        candidate could take away unseen. `missing` are the parts that the release does not offer. A cache that cannot
        be written keeps nothing.
        """
        file = self._file(system, environment, identities)
        if file is None or not taken.is_whole or set(taken.surface.absent) - set(missing):
            return
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, taken.model_dump_json(indent=1) + "\n", durable=False)
        except OSError:
            return

    def _file(self, system: System, environment: str, identities: Sequence[Identity]) -> Path | None:
        digest = digest_of(tuple(identities))
        if not digest or not all(one.kind in _SEEN for one in identities):
            return None
        described = system.model_dump_json(exclude={"releases", "train"})
        key = text_digest(digest, environment, described, self._revision).removeprefix("sha256:")
        return self._folder / f"{key}.json"


def revision_of_askers() -> str:
    """Return one digest over the code that asks releases and plays their receivers."""
    package = Path(__file__).parents[1]
    return tree_digest(*(package / name for name in _ASKED_BY))
