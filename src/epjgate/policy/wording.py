"""Short, plain English for findings, which a release manager reads."""

from __future__ import annotations

from collections.abc import Iterable

SUMMARY_LIMIT = 120


def brief(text: str, limit: int = SUMMARY_LIMIT) -> str:
    """Return `text` on one line of at most `limit` characters, ending in an ellipsis where it was cut."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def counted(number: int, noun: str) -> str:
    """Return `number` with `noun` in the right form: `1 test`, `3 tests`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(names: Iterable[str], limit: int = 5) -> str:
    """Return `names` separated by commas; those beyond `limit` are counted, not named."""
    every = list(names)
    more = [f"and {len(every) - limit} more"] if len(every) > limit else []
    return ", ".join([*every[:limit], *more])
