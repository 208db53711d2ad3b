"""Finds numbers in a record that could be somebody's CPR number."""

from __future__ import annotations

from datetime import date

from epjgate.incidents.record import Record
from epjgate.model.redaction import numbers_in

_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_TEST_NUMBERS_FROM_DAY = 61  # the authority's own test persons: their day of birth plus 60
_READ = frozenset({".md", ".py", ".toml", ".json", ".txt"})


def possible_persons(record: Record) -> tuple[str, ...]:
    """Return where in the folder of `record` a number stands that could be a real person's, `file: 010203-....`.

    Numbers that nobody holds may stand anywhere: those with no possible day of birth, the test numbers (day of
    birth plus 60), and those that fail mod 11 and are not of 1 January, like all that `fixtures/population` makes.
    """
    files = sorted(path for path in record.folder.iterdir() if path.suffix in _READ)
    return tuple(
        f"{file.name}: {number[:6]}-...."
        for file in files
        for number in numbers_in(file.read_text(encoding="utf-8", errors="replace"))
        if is_possible_person(number)
    )


def is_possible_person(number: str) -> bool:
    """Whether `number` (ten characters) could be the CPR number of a real person."""
    if not number.isdecimal() or int(number[:2]) >= _TEST_NUMBERS_FROM_DAY or not _is_a_day(number):
        return False
    return number.startswith("0101") or _passes_mod_11(number)


def _is_a_day(number: str) -> bool:
    """Whether the first six digits name a day in either century that they can mean."""
    for century in (1900, 2000):
        try:
            date(century + int(number[4:6]), int(number[2:4]), int(number[:2]))
        except ValueError:
            continue
        return True
    return False


def _passes_mod_11(number: str) -> bool:
    return sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=True)) % 11 == 0
