"""Checks of numbers that a Danish system sends by FHIR R4: of persons, organisations and professionals.

Sources: cpr.dk for the CPR number, dk-core 3.7.0 for the others. Each check takes a resource or a Bundle and looks at
every place in it; a document without such a number breaks the rule. Texts name places, never values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from epjgate.contracts.checks.interface import Document, check
from epjgate.contracts.checks.resources import Found, identifiers, objects, patients

CPR_OID = "1.2.208.176.1.2"
CPR = f"urn:oid:{CPR_OID}"
X_ECPR = "urn:oid:1.2.208.176.1.6.1.1"
D_ECPR = "urn:oid:1.2.208.176.1.6.1.3"
REGIONAL_D_ECPR = tuple(f"{D_ECPR}.{region}" for region in (177, 179, 181, 183, 187))
SOR, CVR = "urn:oid:1.2.208.176.1.1", "http://cvr.dk"
GLN, AUTHORISATION = "https://www.gs1.org/gln", "https://autregweb.sst.dk"

CENTURIES = {X_ECPR: {"1": 1900, "7": 2000}, D_ECPR: {"5": 1800, "0": 1900, "6": 2000}}
"""The century that the seventh character of a replacement number stands for, by who issues it."""

_CVR_WEIGHTS = (2, 7, 6, 5, 4, 3, 2, 1)


@check("dk-cpr-system-oid")
def cpr_system_oid(document: Document) -> Iterator[str]:
    """A CPR number stands under the URN of its OID, spelled as registered."""
    systems = [(path, str(one["system"])) for path, one in objects(document) if "system" in one and "value" in one]
    if not any(system == CPR for _, system in systems):
        yield f"no identifier has the system {CPR}"
    for path, system in systems:
        if system != CPR and (system.strip().lower().removeprefix("urn:oid:") == CPR_OID or "cpr" in system.lower()):
            yield f"{path}.system is not spelled {CPR}"


@check("dk-cpr-form")
def cpr_form(document: Document) -> Iterator[str]:
    """A CPR number is ten digits without a hyphen."""
    return _each_number(document, (CPR,), lambda value: "" if _is_digits(value, 10) else "is not ten digits")


@check("dk-cpr-possible-day")
def cpr_possible_day(document: Document) -> Iterator[str]:
    """The first six digits of a CPR number name a day that existed in the century of the seventh."""
    return _each_number(document, (CPR,), lambda value: "" if _born(value) else "names a day that never was")


@check("dk-birth-date-agrees-with-cpr")
def birth_date_agrees(document: Document) -> Iterator[str]:
    """Whoever bears a CPR number was born on the day that it tells, by the century table."""
    for path, patient in _patients_with_cpr(document):
        born = [_born(number) for number in _in_force(patient)]
        if [str(day) for day in born] != [patient.get("birthDate")]:
            yield f"{path}birthDate is not the day that the CPR number tells"


@check("dk-gender-agrees-with-cpr")
def gender_agrees(document: Document) -> Iterator[str]:
    """The last digit of a CPR number is odd for men and even for women."""
    for path, patient in _patients_with_cpr(document):
        if [_sex(number) for number in _in_force(patient)] != [patient.get("gender")]:
            yield f"{path}gender is not the sex that the CPR number tells"


@check("dk-one-cpr-in-force")
def one_cpr_in_force(document: Document) -> Iterator[str]:
    """A patient bears one CPR number at a time; earlier ones are marked as old."""
    for path, patient in _patients_with_cpr(document):
        if len(_in_force(patient)) != 1:
            yield f"{path}identifier holds {len(_in_force(patient))} CPR numbers in force"


@check("dk-x-ecpr-form")
def x_ecpr_form(document: Document) -> Iterator[str]:
    """A national replacement number is DDMMYYCAAG with C 1 or 7."""
    return _each_number(document, (X_ECPR,), lambda value: _replacement_fault(value, CENTURIES[X_ECPR]))


@check("dk-d-ecpr-form")
def d_ecpr_form(document: Document) -> Iterator[str]:
    """A local replacement number is DDMMYYCAAG with C 0, 5 or 6."""
    systems = (D_ECPR, *REGIONAL_D_ECPR)
    return _each_number(document, systems, lambda value: _replacement_fault(value, CENTURIES[D_ECPR]))


@check("dk-d-ecpr-names-issuer")
def d_ecpr_names_issuer(document: Document) -> Iterator[str]:
    """A local replacement number says who issued it: by the OID of a region, or by `assigner`."""
    for path, one in identifiers(document, (D_ECPR, *REGIONAL_D_ECPR)):
        assigner = one.get("assigner") or {}
        if one["system"] == D_ECPR and not any(assigner.get(name) for name in ("display", "reference", "identifier")):
            yield f"{path}.assigner is missing, and the number is unique only within its issuer"


@check("dk-replacement-agrees-with-patient")
def replacement_agrees(document: Document) -> Iterator[str]:
    """A replacement number tells birth date and sex of the patient who bears it."""
    for path, patient in patients(document):
        for place, one in identifiers(patient, (X_ECPR, D_ECPR, *REGIONAL_D_ECPR)):
            value = one["value"]
            centuries = CENTURIES[X_ECPR if one["system"] == X_ECPR else D_ECPR]
            told = (str(_day(value[:6], centuries.get(value[6], 0))), _sex(value))
            if told != (patient.get("birthDate"), patient.get("gender")):
                yield f"{path}{place}.value tells another birth date or sex than the patient has"


@check("dk-sor-form")
def sor_form(document: Document) -> Iterator[str]:
    """A SOR code has eleven digits or more."""
    return _each_number(document, (SOR,), _pattern(r"[0-9]{11,}", "is not eleven digits or more"))


@check("dk-cvr-check-digit")
def cvr_check_digit(document: Document) -> Iterator[str]:
    """A CVR number is eight digits whose sum, weighted 2-7-6-5-4-3-2-1, is divisible by 11."""

    def fault(value: str) -> str:
        return "" if _is_digits(value, 8) and _weighted(value, _CVR_WEIGHTS) % 11 == 0 else "is no CVR number"

    return _each_number(document, (CVR,), fault)


@check("dk-gln-check-digit")
def gln_check_digit(document: Document) -> Iterator[str]:
    """A GLN is thirteen digits whose sum, weighted 1-3-1-3 and so on, is divisible by 10."""

    def fault(value: str) -> str:
        return "" if _is_digits(value, 13) and _weighted(value, (1, 3) * 6 + (1,)) % 10 == 0 else "is no GLN"

    return _each_number(document, (GLN,), fault)


@check("dk-authorisation-id-form")
def authorisation_id_form(document: Document) -> Iterator[str]:
    """An authorisation id is five digits and consonants; Y counts as a consonant."""
    consonants = "b-df-hj-np-tv-z"
    fault = _pattern(f"[0-9{consonants}{consonants.upper()}]{{5}}", "is not five digits and consonants")
    return _each_number(document, (AUTHORISATION,), fault)


def _each_number(document: Document, systems: tuple[str, ...], fault: Callable[[str], str]) -> Iterator[str]:
    for path, one in identifiers(document, systems):
        value = one.get("value")
        if why := fault(value) if isinstance(value, str) else "is no text":
            yield f"{path}.value {why}"


def _patients_with_cpr(document: Document) -> Found:
    for path, patient in patients(document):
        list(identifiers(patient, (CPR,)))
        yield path, patient


def _in_force(patient: dict[str, Any]) -> list[str]:
    identifiers = patient["identifier"]
    return [one["value"] for one in identifiers if one.get("system") == CPR and one.get("use") != "old"]


def _born(cpr: str) -> date | None:
    if not _is_digits(cpr, 10):
        return None
    year, seventh = int(cpr[4:6]), int(cpr[6])
    if seventh <= 3:
        century = 1900
    elif seventh in (4, 9):
        century = 2000 if year <= 36 else 1900
    else:
        century = 2000 if year <= 57 else 1800
    return _day(cpr[:6], century)


def _day(day_month_year: str, century: int) -> date | None:
    try:
        return date(century + int(day_month_year[4:]), int(day_month_year[2:4]), int(day_month_year[:2]))
    except ValueError:
        return None


def _sex(number: str) -> str:
    return "male" if int(number[-1]) % 2 else "female"


def _replacement_fault(value: str, centuries: dict[str, int]) -> str:
    if not re.fullmatch(r"[0-9]{7}[A-Z]{2}[0-9]", value):
        return "is not six digits, a century, two letters and a digit"
    if value[6] not in centuries:
        return f"has none of {', '.join(centuries)} for its century"
    return "" if _day(value[:6], centuries[value[6]]) else "names a day that never was"


def _pattern(pattern: str, otherwise: str) -> Callable[[str], str]:
    return lambda value: "" if re.fullmatch(pattern, value) else otherwise


def _is_digits(value: str, length: int) -> bool:
    return re.fullmatch(f"[0-9]{{{length}}}", value) is not None


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
