"""Follows the journal while the suites write it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from epjgate.model.events import ENTRY, Event, TestFinished, TestsCollected
from epjgate.model.outcome import Outcome
from epjgate.suite_runner.interface import Progress


class JournalTail:
    """Counts finished tests from whole journal lines and tells `progress`; for display only, never for a verdict."""

    def __init__(self, journal: Path, progress: Progress) -> None:
        self._journal = journal
        self._progress = progress
        self._position = 0
        self._total = 0
        self._done = 0
        self._not_passed = 0

    def read_on(self) -> None:
        """Take in the lines that were added since the last call."""
        with suppress(OSError), self._journal.open("rb") as file:
            file.seek(self._position)
            data = file.read()
            whole = data[: data.rfind(b"\n") + 1]
            self._position += len(whole)
            for line in whole.splitlines():
                with suppress(ValidationError):
                    self._count(ENTRY.validate_json(line).data)

    def _count(self, event: Event) -> None:
        match event:
            case TestsCollected():
                self._total = len(event.tests)
            case TestFinished():
                self._done += 1
                self._not_passed += event.outcome is not Outcome.PASSED
            case _:
                return
        self._progress.tests(done=self._done, total=max(self._total, self._done), not_passed=self._not_passed)
