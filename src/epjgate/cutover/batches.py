"""Batch times of national registers, which meet a change window whether anybody thinks of them or not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from epjgate.cutover.window import instants, told_locally
from epjgate.model.cutover import Caution

# LPR3: the daily list of errors is made at 01:55 and sent from 04:00 (guide of 2018; it may have changed since).
LPR3 = {Caution.LPR_LIST_MADE: time(1, 55), Caution.LPR_LIST_SENT: time(4, 0)}


def batches_between(begin: datetime, end: datetime) -> Iterator[tuple[Caution, datetime]]:
    """Yield every batch from `begin` until `end`, both included, with its time of the clock; in order of time."""
    days = (end.date() - begin.date()).days
    found = (
        (batch, told_locally(instant))
        for ahead in range(days + 1)
        for batch, local in LPR3.items()
        for instant in instants(begin.date() + timedelta(days=ahead), local)
        if begin <= instant <= end
    )
    return iter(sorted(found, key=lambda one: one[1]))
