"""CPR and replacement CPR numbers as a receiver may judge them: a possible date, never mod 11 (cpr.dk, medcom.dk)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from epjgate.model.person import Sex

CPR = "urn:oid:1.2.208.176.1.2"
NATIONAL_REPLACEMENT = "urn:oid:1.2.208.176.1.6.1.1"
LOCAL_REPLACEMENT = "urn:oid:1.2.208.176.1.6.1.3"

_ORDINARY = re.compile(r"(\d\d)(\d\d)(\d\d)(\d)\d{2}(\d)", re.ASCII)
_REPLACEMENT = re.compile(r"(\d\d)(\d\d)(\d\d)(\d)[A-Z]{2}(\d)", re.ASCII)
_CENTURY_OF_REPLACEMENT = {
    NATIONAL_REPLACEMENT: {"1": 1900, "7": 2000},
    LOCAL_REPLACEMENT: {"0": 1900, "5": 1800, "6": 2000},
}


@dataclass(frozen=True)
class Holder:
    """What a number tells about its holder, and which system the number belongs to."""

    system: str
    birth_date: date
    sex: Sex


def read_number(number: str) -> Holder:
    """Return what `number`, ten characters without a hyphen, tells.

    Raises ValueError, with the rule that is broken and without the number, for one that cannot exist.
    """
    if found := _ORDINARY.fullmatch(number):
        system, century = CPR, _century(int(found[3]), int(found[4]))
    elif found := _REPLACEMENT.fullmatch(number):
        system, century = _replacement(found[4])
    else:
        raise ValueError("a CPR number is ten digits, a replacement number DDMMYYCAAG")
    try:
        born = date(century + int(found[3]), int(found[2]), int(found[1]))
    except ValueError as err:
        raise ValueError("the first six digits of the CPR number are no day that ever was") from err
    return Holder(system, born, Sex.MALE if int(found[5]) % 2 else Sex.FEMALE)


def _century(year: int, seventh: int) -> int:
    """Return the century of birth by year and seventh digit (cpr.dk, the table of the seventh digit)."""
    if seventh <= 3:
        return 1900
    if seventh in {4, 9}:
        return 2000 if year <= 36 else 1900
    return 2000 if year <= 57 else 1800


def _replacement(seventh: str) -> tuple[str, int]:
    for system, centuries in _CENTURY_OF_REPLACEMENT.items():
        if seventh in centuries:
            return system, centuries[seventh]
    raise ValueError("the seventh character of the replacement number stands for no century")
