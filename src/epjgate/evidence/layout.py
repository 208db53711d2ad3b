"""Where everything lies in an evidence bundle."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from epjgate.errors import EvidenceUnwritable

RESERVE_BYTES = 1 << 20


@dataclass(frozen=True)
class Layout:
    """The files of the bundle in `folder`; whatever else lies there was made of it later and is no evidence."""

    folder: Path

    @property
    def manifest(self) -> Path:
        """What the run set out to do."""
        return self.folder / "manifest.json"

    @property
    def journal(self) -> Path:
        """What happened, one event a line."""
        return self.folder / "journal.jsonl"

    @property
    def policy(self) -> Path:
        """The policy as it stood when the run began."""
        return self.folder / "policy.toml"

    @property
    def floors(self) -> Path:
        """The committed floors as they stood when the run began."""
        return self.folder / "floors.toml"

    @property
    def approved(self) -> Path:
        """The approved changes as they stood when the run began; missing where there were none."""
        return self.folder / "approved-changes.toml"

    @property
    def surfaces(self) -> Path:
        """What the baseline and the candidate show to those around them, a file each."""
        return self.folder / "surfaces"

    @property
    def logs(self) -> Path:
        """One log a service, and pytest's own."""
        return self.folder / "logs"

    @property
    def exchanges(self) -> Path:
        """The exchanges of tests that did not pass."""
        return self.folder / "exchanges"

    @property
    def allure(self) -> Path:
        """Allure results as the suites wrote them, redacted."""
        return self.folder / "allure"

    @property
    def digests(self) -> Path:
        """The seal: a digest for every file above."""
        return self.folder / "digests.json"

    @property
    def target(self) -> Path:
        """Where the candidate can be reached while it runs; removed when it has stopped."""
        return self.folder / ".target.json"

    @property
    def reserve(self) -> Path:
        """Disk kept back, so that a run on a full disk can still say that it ended."""
        return self.folder / ".reserve"

    @property
    def evidence(self) -> tuple[Path, ...]:
        """The files and folders that are evidence, and so under the seal."""
        files = self.manifest, self.journal, self.policy, self.floors, self.approved
        return *files, self.surfaces, self.logs, self.exchanges, self.allure

    def create(self) -> None:
        """Make the folders and keep a reserve of disk; raises EvidenceUnwritable if the bundle cannot live here."""
        try:
            if self.folder.is_dir() and any(self.folder.iterdir()):
                raise EvidenceUnwritable(
                    f"{self.folder} cannot receive the evidence",
                    "the folder is not empty",
                    "name a new folder by --out",
                )
            for folder in (self.folder, self.logs, self.exchanges):
                folder.mkdir(parents=True, exist_ok=True)
            with self.reserve.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, RESERVE_BYTES)
        except OSError as err:
            raise EvidenceUnwritable(
                f"{self.folder} cannot receive the evidence", f"{err}", "free disk space or choose another --out"
            ) from err

    def free_reserve(self) -> None:
        """Give the reserve back to the disk; harmless when that was done before."""
        with suppress(OSError):
            self.reserve.unlink()
