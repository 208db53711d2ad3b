"""Create and read: what was acknowledged can be read, as it was sent, in every version."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from email.utils import parsedate_tz

import pytest

from epjgate.drivers.fhir import FhirClient, Resource, value_at
from epjgate.model.person import Person
from population.fhir_r4 import UCUM, encounter, medication_request, observation, patient

SERVER_ELEMENTS = {"id", "meta", "text"}


@pytest.mark.rule("fhir-create-answers-location")
@pytest.mark.severity("blocker")
def test_create_answers_201_and_says_where_the_resource_is(fhir: FhirClient, person: Person) -> None:
    """A create is answered 201 with a Location that holds id and version, and leads to the resource."""
    answer = fhir.create(patient(person))
    assert answer.status == 201, answer.describe()
    location = answer.location or ""
    base, _, version = location.partition("/_history/")
    assert base.split("/")[-2:] == ["Patient", answer.id], f"Location is {location!r}"
    assert version, f"Location {location!r} names no version"
    there = fhir.vread("Patient", base.split("/")[-1], version)
    assert there.status == 200, there.describe()
    assert value_at(there.resource, "identifier", 0, "value") == person.cpr


@pytest.mark.rule("fhir-create-version-headers")
@pytest.mark.severity("normal")
def test_create_names_version_and_time_in_its_headers(fhir: FhirClient, person: Person) -> None:
    """The answer to a create carries the version as a weak ETag and a Last-Modified that is a date."""
    answer = fhir.create(patient(person)).expect(201)
    stored = fhir.read("Patient", answer.id).expect(200)
    assert answer.etag == f'W/"{stored.version}"', answer.headers
    assert parsedate_tz(answer.headers.get("Last-Modified", "")) is not None


@pytest.mark.rule("fhir-create-ignores-client-id")
@pytest.mark.severity("critical")
def test_create_ignores_an_id_sent_along(
    fhir: FhirClient, person: Person, people: Callable[[int], list[Person]]
) -> None:
    """The server gives the id: a POST that carries the id of another patient neither takes it nor touches that one."""
    (other,) = people(1)
    taken = fhir.create(patient(other)).expect(201).id
    answer = fhir.create({**patient(person), "id": taken})
    assert answer.status == 201, answer.describe()
    assert answer.id != taken
    assert value_at(fhir.read("Patient", taken).expect(200).resource, "identifier", 0, "value") == other.cpr


@pytest.mark.rule("fhir-create-ignores-client-version")
@pytest.mark.severity("normal")
def test_create_ignores_version_and_time_sent_along(fhir: FhirClient, person: Person) -> None:
    """`meta.versionId` and `meta.lastUpdated` are the server's own, other `meta` stays."""
    tag = {"system": "urn:epjgate:contract", "code": "kept"}
    meta = {"versionId": "999999", "lastUpdated": "1999-01-01T00:00:00Z", "tag": [tag]}
    created = fhir.create({**patient(person), "meta": meta}).expect(201)
    stored = fhir.read("Patient", created.id).expect(200)
    assert stored.version != "999999"
    assert not str(value_at(stored.resource, "meta", "lastUpdated")).startswith("1999")
    assert value_at(stored.resource, "meta", "tag") == [tag]


@pytest.mark.rule("fhir-read-returns-what-was-sent")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("make", [patient, observation, encounter, medication_request])
def test_read_returns_what_was_sent(
    fhir: FhirClient, person: Person, stored: Callable[[Resource], str], make: Callable[..., Resource]
) -> None:
    """Every element comes back as it was sent, none is added, but for id, meta and the narrative."""
    sent = patient(person) if make is patient else make(f"Patient/{stored(patient(person))}")
    created = fhir.create(sent).expect(201)
    answer = fhir.read(sent["resourceType"], created.id)
    assert answer.status == 200, answer.describe()
    read = {name: value for name, value in answer.resource.items() if name not in SERVER_ELEMENTS}
    assert read == sent
    assert answer.id == created.id


@pytest.mark.rule("fhir-read-returns-no-other")
@pytest.mark.severity("critical")
def test_read_returns_one_patient_and_no_other(fhir: FhirClient, people: Callable[[int], list[Person]]) -> None:
    """Three patients registered one after another are read back each under the own id."""
    registered = {fhir.create(patient(someone)).expect(201).id: someone.cpr for someone in people(3)}
    read = {
        made: value_at(fhir.read("Patient", made).expect(200).resource, "identifier", 0, "value") for made in registered
    }
    assert len(registered) == 3
    assert read == registered


@pytest.mark.rule("fhir-read-version-headers")
@pytest.mark.severity("normal")
def test_read_names_version_and_time_in_its_headers(fhir: FhirClient, person: Person) -> None:
    """The ETag of a read is the version of the resource in the body, and Last-Modified is a date."""
    answer = fhir.read("Patient", fhir.create(patient(person)).expect(201).id).expect(200)
    assert answer.etag == f'W/"{answer.version}"', answer.headers
    assert parsedate_tz(answer.headers.get("Last-Modified", "")) is not None


@pytest.mark.rule("fhir-vread-returns-each-version")
@pytest.mark.severity("critical")
def test_vread_returns_each_version_as_it_was(
    fhir: FhirClient, person: Person, needs_advertised: Callable[..., None]
) -> None:
    """After an update the old version reads as before, the new one as sent, each under its own version id."""
    needs_advertised(readHistory=True)
    first = fhir.read("Patient", fhir.create(patient(person)).expect(201).id).expect(200)
    fhir.update({**first.resource, "birthDate": "1931-02-03"}).expect(200)
    second = fhir.read("Patient", first.id).expect(200)
    old, new = (fhir.vread("Patient", first.id, answer.version) for answer in (first, second))
    assert (old.status, new.status) == (200, 200), f"{old.describe()}; {new.describe()}"
    assert old.resource == first.resource
    assert new.resource == second.resource
    assert value_at(new.resource, "birthDate") == "1931-02-03"


@pytest.mark.rule("fhir-vread-unknown-version-not-found")
@pytest.mark.severity("normal")
def test_vread_of_a_version_that_never_was_is_404(fhir: FhirClient, person: Person) -> None:
    """A version that does not exist is not found, rather than answered with another version."""
    made = fhir.create(patient(person)).expect(201).id
    answer = fhir.vread("Patient", made, "987654321")
    assert answer.status == 404, answer.describe()


@pytest.mark.rule("fhir-history-newest-first")
@pytest.mark.severity("normal")
def test_history_holds_every_version_newest_first(fhir: FhirClient, person: Person) -> None:
    """The history of a patient updated twice is a Bundle of three versions, the newest first."""
    first = fhir.read("Patient", fhir.create(patient(person)).expect(201).id).expect(200)
    versions = [first.version]
    for day in ("1931-02-03", "1931-02-04"):
        fhir.update({**first.resource, "birthDate": day}).expect(200)
        versions.append(fhir.read("Patient", first.id).expect(200).version)
    history = fhir.history("Patient", first.id)
    assert history.status == 200, history.describe()
    assert history.resource.get("type") == "history"
    found = [value_at(entry, "resource", "meta", "versionId") for entry in history.entries]
    assert found == versions[::-1]
    assert history.total in (None, 3)


@pytest.mark.rule("fhir-create-return-preference")
@pytest.mark.severity("minor")
def test_the_client_decides_what_a_create_returns(fhir: FhirClient, people: Callable[[int], list[Person]]) -> None:
    """`Prefer: return=minimal` returns no body, `return=representation` the resource as it was stored."""
    quiet, full = people(2)
    minimal = fhir.create(patient(quiet), prefer="minimal").expect(201)
    representation = fhir.create(patient(full), prefer="representation").expect(201)
    assert minimal.content == b""
    assert representation.resource == fhir.read("Patient", representation.id).expect(200).resource


@pytest.mark.rule("fhir-decimal-precision-kept")
@pytest.mark.severity("critical")
@pytest.mark.parametrize(
    "digits", ["1.0", "1.00", "0.010", "100", "0.12345678901234567", "-0.5", "123456789.123456789"]
)
def test_decimals_keep_their_digits(
    fhir: FhirClient, person: Person, stored: Callable[[Resource], str], digits: str
) -> None:
    """A result comes back with the digits that were sent: 1.00 is another measurement than 1.0."""
    subject = f"Patient/{stored(patient(person))}"
    quantity = {"value": Decimal(digits), "unit": "mmol/L", "system": UCUM, "code": "mmol/L"}
    made = stored(observation(subject, valueQuantity=quantity))
    assert str(value_at(fhir.read("Observation", made).expect(200).resource, "valueQuantity", "value")) == digits
    found = fhir.search("Observation", {"_id": made}).expect(200).matches
    assert [str(value_at(match, "valueQuantity", "value")) for match in found] == [digits]
