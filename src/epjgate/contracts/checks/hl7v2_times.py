"""Moments as HL7 v2 writes them, with minutes or seconds and perhaps an offset (HL7 v2.5.1, 2.A.22)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

DANISH = ZoneInfo("Europe/Copenhagen")
"""The zone of a moment that names none."""

_TIME = re.compile(r"(\d{8})(\d{4})(\d{2})?(\.\d{1,4})?([+-]\d{4})?", re.ASCII)
# The offsets that are in force anywhere are between these, in quarters of an hour.
_WEST, _EAST, _STEP = timedelta(hours=-12), timedelta(hours=14), timedelta(minutes=15)


def is_moment(text: str) -> bool:
    """Whether `text` names a moment that exists, with an offset that some place has or with none."""
    try:
        moment(text)
    except ValueError:
        return False
    return True


def moment(text: str) -> datetime:
    """Return the moment that `text` names, in Danish time without an offset; raises ValueError where it names none."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no point in time")
    day, minute, second, _fraction, offset = found.groups()
    if offset is None:
        return datetime.strptime(f"{day}{minute}{second or '00'}", "%Y%m%d%H%M%S").replace(tzinfo=DANISH)
    said = datetime.strptime(f"{day}{minute}{second or '00'}{offset}", "%Y%m%d%H%M%S%z")
    shift = said.utcoffset() or timedelta()
    if not _WEST <= shift <= _EAST or shift % _STEP:
        raise ValueError(f"{text!r} has an offset that no place has")
    return said
