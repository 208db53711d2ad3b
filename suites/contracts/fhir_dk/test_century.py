"""The century of a CPR number: the seventh digit together with the year, at each boundary of the table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from epjgate.drivers.dsl import Epj, Refused
from epjgate.drivers.fhir import FhirClient, Params, value_at
from epjgate.model.person import Person, Sex
from population.cpr import CPR_SYSTEM, passes_mod_11
from population.fhir_r4 import patient

IdsFound = Callable[[str, Params], list[str]]

TABLE: dict[str, dict[str, tuple[int, ...]]] = {
    "dk-century-seventh-digit-0-to-3": {"0": (1900, 1999), "1": (1936, 1937), "2": (1957, 1958), "3": (1900, 1999)},
    "dk-century-seventh-digit-4": {"4": (2000, 2036, 1937, 1999)},
    "dk-century-seventh-digit-9": {"9": (2000, 2036, 1937, 1999)},
    "dk-century-seventh-digit-5-to-8": {
        "5": (2000, 2057, 1858, 1899),
        "6": (2057, 1858),
        "7": (2057, 1858),
        "8": (2000, 2057, 1858, 1899),
    },
}
"""For each rule and seventh digit the years of birth at the boundaries (cpr.dk)."""
LAST_BIRTH = 2025
"""A year of birth after this one has not come yet: a number of it is possible, and nobody can have it."""

EACH_ROW = pytest.mark.parametrize(
    "row", [pytest.param(rule, marks=pytest.mark.rule(rule), id=rule.removeprefix("dk-century-")) for rule in TABLE]
)


def boundaries(row: str, seed: int) -> list[tuple[date, str]]:
    """Return a day of birth at each boundary of `row` and its seventh digit; the days are other ones with each seed."""
    return [
        (date(year, 2 + seed % 11, 1 + (seed // 11) % 28), digit)
        for digit, years in TABLE[row].items()
        for year in years
    ]


def number_of(born: date, seventh: str, sex: Sex, seed: int) -> str:
    """Return a CPR number with this seventh digit that belongs to nobody: it fails modulus 11."""
    nine = f"{born:%d%m%y}{seventh}{seed % 100:02}"
    return next(
        f"{nine}{last}" for last in range(10) if last % 2 == (sex is Sex.MALE) and not passes_mod_11(f"{nine}{last}")
    )


@EACH_ROW
@pytest.mark.severity("blocker")
def test_a_birth_date_by_the_table_is_accepted_and_kept(
    fhir: FhirClient, person: Person, clinic_seed: int, ids_found: IdsFound, row: str
) -> None:
    """Whoever was born by now, at each boundary: number and birth date are accepted together, and both are kept."""
    for born, seventh in boundaries(row, clinic_seed):
        if born.year > LAST_BIRTH:
            continue
        number = number_of(born, seventh, person.sex, clinic_seed)
        identifier = [{"system": CPR_SYSTEM, "value": number}]
        answer = fhir.create(patient(person, identifier=identifier, birthDate=born.isoformat()))
        assert answer.status == 201, f"born in {born.year}, seventh digit {seventh}: {answer.describe()}"
        read = fhir.read("Patient", answer.id).expect(200).resource
        assert (value_at(read, "birthDate"), value_at(read, "identifier")) == (born.isoformat(), identifier)
        asked = {"identifier": f"{CPR_SYSTEM}|{number}", "birthdate": born.isoformat()}
        assert answer.id in ids_found("Patient", asked)


@EACH_ROW
@pytest.mark.rule("dk-birth-date-told-by-cpr", "dk-gender-told-by-cpr")
@pytest.mark.severity("blocker")
@pytest.mark.needs("replacement_cpr")
def test_whoever_is_identified_is_born_when_the_number_tells(
    epj: Epj, fhir: FhirClient, clinic_seed: int, row: str
) -> None:
    """An unknown person of about 40 gets a CPR number: birth date and sex are those of the number, at each boundary.

    A number of somebody who is not born yet may be refused, and is never taken for one of another century.
    """
    for place, (born, seventh) in enumerate(boundaries(row, clinic_seed)):
        sex = (Sex.FEMALE, Sex.MALE)[(place + clinic_seed) % 2]
        unknown = epj.register_unknown_patient(sex, date(1985, 3, 14))
        try:
            identified = epj.identify_patient(unknown, number_of(born, seventh, sex, clinic_seed))
        except Refused:
            assert born.year > LAST_BIRTH, f"born in {born.year}, seventh digit {seventh}: refused"
            continue
        read = fhir.read("Patient", identified.id).expect(200).resource
        assert value_at(read, "birthDate") == born.isoformat(), f"year {born.year % 100}, seventh digit {seventh}"
        assert value_at(read, "gender") == sex.value


LEAP_DAYS = {
    "1904": ("04", "0", True),
    "2000 by a 4": ("00", "4", True),
    "2000 by a 9": ("00", "9", True),
    "2000 by a 5": ("00", "5", True),
    "1896": ("96", "8", True),
    "1860": ("60", "5", True),
    "1900": ("00", "0", False),
    "1900 by a 3": ("00", "3", False),
    "1937": ("37", "4", False),
    "2001": ("01", "6", False),
    "1858": ("58", "5", False),
    "1899": ("99", "8", False),
}
"""29 February: the year in the number, the seventh digit, and whether there was such a day."""


@pytest.mark.rule("dk-cpr-29-february-by-century")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("year", LEAP_DAYS)
def test_29_february_depends_on_the_century(
    fhir: FhirClient, person: Person, clinic_seed: int, ids_found: IdsFound, year: str
) -> None:
    """A leap year of the century that the seventh digit tells is accepted, any other year refused and not stored."""
    digits, seventh, existed = LEAP_DAYS[year]
    nine = f"2902{digits}{seventh}{clinic_seed % 100:02}"
    number = next(f"{nine}{last}" for last in range(10) if not passes_mod_11(f"{nine}{last}"))
    resource = patient(person, identifier=[{"system": CPR_SYSTEM, "value": number}])
    answer = fhir.create({name: value for name, value in resource.items() if name != "birthDate"})
    assert answer.status in ((201,) if existed else (400, 422)), answer.describe()
    found = ids_found("Patient", {"identifier": f"{CPR_SYSTEM}|{number}"})
    assert (answer.id in found) if existed else found == []
