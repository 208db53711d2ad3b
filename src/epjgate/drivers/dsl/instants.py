"""Points in time, as every capability takes them."""

from __future__ import annotations

from datetime import datetime


def require_zone(name: str, at: datetime) -> None:
    """Return where `at` has a time zone; ValueError, naming it as `name`, where it does not: it is no point in time."""
    if at.utcoffset() is None:
        raise ValueError(f"{name} {at.isoformat()} has no time zone")
