"""Tells which suite a file belongs to."""

from __future__ import annotations

from pathlib import Path

DESCRIPTION = "suite.toml"
"""What makes a folder a suite."""


def suite_name_of(path: Path, folder: Path) -> str:
    """Return the name of the suite that `path` belongs to: the nearest folder with a description; empty if none."""
    for parent in path.parents:
        if (parent / DESCRIPTION).is_file():
            return parent.relative_to(folder).as_posix()
        if parent == folder:
            break
    return ""
