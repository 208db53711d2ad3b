"""What each operator makes of a value; pure, and the same for the same value."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from epjgate.model.mutant import Operator
from epjgate.sensing.bodies import Slot

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT)(\d\d)(:.*)")
_PATIENT = re.compile(r"(?P<before>(?:.*/)?Patient/)(?P<id>[A-Za-z0-9.-]{1,64})(?P<after>/_history/.*)?")
_TRUNCATED_FROM = 8
_OTHER_PATIENT = "somebody-else"
# Opposites that a reader would believe: a code that means something, so that it is not refused for being unknown.
_PAIRS = (
    ("male", "female"),
    ("active", "completed"),
    ("on-hold", "stopped"),
    ("in-progress", "finished"),
    ("onleave", "planned"),
    ("final", "preliminary"),
    ("confirmed", "unconfirmed"),
    ("high", "low"),
    ("routine", "urgent"),
    ("current", "superseded"),
    ("match", "include"),
    ("searchset", "history"),
    ("error", "warning"),
    ("self", "next"),
    ("true", "false"),
    ("AA", "AE"),
    ("NW", "CA"),
    ("M", "F"),
    ("Male", "Female"),
    ("Active", "Stopped"),
    ("Report", "Nullify"),
)
_OPPOSITES = {**dict(_PAIRS), **{two: one for one, two in _PAIRS}, "AR": "AA"}
_UNITS = {"mg": "g", "g": "mg", "ug": "mg", "mmol/L": "umol/L", "{tablet}": "mL", "d": "wk", "wk": "d", "h": "d"}
_UNIT_FIELDS = re.compile(r"(^|\.)(unit|Unit|periodUnit)$|^OBX-6(\.1)?$")


def operators_at(slot: Slot) -> tuple[Operator, ...]:
    """Return the operators that change what is in `slot`."""
    of_values = (Operator.UNIT, Operator.PATIENT, *_EDITS)
    offered = (operator for operator in of_values if edited(operator, slot, ()) is not None)
    return (*([Operator.DROP] if slot.is_member else []), *offered)


def edit(operator: Operator, slot: Slot, patients: Collection[str]) -> bool:
    """Change what is in `slot`; whether there was anything that `operator` changes.

    `patients` are the ids of patients that the test has met, one of whom takes the place of another.
    """
    if operator is Operator.DROP:
        if slot.is_member:
            slot.drop()
        return slot.is_member
    new = edited(operator, slot, patients)
    if new is None:
        return False
    slot.put(new)
    return True


def edited(operator: Operator, slot: Slot, patients: Collection[str]) -> Any:
    """Return another value than the one in `slot`, None where `operator` has nothing to do with it."""
    value = slot.value
    if operator is Operator.PATIENT:
        return _other_patient(value, patients)
    if operator is Operator.UNIT:
        return _other_unit(value) if _is_unit(slot) else None
    if operator is Operator.CHANGE and (_is_unit(slot) or _other_patient(value, ()) is not None):
        return None
    return _EDITS[operator](value)


def _changed(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case Decimal():
            return _next(value)
        case str():
            return _changed_text(value)
        case _:
            return None


def _next(value: Decimal) -> Decimal | None:
    """Return the neighbour with as many digits: the smallest change that a number can suffer."""
    exponent = value.as_tuple().exponent
    return value + Decimal((0, (1,), exponent)) if isinstance(exponent, int) else None


def _changed_text(text: str) -> str | None:
    if text in _OPPOSITES:
        return _OPPOSITES[text]
    if _DAY.fullmatch(text):
        return _next_day(text)
    time = _TIME.fullmatch(text)
    if time is not None:
        return f"{time[1]}{(int(time[2]) + 1) % 24:02}{time[3]}"
    return _letter_changed(text)


def _next_day(text: str) -> str | None:
    try:
        return (date.fromisoformat(text) + timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return None


def _letter_changed(text: str) -> str | None:
    """Return `text` with the letter or digit nearest to its middle, or the last digit of a number, another one."""
    places = [place for place, letter in enumerate(text) if letter.isascii() and letter.isalnum()]
    if not places:
        return None
    middle = max(places) if text[max(places)].isdigit() else min(places, key=lambda place: abs(place - len(text) // 2))
    return text[:middle] + _neighbour(text[middle]) + text[middle + 1 :]


def _neighbour(letter: str) -> str:
    first, last = ("0", "9") if letter.isdigit() else ("a", "z") if letter.islower() else ("A", "Z")
    return first if letter == last else chr(ord(letter) + 1)


def _is_unit(slot: Slot) -> bool:
    if not isinstance(slot.value, str) or not slot.value:
        return False
    of_quantity = slot.key == "code" and slot.is_member and "value" in slot.container
    return of_quantity or _UNIT_FIELDS.search(slot.field) is not None


def _other_unit(unit: str) -> str:
    return _UNITS.get(unit, "mg")


def _other_patient(value: Any, patients: Collection[str]) -> str | None:
    found = _PATIENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    other = min((patient for patient in patients if patient != found["id"]), default=_OTHER_PATIENT)
    return f"{found['before']}{other}{found['after'] or ''}"


def _truncated(value: Any) -> str | None:
    is_prose = isinstance(value, str) and len(value) >= _TRUNCATED_FROM and " " in value
    return value[: len(value) * 2 // 3] if is_prose else None


def _garbled(value: Any) -> str | None:
    if not isinstance(value, str) or value.isascii():
        return None
    try:
        return value.encode("utf-8").decode("latin-1")
    except UnicodeEncodeError:
        return None


def _without_last(value: Any) -> list[Any] | None:
    return value[:-1] if isinstance(value, list) and value else None


def _last_twice(value: Any) -> list[Any] | None:
    return [*value, value[-1]] if isinstance(value, list) and value else None


_EDITS: dict[Operator, Callable[[Any], Any]] = {
    Operator.CHANGE: _changed,
    Operator.TRUNCATE: _truncated,
    Operator.MOJIBAKE: _garbled,
    Operator.DROP_ENTRY: _without_last,
    Operator.DOUBLE_ENTRY: _last_twice,
}
