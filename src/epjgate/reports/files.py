"""Writes a report file so that a reader finds the old one or the new one, never half of one."""

from __future__ import annotations

from pathlib import Path

from epjgate.errors import EvidenceUnwritable
from epjgate.evidence.bundle import write_whole


def write_file(path: Path, text: str) -> Path:
    """Write `text` to `path` in one step, making its folder where needed, and return `path`.

    Raises EvidenceUnwritable when that is impossible; what stood there before is then still there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text, durable=False)
    except OSError as err:
        raise unwritable(path, err) from err
    return path


def unwritable(path: Path, err: OSError) -> EvidenceUnwritable:
    """Return `err` as an error that names the report and what to do."""
    return EvidenceUnwritable(
        f"the report {path.name} cannot be written",
        f"{path}: {err.strerror or err}",
        "make room or correct the permissions, then rebuild the reports with `epjgate report` and the run's folder",
    )
