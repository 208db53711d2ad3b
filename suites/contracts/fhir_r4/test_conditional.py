"""Conditional interactions: a message that is sent twice, or by many at once, makes one patient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pytest

from epjgate.drivers.fhir import FhirAnswer, FhirClient, Params, value_at
from epjgate.model.person import Person
from population.cpr import CPR_SYSTEM
from population.fhir_r4 import Resource, patient

SENDERS = 8


def by_cpr(person: Person) -> str:
    """Return the search for the CPR number of `person` as it stands in If-None-Exist."""
    return f"identifier={CPR_SYSTEM}|{person.cpr}"


@pytest.mark.rule("fhir-conditional-create-without-match-creates")
@pytest.mark.severity("critical")
def test_create_if_none_exist_creates_where_nothing_matches(
    fhir: FhirClient, people: Callable[[int], list[Person]], needs_advertised: Callable[..., None]
) -> None:
    """Without a match the patient is created and answered 201, though another patient is there."""
    needs_advertised(conditionalCreate=True)
    other, newcomer = people(2)
    fhir.create(patient(other)).expect(201)
    answer = fhir.create(patient(newcomer), if_none_exist=by_cpr(newcomer))
    assert answer.status == 201, answer.describe()
    assert value_at(fhir.read("Patient", answer.id).expect(200).resource, "identifier", 0, "value") == newcomer.cpr


@pytest.mark.rule("fhir-conditional-create-one-match-creates-nothing")
@pytest.mark.severity("critical")
def test_create_if_none_exist_creates_nothing_where_one_matches(
    fhir: FhirClient,
    person: Person,
    needs_advertised: Callable[..., None],
    ids_found: Callable[[str, Params], list[str]],
) -> None:
    """With one match the answer is 200, no second patient exists, and the first one is as it was."""
    needs_advertised(conditionalCreate=True)
    before = fhir.read("Patient", fhir.create(patient(person)).expect(201).id).expect(200)
    answer = fhir.create(patient(person, birthDate="1931-02-03"), if_none_exist=by_cpr(person))
    assert answer.status == 200, answer.describe()
    assert ids_found("Patient", {"identifier": f"{CPR_SYSTEM}|{person.cpr}"}) == [before.id]
    assert fhir.read("Patient", before.id).expect(200).resource == before.resource


@pytest.mark.rule("fhir-conditional-create-several-matches-refused")
@pytest.mark.severity("critical")
def test_create_if_none_exist_is_refused_where_several_match(
    fhir: FhirClient,
    person: Person,
    needs_advertised: Callable[..., None],
    ids_found: Callable[[str, Params], list[str]],
) -> None:
    """With two matches the answer is 412 and there is no third patient."""
    needs_advertised(conditionalCreate=True)
    twins = sorted(fhir.create(patient(person)).expect(201).id for _ in range(2))
    answer = fhir.create(patient(person), if_none_exist=by_cpr(person))
    assert answer.status == 412, answer.describe()
    assert ids_found("Patient", {"identifier": f"{CPR_SYSTEM}|{person.cpr}"}) == twins


@pytest.mark.rule("fhir-conditional-create-parallel-makes-one")
@pytest.mark.severity("critical")
def test_parallel_conditional_creates_make_one_patient(
    fhir: FhirClient,
    person: Person,
    needs_advertised: Callable[..., None],
    ids_found: Callable[[str, Params], list[str]],
    at_once: Callable[[Sequence[Callable[[], FhirAnswer]]], list[FhirAnswer]],
) -> None:
    """Eight senders register the same patient at the same moment: one patient exists, and one sender is told 201."""
    needs_advertised(conditionalCreate=True)
    answers = at_once([partial(fhir.create, patient(person), if_none_exist=by_cpr(person))] * SENDERS)
    statuses = sorted(answer.status for answer in answers)
    assert len(ids_found("Patient", {"identifier": f"{CPR_SYSTEM}|{person.cpr}"})) == 1, f"answers: {statuses}"
    assert statuses.count(201) == 1, statuses
    assert set(statuses) <= {200, 201, 409, 412}, statuses


@pytest.mark.rule("fhir-conditional-update-by-number-of-matches")
@pytest.mark.severity("critical")
def test_conditional_update_creates_changes_or_refuses_by_the_number_of_matches(
    fhir: FhirClient,
    person: Person,
    needs_advertised: Callable[..., None],
    ids_found: Callable[[str, Params], list[str]],
) -> None:
    """No match: 201 and one patient. One: 200 and that patient is changed. Two: 412 and both stay as they are."""
    needs_advertised(conditionalUpdate=True)
    search = {"identifier": f"{CPR_SYSTEM}|{person.cpr}"}

    def put(**elements: str) -> FhirAnswer:
        return fhir.request("PUT", "Patient", params=search, resource=patient(person, **elements))

    none, one = put(), put(birthDate="1931-02-03")
    assert (none.status, one.status) == (201, 200), f"{none.describe()}; {one.describe()}"
    made = none.id
    assert ids_found("Patient", search) == [made]
    assert value_at(fhir.read("Patient", made).expect(200).resource, "birthDate") == "1931-02-03"
    twin = fhir.create(patient(person)).expect(201).id
    before = [fhir.read("Patient", found).expect(200).resource for found in (made, twin)]
    several = put(birthDate="1931-02-04")
    assert several.status == 412, several.describe()
    assert [fhir.read("Patient", found).expect(200).resource for found in (made, twin)] == before
    assert ids_found("Patient", search) == sorted((made, twin))


@pytest.mark.rule("fhir-conditional-delete-never-several")
@pytest.mark.severity("critical")
def test_conditional_delete_deletes_one_and_never_several(
    fhir: FhirClient,
    people: Callable[[int], list[Person]],
    needs_advertised: Callable[..., None],
    ids_found: Callable[[str, Params], list[str]],
) -> None:
    """A server that deletes single matches only deletes one match, refuses two with 412, and touches nobody else."""
    needs_advertised(conditionalDelete="single")
    single, double, bystander = ({"identifier": f"{CPR_SYSTEM}|{p.cpr}"} for p in _register(fhir, people(3)))
    one = fhir.request("DELETE", "Patient", params=single)
    several = fhir.request("DELETE", "Patient", params=double)
    assert one.status in (200, 202, 204), one.describe()
    assert several.status == 412, several.describe()
    assert [len(ids_found("Patient", search)) for search in (single, double, bystander)] == [0, 2, 1]


def _register(fhir: FhirClient, people: list[Person]) -> list[Person]:
    """Register all, the second one twice."""
    resources: list[Resource] = [patient(someone) for someone in (*people, people[1])]
    for resource in resources:
        fhir.create(resource).expect(201)
    return people
