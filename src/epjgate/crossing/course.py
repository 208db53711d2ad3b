"""One test on its way through the upgrade: a generator that stands still while the releases change."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from epjgate.errors import CapabilityMissing, UsageError
from epjgate.suite_runner.handover import Answer, Part

NOT_REHEARSED = CapabilityMissing(
    "no upgrade is rehearsed in this run", "`epjgate rehearse` does that", "rehearse the upgrade: epjgate rehearse"
)
"""Why a part after the upgrade is not applicable to a run in which there is none."""


@dataclass
class Course:
    """A crossing test with all that it holds in its variables; its parts are run one by one, each at most once.

    A part that did not pass is the end of it: whoever is to blame for that is not blamed again for what came after.
    """

    function: Callable[..., Generator[Any, Any, Any]]
    parts: tuple[Part, ...]
    _walk: Generator[Any, Any, Any] | None = None
    _ended: tuple[Part, BaseException] | None = None

    def begin(self, arguments: Mapping[str, object]) -> None:
        """Run the part before the upgrade; what it raises is raised."""
        walk = self._walk = self.function(**arguments)
        self._advance(Part.BEFORE, lambda: next(walk))

    def go_on(self, part: Part, epj: object) -> None:
        """Run a later part with `epj` as what its yield returns; what it raises is raised.

        Raises UsageError where the test ends before its last part, and where it goes on after that.
        """
        walk = self._walk
        if walk is None:
            raise UsageError(
                f"{self.function.__name__} cannot go on", "it has not begun", "run all its parts in one session"
            )
        self._advance(part, lambda: walk.send(epj))

    def raise_if_not_to_run(self, part: Part, answer: Answer | None) -> None:
        """Return where a part after the upgrade can run; `answer` says whether its release stands, None if nobody does.

        Otherwise the test is closed, and this skips it with the reason. CapabilityMissing where the session rehearses
        no upgrade, and where the test was not applicable before it.
        """
        if answer is not None and answer.go and self._ended is None and self._walk is not None:
            return
        left = self.close()
        if answer is None:
            raise NOT_REHEARSED
        if self._ended is not None and isinstance(self._ended[1], CapabilityMissing):
            missing = self._ended[1]
            raise CapabilityMissing(missing.problem, missing.cause, missing.fix)
        pytest.skip(f"{self._reason(part, answer)}{left}")

    def note(self, part: Part, error: BaseException) -> None:
        """Take note that `part` did not pass, in whichever of its phases; one that was not run ends nothing."""
        if self._ended is None and (part is Part.BEFORE or self._walk is not None):
            self._ended = (part, error)

    def close(self) -> str:
        """Let the test leave its `with` blocks; returns what went wrong in that, as the end of a sentence."""
        walk, self._walk = self._walk, None
        try:
            if walk is not None:
                walk.close()
        except Exception as err:  # noqa: BLE001 - what a test does on leaving is unknown, and no verdict rests on it
            return f" (and its last words went wrong: {type(err).__name__}: {err})"
        return ""

    def _advance(self, part: Part, advance: Callable[[], object]) -> None:
        last = self.parts[-1]
        try:
            advance()
        except StopIteration:
            if part is last:
                return
            raise UsageError(
                f"{self.function.__name__} is not whole",
                f"it ended on {part.release}, and nothing was tested on {last.release}",
                "let it reach each of its yields",
            ) from None
        if part is last:
            raise UsageError(
                f"{self.function.__name__} is not whole",
                f"it yields more often than it says: it did not end on {last.release}",
                "let it reach each of its yields once",
            )

    def _reason(self, part: Part, answer: Answer) -> str:
        if self._ended is not None:
            return f"its part on {self._ended[0].release} did not pass"
        if not answer.go:
            return answer.why or f"{part.release} did not stand, and nobody said why"
        return f"its part on {Part.BEFORE.release} was not run"
