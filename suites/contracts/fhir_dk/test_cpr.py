"""The CPR number: every valid one is accepted and kept, and no impossible one comes in by any way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import strategies as st

from epjgate.drivers.fhir import FhirAnswer, FhirClient, Params, Resource, value_at
from epjgate.model.person import Person, Sex
from population.cpr import CPR_SYSTEM, SERIALS, cpr_number, is_valid_date, passes_mod_11
from population.fhir_r4 import patient
from population.strategies import cpr_numbers

REFUSED = (400, 422)

Store = Callable[[Resource], str]
IdsFound = Callable[[str, Params], list[str]]
People = Callable[[int], list[Person]]
ForAll = Callable[..., None]


def bearer(person: Person, number: str, **elements: object) -> Resource:
    """Return `person` with `number` for a CPR number, and without a birth date that could contradict it."""
    identifier = [{"system": CPR_SYSTEM, "value": number}]
    resource = patient(person, identifier=identifier, **elements)
    return {name: value for name, value in resource.items() if name != "birthDate"}


def of(number: str) -> dict[str, str]:
    """Return the search for a CPR number."""
    return {"identifier": f"{CPR_SYSTEM}|{number}"}


@pytest.mark.rule("dk-cpr-kept-exactly", "dk-cpr-failing-mod-11-accepted")
@pytest.mark.severity("blocker")
def test_numbers_that_fail_modulus_11_are_accepted_and_kept(
    fhir: FhirClient, person: Person, ids_found: IdsFound, for_all: ForAll
) -> None:
    """Numbers of all years and both sexes whose check digit fails: 201, the same ten digits read, and found by them."""

    def is_kept(number: str) -> None:
        answer = fhir.create(bearer(person, number))
        assert answer.status == 201, f"refused though valid since 2007: {answer.describe()}"
        read = fhir.read("Patient", answer.id).expect(200).resource
        assert [(one["system"], one["value"]) for one in value_at(read, "identifier")] == [(CPR_SYSTEM, number)]
        assert answer.id in ids_found("Patient", of(number))

    for_all(cpr_numbers(), 12, is_kept)


@pytest.mark.rule("dk-cpr-kept-exactly")
@pytest.mark.severity("blocker")
def test_a_number_that_begins_with_0_keeps_it(
    fhir: FhirClient, person: Person, clinic_seed: int, stored: Store, ids_found: IdsFound
) -> None:
    """Births on the first nine days of a month: the number is text and ten digits long, in read and search."""
    born = date(1940 + clinic_seed % 60, 2 + clinic_seed % 11, 2 + clinic_seed % 8)
    number = cpr_number(born, person.sex, clinic_seed % SERIALS)
    made = stored(bearer(person, number))
    found = [one for one in fhir.search("Patient", of(number)).expect(200).matches if one["id"] == made]
    read = fhir.read("Patient", made).expect(200).resource
    assert [value_at(one, "identifier", 0, "value") for one in (read, *found)] == [number] * 2
    assert ids_found("Patient", of(number.removeprefix("0"))) == []


@pytest.mark.rule("dk-cpr-passing-mod-11-accepted")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("sex", Sex)
def test_numbers_that_pass_modulus_11_are_accepted_and_kept(
    fhir: FhirClient, person: Person, clinic_seed: int, sex: Sex
) -> None:
    """A check digit that is right is no ground for refusal either.

    Only numbers of births before 1860 can belong to nobody: the register began in 1968.
    """
    number = passing_number(date(1858 + clinic_seed % 2, 2 + clinic_seed % 11, 1 + clinic_seed % 28), sex)
    answer = fhir.create(bearer(person, number, gender=sex.value))
    assert answer.status == 201, answer.describe()
    assert value_at(fhir.read("Patient", answer.id).expect(200).resource, "identifier", 0, "value") == number


DAY, MONTH = "dk-cpr-impossible-day-refused", "dk-cpr-impossible-month-refused"
LENGTH, CHARACTERS = "dk-cpr-wrong-length-refused", "dk-cpr-other-characters-refused"

IMPOSSIBLE: dict[str, tuple[str, Callable[[str], str]]] = {
    "31 February": (DAY, lambda cpr: f"3102{cpr[4:]}"),
    "30 February": (DAY, lambda cpr: f"3002{cpr[4:]}"),
    "31 April": (DAY, lambda cpr: f"3104{cpr[4:]}"),
    "31 November": (DAY, lambda cpr: f"3111{cpr[4:]}"),
    "day 0": (DAY, lambda cpr: f"00{cpr[2:]}"),
    "day 32": (DAY, lambda cpr: f"3212{cpr[4:]}"),
    "month 0": (MONTH, lambda cpr: f"{cpr[:2]}00{cpr[4:]}"),
    "month 13": (MONTH, lambda cpr: f"1213{cpr[4:]}"),
    "month before day": (MONTH, lambda cpr: f"0225{cpr[4:]}"),
    "9 digits": (LENGTH, lambda cpr: cpr[:9]),
    "11 digits": (LENGTH, lambda cpr: f"{cpr}0"),
    "6 digits": (LENGTH, lambda cpr: cpr[:6]),
    "letters": (CHARACTERS, lambda cpr: f"{cpr[:6]}ABCD"),
    "replacement number": (CHARACTERS, lambda cpr: f"{cpr[:7]}AB{cpr[9]}"),
    "hyphen": (CHARACTERS, lambda cpr: f"{cpr[:6]}-{cpr[6:]}"),
    "space within": (CHARACTERS, lambda cpr: f"{cpr[:6]} {cpr[6:]}"),
    "space behind": (CHARACTERS, lambda cpr: f"{cpr} "),
    "digits of another script": (
        CHARACTERS,
        lambda cpr: cpr.translate({48 + digit: 0x0660 + digit for digit in range(10)}),
    ),
}


@pytest.mark.severity("blocker")
@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.rule(rule), id=kind) for kind, (rule, _) in IMPOSSIBLE.items()]
)
def test_an_impossible_number_is_refused_and_not_stored(
    fhir: FhirClient, people: People, stored: Store, ids_found: IdsFound, kind: str
) -> None:
    """A number that nobody can have is answered 400 or 422, and no search finds a patient by it."""
    person, control = people(2)
    number = IMPOSSIBLE[kind][1](person.cpr)
    answer = fhir.create(bearer(person, number))
    assert answer.status in REFUSED, answer.describe()
    found = stored(patient(control))
    assert ids_found("Patient", {"identifier": f"{CPR_SYSTEM}|{number},{CPR_SYSTEM}|{control.cpr}"}) == [found]


@pytest.mark.rule("dk-cpr-impossible-day-refused", "dk-cpr-impossible-month-refused")
@pytest.mark.severity("blocker")
def test_no_ten_digits_without_a_day_are_accepted(
    fhir: FhirClient, person: Person, ids_found: IdsFound, for_all: ForAll
) -> None:
    """Twenty times ten digits whose first six name no day of their century; each is refused and not stored."""

    def is_refused(number: str) -> None:
        answer = fhir.create(bearer(person, number))
        assert answer.status in REFUSED, answer.describe()
        assert ids_found("Patient", of(number)) == []

    days, months, rest = st.integers(0, 39), st.integers(0, 19), st.integers(0, 999_999)
    digits = st.builds("{:02}{:02}{:06}".format, days, months, rest)
    for_all(digits.filter(lambda number: not is_valid_date(number)), 20, is_refused)


@pytest.mark.rule("dk-cpr-impossible-refused-by-every-way-in")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("way", ["update", "batch", "transaction"])
def test_an_impossible_number_comes_in_by_no_way(
    fhir: FhirClient, people: People, stored: Store, ids_found: IdsFound, way: str
) -> None:
    """31 February as an update, in a batch and in a transaction: refused, and everything else is as it was."""
    known, companion = people(2)
    number = f"3102{known.cpr[4:]}"
    made = stored(patient(known))
    before = fhir.read("Patient", made).expect(200).resource
    if way == "update":
        answer = fhir.update({**bearer(known, number), "id": made})
        assert answer.status in REFUSED, answer.describe()
    else:
        answer = fhir.transaction(bundle_of(way, bearer(known, number), patient(companion)))
        assert is_refused_within(answer, way), answer.describe()
    assert ids_found("Patient", of(number)) == []
    assert fhir.read("Patient", made).expect(200).resource == before
    assert len(ids_found("Patient", of(companion.cpr))) == (1 if way == "batch" else 0)


def bundle_of(kind: str, *resources: Resource) -> Resource:
    """Return a Bundle that creates `resources`."""
    request = {"method": "POST", "url": "Patient"}
    return {
        "resourceType": "Bundle",
        "type": kind,
        "entry": [{"resource": resource, "request": request} for resource in resources],
    }


def is_refused_within(answer: FhirAnswer, kind: str) -> bool:
    """Whether the first entry of a batch, or a transaction as a whole, was refused for its content."""
    if kind == "transaction":
        return answer.status in REFUSED
    return answer.status == 200 and str(value_at(answer.entries, 0, "response", "status"))[:3] in ("400", "422")


def passing_number(born: date, sex: Sex) -> str:
    """Return a number of somebody born on `born`, before 1860, that passes modulus 11."""
    every = (f"{born:%d%m%y}{seventh}{middle:02}" for seventh in range(5, 9) for middle in range(100))
    odd = sex is Sex.MALE
    last = {nine: [n for n in range(10) if n % 2 == odd and passes_mod_11(f"{nine}{n}")] for nine in every}
    return next(f"{nine}{digits[0]}" for nine, digits in last.items() if digits)
