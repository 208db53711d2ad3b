"""Replacement CPR numbers: national and local ones come in, and no issuer's number stands for another's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import strategies as st

from epjgate.contracts.checks import Document
from epjgate.drivers.dsl import Epj, PatientRef
from epjgate.drivers.fhir import FhirAnswer, FhirClient, Params, Resource, value_at
from epjgate.model.person import Person, Sex
from epjgate.plugin.rules import each_rule
from population.cpr import REPLACEMENTS, ReplacementKind, replacement_cpr
from population.fhir_r4 import patient

NATIONAL = f"urn:oid:{ReplacementKind.NATIONAL.oid}"
LOCAL = f"urn:oid:{ReplacementKind.LOCAL.oid}"
REGIONS = {
    "Sjælland": f"{LOCAL}.177",
    "Nordjylland": f"{LOCAL}.179",
    "Midtjylland": f"{LOCAL}.181",
    "Syddanmark": f"{LOCAL}.183",
    "Hovedstaden": f"{LOCAL}.187",
}
"""The OIDs under which the regions issue local numbers (dk-core 3.7.0, dk-core-d-ecpr-codes)."""

Store = Callable[[Resource], str]
IdsFound = Callable[[str, Params], list[str]]
People = Callable[[int], list[Person]]
Violations = Callable[[str, Document], list[str]]


def bearer(person: Person, system: str, number: str, *, born: date | None = None, issuer: str = "") -> Resource:
    """Return `person` with a replacement number and without a CPR number."""
    identifier: Resource = {"use": "temp", "system": system, "value": number}
    if issuer:
        identifier["assigner"] = {"display": issuer}
    return patient(person, identifier=[identifier], birthDate=(born or person.birth_date).isoformat())


def of(system: str, number: str) -> dict[str, str]:
    """Return the search for a number of one issuer."""
    return {"identifier": f"{system}|{number}"}


@pytest.mark.rule("dk-x-ecpr-accepted")
@pytest.mark.severity("blocker")
def test_national_numbers_are_accepted(
    fhir: FhirClient, person: Person, ids_found: IdsFound, for_all: Callable[..., None]
) -> None:
    """X-eCPR of births in the 1900s and 2000s, with any letters: 201, kept letter by letter, and found by it."""

    def is_kept(case: tuple[date, int]) -> None:
        born, number = case[0], replacement_cpr(case[0], person.sex, case[1], kind=ReplacementKind.NATIONAL)
        answer = fhir.create(bearer(person, NATIONAL, number, born=born))
        assert answer.status == 201, f"a receiver must not reject it: {answer.describe()}"
        read = fhir.read("Patient", answer.id).expect(200).resource
        assert (value_at(read, "identifier", 0, "system"), value_at(read, "identifier", 0, "value")) == (
            NATIONAL,
            number,
        )
        assert answer.id in ids_found("Patient", of(NATIONAL, number))

    born = st.dates(date(1900, 1, 2), date(2025, 12, 31))
    for_all(st.tuples(born, st.integers(0, REPLACEMENTS - 1)), 10, is_kept)


@pytest.mark.rule("dk-d-ecpr-accepted")
@pytest.mark.severity("critical")
@pytest.mark.parametrize("issuer", ["the common OID", *REGIONS])
def test_local_numbers_are_accepted(
    fhir: FhirClient, people: People, clinic_seed: int, ids_found: IdsFound, issuer: str
) -> None:
    """D-eCPR of each region, of births before 1900, in the 1900s and in the 2000s: 201, kept, and found by it."""
    system = REGIONS.get(issuer, LOCAL)
    for person, year in zip(people(3), (1899, 1960, 2004), strict=True):
        born = person.birth_date.replace(year=year, day=min(person.birth_date.day, 28))
        number = replacement_cpr(born, person.sex, clinic_seed % REPLACEMENTS, kind=ReplacementKind.LOCAL)
        answer = fhir.create(bearer(person, system, number, born=born, issuer="Prøvesygehuset"))
        assert answer.status == 201, answer.describe()
        read = fhir.read("Patient", answer.id).expect(200).resource
        assert (value_at(read, "identifier", 0, "system"), value_at(read, "identifier", 0, "value")) == (system, number)
        assert answer.id in ids_found("Patient", of(system, number))


@pytest.mark.rule("dk-d-ecpr-unique-within-issuer", "dk-ecpr-search-tells-issuers-apart")
@pytest.mark.severity("blocker")
def test_one_number_of_two_regions_is_two_persons(
    people: People, clinic_seed: int, stored: Store, ids_found: IdsFound
) -> None:
    """The same local number of each of the five regions: five patients, and system and value find the right one."""
    someone = people(1)[0]
    number = replacement_cpr(someone.birth_date, someone.sex, clinic_seed % REPLACEMENTS, kind=ReplacementKind.LOCAL)
    made = {
        system: stored(bearer(person, system, number))
        for person, system in zip(people(len(REGIONS)), REGIONS.values(), strict=True)
    }
    assert len(set(made.values())) == len(REGIONS), "persons of several issuers were taken for one"
    for system, patient_id in made.items():
        found = [one for one in ids_found("Patient", of(system, number)) if one in made.values()]
        assert found == [patient_id], f"a search in {system} finds the person of another issuer"
    assert set(ids_found("Patient", {"identifier": number})) >= set(made.values())


@pytest.mark.rule("dk-d-ecpr-unique-within-issuer")
@pytest.mark.severity("blocker")
def test_one_number_of_two_hospitals_is_two_persons(
    fhir: FhirClient, people: People, clinic_seed: int, stored: Store
) -> None:
    """Under the common OID the assigner tells two issuers apart: the second person neither replaces nor becomes one."""
    north, south = people(2)
    number = replacement_cpr(north.birth_date, north.sex, clinic_seed % REPLACEMENTS, kind=ReplacementKind.LOCAL)
    ids = [
        stored(bearer(person, LOCAL, number, issuer=issuer))
        for person, issuer in ((north, "Sygehus Nord"), (south, "Sygehus Syd"))
    ]
    assert len(set(ids)) == 2, "persons under one number of two hospitals were taken for one"
    read = [fhir.read("Patient", one).expect(200).resource for one in ids]
    assert [value_at(one, "name", 0, "family") for one in read] == [north.family_name, south.family_name]
    assert [value_at(one, "identifier", 0, "assigner", "display") for one in read] == ["Sygehus Nord", "Sygehus Syd"]


@pytest.mark.rule("dk-ecpr-condition-tells-issuers-apart")
@pytest.mark.severity("blocker")
def test_a_condition_on_one_issuer_is_not_met_by_another(
    fhir: FhirClient, people: People, clinic_seed: int, stored: Store
) -> None:
    """If-None-Exist with system and value: the other region's person is no match, one's own is."""
    known, newcomer = people(2)
    ours, theirs = REGIONS["Nordjylland"], REGIONS["Syddanmark"]
    number = replacement_cpr(known.birth_date, known.sex, clinic_seed % REPLACEMENTS, kind=ReplacementKind.LOCAL)
    made = stored(bearer(known, ours, number))
    created = fhir.create(bearer(newcomer, theirs, number), if_none_exist=f"identifier={theirs}|{number}")
    again = fhir.create(bearer(newcomer, theirs, number), if_none_exist=f"identifier={theirs}|{number}")
    assert (created.status, again.status) == (201, 200), f"{created.describe()}; {again.describe()}"
    assert created.id != made
    assert value_at(fhir.read("Patient", made).expect(200).resource, "name", 0, "family") == known.family_name


MALFORMED = {
    "dk-x-ecpr-malformed-refused": (
        NATIONAL,
        ("{day}0AB2", "{day}6AB2", "{day}1ab2", "{day}1A12", "{day}1A2", "{day}1ABC2", "3102801AB2", "{day}1ÆØ2"),
    ),
    "dk-d-ecpr-malformed-refused": (
        REGIONS["Hovedstaden"],
        ("{day}1AB2", "{day}7AB2", "{day}0ab2", "{day}0A12", "{day}0A2", "{day}0ABC2", "3102800AB2", "{day}0ÆØ2"),
    ),
}


@pytest.mark.severity("normal")
@each_rule("dk-x-ecpr-malformed-refused", "dk-d-ecpr-malformed-refused")
def test_a_malformed_number_is_refused(fhir: FhirClient, person: Person, ids_found: IdsFound, rule: str) -> None:
    """Another century, small letters, a digit for a letter, a character too few or too many, a day that never was."""
    system, forms = MALFORMED[rule]
    numbers = [form.format(day=person.cpr[:6]) for form in forms]
    answers = {form: fhir.create(bearer(person, system, number)) for form, number in zip(forms, numbers, strict=True)}
    assert refusals(answers) == dict.fromkeys(forms, True), "accepted where False"
    assert [ids_found("Patient", of(system, number)) for number in numbers] == [[]] * len(numbers)


def refusals(answers: dict[str, FhirAnswer]) -> dict[str, bool]:
    """Return for each answer whether it refuses what was sent for its content."""
    return {form: answer.status in (400, 422) for form, answer in answers.items()}


@pytest.fixture
def unknown(epj: Epj) -> list[PatientRef]:
    """Three persons who cannot say who they are: two men of one age and a girl born on a leap day."""
    people = [(Sex.MALE, date(1971, 6, 12))] * 2 + [(Sex.FEMALE, date(2012, 2, 29))]
    return [epj.register_unknown_patient(sex, born) for sex, born in people]


@pytest.mark.severity("critical")
@pytest.mark.needs("replacement_cpr")
@each_rule("dk-d-ecpr-form", "dk-d-ecpr-names-issuer", "dk-replacement-agrees-with-patient")
def test_numbers_that_the_candidate_issues(
    fhir: FhirClient, unknown: list[PatientRef], violations: Violations, rule: str
) -> None:
    """A number that the candidate gives out has its form, names its issuer, and tells birth date and sex."""
    for someone in unknown:
        read = fhir.read("Patient", someone.id).expect(200).resource
        found = fhir.search("Patient", {"_id": someone.id}).expect(200).resource
        assert [violations(rule, document) for document in (read, found)] == [[], []]


@pytest.mark.rule("dk-issued-replacement-never-twice")
@pytest.mark.severity("blocker")
@pytest.mark.needs("replacement_cpr")
def test_no_number_is_issued_twice(epj: Epj, unknown: list[PatientRef]) -> None:
    """Three men of one age bear three numbers."""
    first = epj.replacement_numbers_of(unknown[0])
    second = epj.replacement_numbers_of(unknown[1])
    third = epj.replacement_numbers_of(epj.register_unknown_patient(Sex.MALE, date(1971, 6, 12)))
    numbers = [known.number for known in (*first, *second, *third)]
    assert len(numbers) == 3, "whoever is unknown bears one replacement number"
    assert len(set(numbers)) == 3, "a replacement number was given to two persons"


@pytest.mark.severity("critical")
@each_rule("dk-x-ecpr-form", "dk-replacement-agrees-with-patient")
def test_national_numbers_are_sent_as_they_came(
    fhir: FhirClient, person: Person, clinic_seed: int, stored: Store, violations: Violations, rule: str
) -> None:
    """A patient registered with an X-eCPR is sent with it whole, with the birth date and sex that it tells."""
    number = replacement_cpr(person.birth_date, person.sex, clinic_seed % REPLACEMENTS, kind=ReplacementKind.NATIONAL)
    made = stored(bearer(person, NATIONAL, number))
    documents = (
        fhir.read("Patient", made).expect(200).resource,
        fhir.search("Patient", {"_id": made}).expect(200).resource,
        fhir.history("Patient", made).expect(200).resource,
    )
    assert [violations(rule, document) for document in documents] == [[], [], []]
