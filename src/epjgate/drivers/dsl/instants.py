"""Points in time, as every capability takes them."""

from __future__ import annotations

from datetime import datetime, timezone


def point_in_time(name: str, at: datetime) -> datetime:
    """Return `at` with the offset of its zone at that moment; ValueError, naming it as `name`, where it has no zone.

    Python never finds a time of a named zone in the hour of a clock change equal to what was read back (PEP 495).
    """
    offset = at.utcoffset()
    if offset is None:
        raise ValueError(f"{name} {at.isoformat()} has no time zone")
    return at.replace(tzinfo=timezone(offset), fold=0)
