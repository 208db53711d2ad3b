"""How one test ended."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Outcome(StrEnum):
    """How one test ended, worst first; a roll-up takes the worst.

    `failed` and `unreachable` speak of the candidate, `unfinished` and `broken` of the harness,
    `skipped` and `not_applicable` say that nothing was tested.
    """

    FAILED = "failed"
    UNREACHABLE = "unreachable"
    UNFINISHED = "unfinished"
    BROKEN = "broken"
    SKIPPED = "skipped"
    NOT_APPLICABLE = "not_applicable"
    PASSED = "passed"

    @property
    def rank(self) -> int:
        """Position in the order, 0 the worst."""
        return list(Outcome).index(self)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the worst of `outcomes`; nothing at all counts as `unfinished`, never as a pass."""
    return min(outcomes, key=lambda outcome: outcome.rank, default=Outcome.UNFINISHED)
