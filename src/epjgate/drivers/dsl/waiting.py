"""Bounded waiting for what a system does behind the scenes; never an error, for what did not come is the finding."""

from __future__ import annotations

import time
from collections.abc import Callable

LIMIT_S = 6.0
"""How long a receiver is given to get what is on its way: three times a sender's time-out."""

QUIET_S = 1.0
"""How long nothing may arrive before a system without a delivery ledger counts as done."""

_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.25


def wait_until(done: Callable[[], bool], limit_s: float) -> bool:
    """Ask `done` again and again, less and less often, for at most `limit_s` seconds; returns what it said last."""
    until = time.monotonic() + limit_s
    pause_s = _FIRST_PAUSE_S
    while not done():
        left_s = until - time.monotonic()
        if left_s <= 0:
            return False
        time.sleep(min(pause_s, left_s))
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
    return True


def wait_until_quiet(count: Callable[[], int], limit_s: float, *, quiet_s: float = QUIET_S) -> bool:
    """Wait until `count` has not changed for `quiet_s` seconds, for at most `limit_s`; returns whether it was so."""
    seen, since = count(), time.monotonic()

    def is_quiet() -> bool:
        nonlocal seen, since
        now = count()
        if now != seen:
            seen, since = now, time.monotonic()
        return time.monotonic() - since >= quiet_s

    return wait_until(is_quiet, limit_s)
