"""SHA-256 digests of files and of whole folders."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

_NOT_CONTENT = frozenset({"__pycache__", ".pytest_cache", ".hypothesis", ".mypy_cache", ".ruff_cache"})
_PIECE_BYTES = 64 * 1024


def text_digest(*texts: str) -> str:
    """Return `sha256:` and the hex digest over `texts` and their lengths."""
    digest = hashlib.sha256()
    for text in texts:
        data = text.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return f"sha256:{digest.hexdigest()}"


def demands_digest(policy: str, floors: str, approved: str = "") -> str:
    """Return the digest that binds a run to the texts of its policy and floors, and of its approvals if it has any."""
    return text_digest(policy, floors, approved) if approved else text_digest(policy, floors)


def file_digest(path: Path) -> str:
    """Return `sha256:` and the hex digest of the bytes of `path`; raises OSError if it cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
    return f"sha256:{digest.hexdigest()}"


def tree_digest(*folders: Path) -> str:
    """Return one digest over the relative names and the bytes of every file below `folders`, caches left out."""
    lines = [
        f"{path.relative_to(folder).as_posix()} {file_digest(path)}"
        for folder in folders
        for path in content_of(folder)
    ]
    return text_digest(*lines)


def content_of(folder: Path) -> Iterator[Path]:
    """Yield every file below `folder` in a fixed order; caches and compiled files are not content.

    A folder that is not there, or cannot be read, has none.
    """
    for entry in _entries(folder):
        path = Path(entry.path)
        if entry.name in _NOT_CONTENT:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from content_of(path)
        elif path.suffix != ".pyc" and entry.is_file():
            yield path


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []
