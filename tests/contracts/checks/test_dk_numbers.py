"""Checks of numbers: all that a register can hold pass, all others are told, and nothing is told of the number."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.contracts.checks import violations
from epjgate.contracts.checks.dk_numbers import AUTHORISATION, CPR, CVR, D_ECPR, GLN, REGIONAL_D_ECPR, SOR, X_ECPR
from epjgate.model.person import Person, Sex
from population.cpr import REPLACEMENTS, ReplacementKind, is_valid_date, replacement_cpr
from population.fhir_r4 import patient
from population.strategies import cpr_numbers, persons


def bearing(*identifiers: dict[str, Any], **elements: Any) -> dict[str, Any]:
    """Return a Patient with these identifiers."""
    return {"resourceType": "Patient", "identifier": list(identifiers), **elements}


def number(system: str, value: object) -> dict[str, Any]:
    """Return an Identifier."""
    return {"system": system, "value": value}


@given(persons())
def test_persons_of_the_population_keep_the_rules(person: Person) -> None:
    """Number, birth date and sex agree in everybody whom the suites register."""
    for rule in ("form", "possible-day", "system-oid"):
        assert violations(f"dk-cpr-{rule}", patient(person)) == []
    for rule in ("dk-birth-date-agrees-with-cpr", "dk-gender-agrees-with-cpr", "dk-one-cpr-in-force"):
        assert violations(rule, patient(person)) == []


@given(st.from_regex(r"[0-9]{10}", fullmatch=True))
def test_a_day_is_possible_in_its_century(cpr: str) -> None:
    """Told by another implementation of the table."""
    assert (violations("dk-cpr-possible-day", bearing(number(CPR, cpr))) == []) == is_valid_date(cpr)


@given(cpr_numbers(), st.dates(date(1858, 1, 1), date(2057, 12, 31)))
def test_another_birth_date_is_told(cpr: str, born: date) -> None:
    """Another day, and the same day of another century."""
    document = bearing(number(CPR, cpr), birthDate=born.isoformat())
    told = violations("dk-birth-date-agrees-with-cpr", document) == []
    assert told == (f"{born:%d%m%y}" == cpr[:6] and _is_of_century(cpr, born.year))


def _is_of_century(cpr: str, year: int) -> bool:
    """Whether a holder of `cpr` can be born in `year`: the table of cpr.dk, row by row."""
    rows = {"0123": [(1900, 1999)], "49": [(1937, 1999), (2000, 2036)], "5678": [(1858, 1899), (2000, 2057)]}
    spans = next(spans for digits, spans in rows.items() if cpr[6] in digits)
    return any(first <= year <= last for first, last in spans)


@pytest.mark.parametrize(
    ("seventh", "year", "born"),
    [
        ("0", "00", 1900), ("3", "99", 1999), ("4", "36", 2036), ("4", "37", 1937), ("9", "36", 2036),
        ("9", "37", 1937), ("5", "57", 2057), ("5", "58", 1858), ("8", "57", 2057), ("8", "58", 1858),
    ],
)  # fmt: skip
def test_the_century_table_at_its_boundaries(seventh: str, year: str, born: int) -> None:
    """The day of the right century, and of no other."""
    cpr = number(CPR, f"1503{year}{seventh}001")
    for century in (1800, 1900, 2000):
        document = bearing(cpr, birthDate=f"{century + int(year)}-03-15")
        assert (violations("dk-birth-date-agrees-with-cpr", document) == []) == (century + int(year) == born)


@given(cpr_numbers())
def test_the_last_digit_tells_the_sex(cpr: str) -> None:
    """Odd for men; another sex, or none, is told."""
    right = "male" if cpr[9] in "13579" else "female"
    found = {one: violations("dk-gender-agrees-with-cpr", bearing(number(CPR, cpr), gender=one)) for one in GENDERS}
    assert [one for one in GENDERS if not found[one]] == [right]


GENDERS = ("male", "female", "other", None)


@pytest.mark.parametrize("value", ["150380432", "15038043210", "150380-4321", "150380432A", " 1503804321", 1503804321])
def test_a_cpr_number_is_ten_digits(value: object) -> None:
    """As text: a number of JSON loses the first zero."""
    assert len(violations("dk-cpr-form", bearing(number(CPR, value)))) == 1


@pytest.mark.parametrize(
    "system", ["1.2.208.176.1.2", "URN:OID:1.2.208.176.1.2", f"{CPR} ", "urn:cpr", "http://cpr.dk"]
)
def test_another_spelling_of_the_system_is_told(system: str) -> None:
    """A receiver that looks for the OID does not find the number; beside the right one it is told as well."""
    cpr = "1503804321"
    assert len(violations("dk-cpr-system-oid", bearing(number(system, cpr)))) == 2
    assert violations("dk-cpr-system-oid", bearing(number(CPR, cpr), number(system, cpr))) == [
        f"identifier[1].system is not spelled {CPR}"
    ]


def test_one_number_is_in_force() -> None:
    """Two are one too many, old ones do not count, and old ones alone are none."""
    first, second = number(CPR, "1503804321"), number(CPR, "1603804321")
    old = {**second, "use": "old"}
    assert violations("dk-one-cpr-in-force", bearing(first, old)) == []
    assert violations("dk-one-cpr-in-force", bearing(first, second)) == ["identifier holds 2 CPR numbers in force"]
    assert violations("dk-one-cpr-in-force", bearing(old)) == ["identifier holds 0 CPR numbers in force"]


@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.sampled_from(Sex),
    st.integers(0, REPLACEMENTS - 1),
    st.sampled_from(ReplacementKind),
)
def test_replacement_numbers_are_told_apart(born: date, sex: Sex, count: int, kind: ReplacementKind) -> None:
    """Each kind passes where it belongs, never where the other one does, and agrees with its bearer alone."""
    value = replacement_cpr(born, sex, count, kind=kind)
    system, other = (X_ECPR, D_ECPR) if kind is ReplacementKind.NATIONAL else (D_ECPR, X_ECPR)
    rules = {X_ECPR: "dk-x-ecpr-form", D_ECPR: "dk-d-ecpr-form"}
    assert violations(rules[system], bearing(number(system, value))) == []
    assert len(violations(rules[other], bearing(number(other, value)))) == 1
    agrees = "dk-replacement-agrees-with-patient"
    right = {"birthDate": born.isoformat(), "gender": sex.value}
    assert violations(agrees, bearing(number(system, value), **right)) == []
    earlier = born.replace(year=born.year - 100, day=min(born.day, 28)).isoformat()
    assert len(violations(agrees, bearing(number(system, value), **{**right, "birthDate": earlier}))) == 1
    assert len(violations(agrees, bearing(number(system, value), birthDate=born.isoformat()))) == 1


@pytest.mark.parametrize("value", ["150380AB2", "1503800ab2", "1503800A12", "3102800AB2", "2902010AB2", "1503800ABC2"])
@pytest.mark.parametrize("system", [D_ECPR, *REGIONAL_D_ECPR])
def test_malformed_replacement_numbers_are_told(system: str, value: str) -> None:
    """Under the common OID and under that of each region."""
    assert len(violations("dk-d-ecpr-form", bearing(number(system, value)))) == 1


def test_a_local_number_says_who_issued_it() -> None:
    """The OID of a region says it; the common one needs an assigner with something in it."""
    local = number(D_ECPR, "1503800AB2")
    rule = "dk-d-ecpr-names-issuer"
    assert violations(rule, bearing(number(REGIONAL_D_ECPR[0], "1503800AB2"))) == []
    assert violations(rule, bearing({**local, "assigner": {"display": "Sygehus Nord"}})) == []
    for nobody in (None, {}, {"display": ""}):
        assert len(violations(rule, bearing({**local, "assigner": nobody}))) == 1
    assert len(violations(rule, bearing(local))) == 1


RIGHT = {
    "dk-sor-form": (SOR, ("99000000001", "990000000000000000")),
    "dk-cvr-check-digit": (CVR, ("99990007", "99990015", "00000000")),
    "dk-gln-check-digit": (GLN, ("5790009999997", "5790009999980")),
    "dk-authorisation-id-form": (AUTHORISATION, ("0YBC9", "ybczx", "00000")),
}
WRONG = {
    "dk-sor-form": (SOR, ("9900000000", "9900000000A", "99000000001 ", "")),
    "dk-cvr-check-digit": (CVR, ("99990008", "9999000", "999900070", "9999000A")),
    "dk-gln-check-digit": (GLN, ("5790009999998", "579000999999", "57900099999970")),
    "dk-authorisation-id-form": (AUTHORISATION, ("0ABC9", "0YC9", "0YBC99", "0ØBC9", "0-BC9")),
}


@pytest.mark.parametrize("rule", RIGHT)
def test_numbers_of_registers(rule: str) -> None:
    """What the register can hold passes wherever it stands; what it cannot is told once, without the number."""
    for value in RIGHT[rule][1]:
        contained = {"contained": [{"identifier": [number(RIGHT[rule][0], value)]}]}
        assert violations(rule, contained) == []
    for value in WRONG[rule][1]:
        (told,) = violations(rule, {"performer": [{"identifier": number(WRONG[rule][0], value)}]})
        assert told.startswith("performer[0].identifier.value is ")
        assert not value or value not in told


@given(st.from_regex(r"[0-9]{8}", fullmatch=True), st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_never_leaves_a_cvr_number(cvr: str, place: int, by: int) -> None:
    """Weights and modulus find every single slip of the pen (none of the weights is divisible by 11)."""
    slipped = f"{cvr[:place]}{(int(cvr[place]) + by) % 10}{cvr[place + 1 :]}"
    passes = [violations("dk-cvr-check-digit", bearing(number(CVR, one))) == [] for one in (cvr, slipped)]
    assert passes != [True, True]


@pytest.mark.parametrize(
    "rule",
    [
        "dk-cpr-form", "dk-cpr-possible-day", "dk-cpr-system-oid", "dk-birth-date-agrees-with-cpr",
        "dk-gender-agrees-with-cpr", "dk-one-cpr-in-force", "dk-x-ecpr-form", "dk-d-ecpr-form",
        "dk-d-ecpr-names-issuer", "dk-replacement-agrees-with-patient", *RIGHT,
    ],
)  # fmt: skip
@pytest.mark.parametrize("document", [None, "", [], {}, {"resourceType": "Patient", "identifier": []}])
def test_a_document_without_the_number_breaks_every_rule(rule: str, document: object) -> None:
    """A number that was lost on the way must not look like one that is right."""
    assert len(violations(rule, document)) == 1
