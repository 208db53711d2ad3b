"""Turns: many tests at once on one system, or one exclusive test alone."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def turn(item: pytest.Item, lock: Path) -> Iterator[None]:
    """Hold the system while the test runs: shared with the other workers, or alone for an `exclusive` test."""
    with lock.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX if is_exclusive(item) else fcntl.LOCK_SH)
        yield


def exclusive_last(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return `items` with the exclusive ones at the end, so that the others do not wait in between."""
    return sorted(items, key=is_exclusive)


def is_exclusive(item: pytest.Item) -> bool:
    """Whether the test must have the system for itself."""
    return item.get_closest_marker("exclusive") is not None
