"""The CapabilityStatement against what is really served."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin

import pytest

from epjgate.drivers.fhir import FhirAnswer, FhirClient, Resource, value_at
from epjgate.model.person import Person
from epjgate.model.target import Target
from population.fhir_r4 import encounter, medication_request, observation, patient

CLINICAL_TYPES = ("Patient", "Observation", "Encounter", "MedicationRequest")
MAKE = {"Observation": observation, "Encounter": encounter, "MedicationRequest": medication_request}
# Types of R4 that few records serve and that require no element; one that is not advertised is asked for.
RARE_TYPES = ("SubstanceReferenceInformation", "SubstanceProtein", "SubstancePolymer", "SubstanceNucleicAcid")
# One acceptable value by type of search parameter.
VALUES = {
    "token": "x", "string": "x", "uri": "urn:x", "reference": "Patient/x", "date": "2024-01-01", "number": "1",
    "quantity": "1",
}  # fmt: skip


@pytest.mark.rule("fhir-capability-statement-complete")
@pytest.mark.severity("blocker")
def test_statement_describes_an_r4_server(fhir: FhirClient) -> None:
    """`metadata` answers with the CapabilityStatement of a running FHIR R4 server, complete in what R4 requires."""
    answer = fhir.request("GET", "metadata")
    assert answer.status == 200, answer.describe()
    statement = answer.resource
    assert statement["resourceType"] == "CapabilityStatement"
    assert statement.get("fhirVersion") in {"4.0.0", "4.0.1"}
    assert statement.get("kind") == "instance"
    missing = {"status", "date", "kind", "fhirVersion", "format"} - statement.keys()
    assert not missing, f"required elements are missing: {sorted(missing)}"


@pytest.mark.rule("fhir-capability-software-version")
@pytest.mark.severity("minor")
def test_stated_software_version_is_the_release_under_test(fhir: FhirClient, target: Target) -> None:
    """A version that the statement names is the version that was deployed."""
    stated = fhir.capabilities().get("software", {}).get("version")
    assert stated in (None, target.release), f"it says {stated!r}, the release under test is {target.release!r}"


@pytest.mark.rule("fhir-capability-base-url")
@pytest.mark.severity("normal")
def test_stated_base_url_is_where_the_server_is(fhir: FhirClient) -> None:
    """The base URL in the statement, where there is one, leads to the same server."""
    stated = fhir.capabilities().get("implementation", {}).get("url", fhir.base_url)
    answer = fhir.request("GET", urljoin(f"{stated.rstrip('/')}/", "metadata"))
    assert answer.status == 200, answer.describe()
    assert value_at(answer.resource, "fhirVersion") == value_at(fhir.capabilities(), "fhirVersion")


@pytest.mark.rule("fhir-advertised-interactions-work")
@pytest.mark.severity("critical")
@pytest.mark.parametrize("resource_type", CLINICAL_TYPES)
def test_every_advertised_interaction_works(
    fhir: FhirClient, person: Person, advertised: Callable[[str], Resource], resource_type: str
) -> None:
    """Each interaction that the statement names for a clinical type is exercised once and succeeds."""
    interactions = [value_at(interaction, "code") for interaction in value_at(advertised(resource_type), "interaction")]
    assert interactions, f"{resource_type} is advertised without a single interaction"
    exercise = Exercise.of(fhir, resource_type, person)
    failed = {code: answer.describe() for code in interactions if not (answer := exercise.run(code)).status < 300}
    assert not failed


@pytest.mark.rule("fhir-advertised-search-parameters-used")
@pytest.mark.severity("normal")
@pytest.mark.parametrize("resource_type", CLINICAL_TYPES)
def test_every_advertised_search_parameter_is_used(
    fhir: FhirClient, advertised: Callable[[str], Resource], resource_type: str
) -> None:
    """Each search parameter that the statement names is accepted and, as the self link shows, really used."""
    parameters = advertised(resource_type).get("searchParam", [])
    assert parameters, f"{resource_type} is advertised without a single search parameter"
    ignored = []
    for parameter in parameters:
        name, value = value_at(parameter, "name"), VALUES.get(value_at(parameter, "type"))
        if value is None:
            continue
        answer = fhir.search(resource_type, {name: value, "_count": "1"})
        if answer.status != 200 or name not in _self_link(answer):
            ignored.append(f"{name}: {answer.describe()}")
    assert not ignored


@pytest.mark.rule("fhir-unadvertised-types-not-served")
@pytest.mark.severity("minor")
def test_what_is_not_advertised_is_not_served(fhir: FhirClient) -> None:
    """A resource type that the statement leaves out is neither searched nor stored."""
    served = {
        value_at(resource, "type")
        for rest in value_at(fhir.capabilities(), "rest")
        for resource in rest.get("resource", [])
    }
    absent = next((rare for rare in RARE_TYPES if rare not in served), "NoSuchType")
    search = fhir.search(absent, {})
    create = fhir.create({"resourceType": absent})
    assert search.status in (400, 404, 405, 501), search.describe()
    assert create.status in (400, 404, 405, 422, 501), create.describe()


@pytest.mark.rule("fhir-unadvertised-interactions-refused")
@pytest.mark.severity("normal")
@pytest.mark.parametrize("resource_type", CLINICAL_TYPES)
def test_an_interaction_that_is_not_advertised_is_refused(
    fhir: FhirClient, person: Person, advertised: Callable[[str], Resource], resource_type: str
) -> None:
    """Each interaction that the statement leaves out for a clinical type is refused, so that no client relies on it."""
    interactions = {value_at(interaction, "code") for interaction in value_at(advertised(resource_type), "interaction")}
    exercise = Exercise.of(fhir, resource_type, person)
    served = [code for code in sorted(INTERACTIONS - interactions) if exercise.run(code).status < 300]
    assert not served, f"{resource_type} serves, but does not advertise: {served}"


@pytest.mark.rule("fhir-advertised-formats-served")
@pytest.mark.severity("normal")
def test_every_advertised_format_is_served(fhir: FhirClient, person: Person) -> None:
    """A patient can be read in each format that the statement names, and the answer says so in its Content-Type."""
    created = fhir.create(patient(person)).expect(201)
    formats = value_at(fhir.capabilities(), "format")
    assert any("json" in name for name in formats), f"JSON is not among the formats {formats}"
    for name in formats:
        kind = "xml" if "xml" in name else "json" if "json" in name else name
        mime = name if "/" in name else f"application/fhir+{kind}"
        answer = fhir.request("GET", f"Patient/{created.id}", headers={"Accept": mime})
        assert answer.status == 200, answer.describe()
        assert kind in answer.headers.get("Content-Type", ""), f"asked for {mime}: {answer.headers}"


INTERACTIONS = {
    "create", "read", "vread", "update", "patch", "delete", "history-instance", "history-type", "search-type",
}  # fmt: skip


@dataclass(frozen=True)
class Exercise:
    """Exercises single interactions of one type, each on a resource made for it."""

    fhir: FhirClient
    resource_type: str
    resource: Resource

    @classmethod
    def of(cls, fhir: FhirClient, resource_type: str, person: Person) -> Exercise:
        """Return the exercise of `resource_type`, with a patient of its own where the type needs a subject."""
        if resource_type == "Patient":
            return cls(fhir, resource_type, patient(person))
        subject = fhir.create(patient(person)).expect(201).id
        return cls(fhir, resource_type, MAKE[resource_type](f"Patient/{subject}"))

    def run(self, code: str) -> FhirAnswer:
        """Return the answer to the interaction `code`."""
        if code == "create":
            return self.fhir.create(self.resource)
        if code in ("history-type", "search-type"):
            path = f"{self.resource_type}/_history" if code == "history-type" else self.resource_type
            return self.fhir.request("GET", path, params={"_count": "1"})
        made = self.fhir.create(self.resource).expect(201).id
        path = f"{self.resource_type}/{made}"
        match code:
            case "read" | "delete":
                return self.fhir.request("GET" if code == "read" else "DELETE", path)
            case "vread":
                version = self.fhir.read(self.resource_type, made).expect(200).version
                return self.fhir.vread(self.resource_type, made, version)
            case "update":
                return self.fhir.update({**self.resource, "id": made, "language": "da"})
            case "patch":
                patch = '[{"op": "add", "path": "/language", "value": "da"}]'
                return self.fhir.request(
                    "PATCH", path, body=patch, headers={"Content-Type": "application/json-patch+json"}
                )
            case _:
                return self.fhir.history(self.resource_type, made)


def _self_link(answer: FhirAnswer) -> str:
    links = answer.resource.get("link", [])
    return next((str(value_at(link, "url")) for link in links if link.get("relation") == "self"), "")
