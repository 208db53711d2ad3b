"""What every publisher promises."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from epjgate.model.evidence import Evidence
from epjgate.model.verdict import Verdict


class Publisher(Protocol):
    """Tells a verdict in one form; everything it writes is redacted already and stays inside `folder`."""

    @property
    def name(self) -> str:
        """A short name, for example `junit`."""

    def publish(self, verdict: Verdict, evidence: Evidence, folder: Path) -> tuple[Path, ...]:
        """Write the verdict below `folder`, replacing what an earlier call wrote, and return the files written.

        Raises EvidenceUnwritable when a file cannot be written.
        """
