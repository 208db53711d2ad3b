"""Bounded waiting."""

from __future__ import annotations

import time
from itertools import chain, repeat

import pytest

from epjgate.drivers.dsl.waiting import wait_until, wait_until_quiet


def test_it_ends_as_soon_as_it_is_so() -> None:
    """The third time is enough."""
    numbers = iter(range(10))
    assert wait_until(lambda: next(numbers) == 2, 5)
    assert next(numbers) == 3


@pytest.mark.parametrize("limit_s", [0.0, 0.1])
def test_it_ends_when_the_time_is_up(limit_s: float) -> None:
    """What never comes is asked for at least once, and no longer than that."""
    numbers = iter(range(1000))
    started = time.monotonic()
    assert not wait_until(lambda: next(numbers) < 0, limit_s)
    assert next(numbers) > 0
    assert time.monotonic() - started < limit_s + 0.5


def test_quiet_is_when_nothing_more_arrives() -> None:
    """The clock begins anew with every arrival."""
    counts = chain([1, 2, 3], repeat(4))
    started = time.monotonic()
    assert wait_until_quiet(lambda: next(counts), 5, quiet_s=0.2)
    assert time.monotonic() - started >= 0.2


def test_what_is_never_quiet_is_given_up() -> None:
    """The bound holds there too."""
    numbers = iter(range(10**9))
    assert not wait_until_quiet(lambda: next(numbers), 0.2, quiet_s=0.1)
