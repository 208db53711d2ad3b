"""SHA-256 digests of files and of whole folders."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

_NOT_CONTENT = frozenset({"__pycache__", ".pytest_cache", ".hypothesis", ".mypy_cache", ".ruff_cache"})


def text_digest(*texts: str) -> str:
    """Return `sha256:` and the hex digest over `texts` and their lengths."""
    digest = hashlib.sha256()
    for text in texts:
        data = text.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return f"sha256:{digest.hexdigest()}"


def file_digest(path: Path) -> str:
    """Return `sha256:` and the hex digest of the bytes of `path`; raises OSError if it cannot be read."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def tree_digest(*folders: Path) -> str:
    """Return one digest over the relative names and the bytes of every file below `folders`, caches left out."""
    lines = [
        f"{path.relative_to(folder).as_posix()} {file_digest(path)}"
        for folder in folders
        for path in content_of(folder)
    ]
    return text_digest(*lines)


def content_of(folder: Path) -> Iterator[Path]:
    """Yield every file below `folder` in a fixed order; caches and compiled files are not content."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc" and not _NOT_CONTENT.intersection(path.relative_to(folder).parts):
            yield path
