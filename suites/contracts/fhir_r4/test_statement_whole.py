"""The CapabilityStatement element by element: what R4 requires of it, and whether it is so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import pytest

from epjgate.drivers.fhir import FhirClient, Resource, value_at
from epjgate.drivers.fhir_values import objects_at, text_at
from epjgate.model.person import Person
from population.cpr import CPR_SYSTEM
from population.fhir_r4 import patient

# Value sets that R4 requires: publication-status, versioning-policy, conditional-delete-status, search-param-type,
# type-restful-interaction, system-restful-interaction.
STATUSES = {"draft", "active", "retired", "unknown"}
VERSIONING = {"no-version", "versioned", "versioned-update"}
CONDITIONAL_DELETE = {"not-supported", "single", "multiple"}
PARAMETER_TYPES = {"number", "date", "string", "token", "reference", "composite", "quantity", "uri", "special"}
OF_TYPES = {
    "read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type",
}  # fmt: skip
OF_SYSTEM = {"transaction", "batch", "search-system", "history-system"}


@pytest.fixture
def statement(fhir: FhirClient) -> Resource:
    """The CapabilityStatement."""
    return fhir.capabilities()


@pytest.mark.rule("fhir-capability-statement-valid")
@pytest.mark.severity("normal")
def test_the_statement_names_software_and_installation(statement: Resource) -> None:
    """CapabilityStatement.status, date, software.name, implementation.description, format and rest.mode."""
    assert text_at(statement, "status") in STATUSES
    assert text_at(statement, "date")[:4].isdigit()
    assert text_at(statement, "implementation", "description"), "kind is instance, so implementation is required"
    assert text_at(statement, "software", "name") if "software" in statement else True
    formats = value_at(statement, "format")
    assert len(set(formats)) == len(formats), formats
    assert [text_at(rest, "mode") for rest in objects_at(statement, "rest")] == ["server"]


@pytest.mark.rule("fhir-capability-names-software", "fhir-capability-names-security")
@pytest.mark.severity("minor")
def test_the_statement_tells_who_needs_to_know(statement: Resource) -> None:
    """software.name and version for who looks for a fault, rest.security for who wants to sign in."""
    assert text_at(statement, "software", "name").strip()
    assert text_at(statement, "software", "version").strip()
    security = value_at(statement, "rest", 0, "security")
    assert security.get("description") or security.get("service"), "rest.security says nothing"


@pytest.mark.rule("fhir-capability-statement-valid")
@pytest.mark.severity("normal")
def test_what_the_statement_offers_is_coded_and_offered_once(statement: Resource) -> None:
    """Each rest.resource once; its interaction, searchParam and operation each once, by codes of R4."""
    server = objects_at(statement, "rest")[0]
    assert doubled(text_at(one, "type") for one in objects_at(server, "resource")) == []
    assert set(codes_of(server)) <= OF_SYSTEM
    assert doubled(codes_of(server)) == []
    for resource in objects_at(server, "resource"):
        kind, parameters = resource["type"], objects_at(resource, "searchParam")
        assert codes_of(resource), f"{kind} is offered without an interaction"
        assert set(codes_of(resource)) <= OF_TYPES, kind
        assert {text_at(one, "type") for one in parameters} <= PARAMETER_TYPES, kind
        assert doubled(text_at(one, "name") for one in parameters) == [], kind
        assert doubled(codes_of(resource)) == [], kind
        assert resource.get("versioning", "versioned") in VERSIONING, kind
        assert resource.get("conditionalDelete", "single") in CONDITIONAL_DELETE, kind


@pytest.mark.rule("fhir-capability-statement-valid")
@pytest.mark.severity("normal")
def test_every_operation_is_named_once_with_its_definition(statement: Resource) -> None:
    """rest.operation and rest.resource.operation: a name and the canonical URL of a definition, each name once."""
    server = objects_at(statement, "rest")[0]
    for part in (server, *objects_at(server, "resource")):
        operations = objects_at(part, "operation")
        assert doubled(text_at(one, "name") for one in operations) == [], part.get("type")
        for one in operations:
            assert ":" in text_at(one, "definition"), f"{one['name']}: a definition is an absolute URI"
            last = text_at(one, "definition").replace(":", "/").replace("-", "/").rpartition("/")[2]
            assert text_at(one, "name").endswith(last), f"{one['name']} is defined by {one['definition']}"


@pytest.mark.rule("fhir-capability-conditions-as-stated")
@pytest.mark.severity("critical")
def test_conditions_versions_and_batches_are_as_stated(
    fhir: FhirClient, people: Callable[[int], list[Person]], word: str, advertised: Callable[[str], Resource]
) -> None:
    """conditionalCreate, -Update, -Delete, updateCreate, readHistory and versioning: what is stated works, no other."""
    stated = advertised("Patient")
    known, newcomer, chosen = people(3)
    made = fhir.create(patient(known)).expect(201)
    search = {"identifier": f"{CPR_SYSTEM}|{known.cpr}"}
    again = fhir.create(patient(known), if_none_exist=f"identifier={CPR_SYSTEM}|{known.cpr}")
    first = fhir.read("Patient", made.id).expect(200)
    put = fhir.request("PUT", "Patient", params=search, resource=patient(known, birthDate="1931-02-03"))
    works = {
        "conditionalCreate": again.status == 200,
        "conditionalUpdate": put.status == 200,
        "updateCreate": fhir.update({**patient(chosen), "id": f"own-{word}"}).status == 201,
        "readHistory": fhir.vread("Patient", made.id, first.version).status == 200,
    }
    assert works == {name: stated.get(name, False) for name in works}
    stale = fhir.update({**patient(newcomer), "id": made.id}, if_match="987654321").status
    assert (stale == 412) == (stated.get("versioning") == "versioned-update")
    gone = fhir.request("DELETE", "Patient", params=search).status
    assert (gone < 300) == (stated.get("conditionalDelete", "not-supported") != "not-supported")


@pytest.mark.rule("fhir-capability-conditions-as-stated")
@pytest.mark.severity("normal")
@pytest.mark.parametrize("kind", ["transaction", "batch"])
def test_the_interactions_with_the_system_are_as_stated(
    fhir: FhirClient, statement: Resource, person: Person, kind: str
) -> None:
    """rest.interaction: a transaction and a batch are carried out where they are stated, and nowhere else."""
    entry = {"resource": patient(person), "request": {"method": "POST", "url": "Patient"}}
    answer = fhir.transaction({"resourceType": "Bundle", "type": kind, "entry": [entry]})
    assert (answer.status == 200) == (kind in codes_of(objects_at(statement, "rest")[0])), answer.describe()


def codes_of(part: Resource) -> list[str]:
    """Return the interactions that a part of the statement names."""
    return [text_at(interaction, "code") for interaction in objects_at(part, "interaction")]


def doubled(names: Iterable[str]) -> list[str]:
    """Return what is there more than once."""
    return [name for name, times in Counter(names).items() if times > 1]
