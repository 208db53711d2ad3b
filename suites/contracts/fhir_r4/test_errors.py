"""Errors: what is refused is refused clearly, is not stored, and tells nothing of anybody's record."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from epjgate.drivers.fhir import FhirAnswer, FhirClient, Issue, Params, Resource
from epjgate.model.person import Person
from population.cpr import CPR_SYSTEM
from population.fhir_r4 import patient

Leaked = Callable[[FhirAnswer, Person], list[str]]
People = Callable[[int], list[Person]]


@dataclass(frozen=True)
class Refusal:
    """A write that `rule` wants refused: how the body is spoilt, where it is sent, and the statuses that are right."""

    rule: str
    spoil: Callable[[Resource], str]
    statuses: tuple[int, ...] = (400, 422)
    path: str = "Patient"
    content_type: str = "application/fhir+json"

    def send(self, fhir: FhirClient, person: Person) -> FhirAnswer:
        """Send the spoilt registration of `person`."""
        body = self.spoil(patient(person))
        return fhir.request("POST", self.path, body=body, headers={"Content-Type": self.content_type})


def with_elements(**elements: object) -> Callable[[Resource], str]:
    """Return how to spoil a resource by putting `elements` into it."""
    return lambda resource: json.dumps({**resource, **elements})


UNREADABLE, OTHER_TYPE = "fhir-unreadable-body-refused", "fhir-body-of-another-type-refused"
WRONG_KIND = "fhir-element-of-wrong-kind-refused"

REFUSALS = {
    "truncated JSON": Refusal(UNREADABLE, lambda resource: json.dumps(resource)[:-20], (400,)),
    "no JSON": Refusal(UNREADABLE, lambda resource: f"<Patient>{resource['birthDate']}</Patient>", (400,)),
    "a list": Refusal(UNREADABLE, lambda resource: json.dumps([resource])),
    "no resource type": Refusal(
        OTHER_TYPE, lambda r: json.dumps({name: v for name, v in r.items() if name != "resourceType"})
    ),
    "text where a list of objects belongs": Refusal(WRONG_KIND, with_elements(name="Ærø")),
    "object where a code belongs": Refusal(WRONG_KIND, with_elements(gender={"code": "male"})),
    "number where a date belongs": Refusal(WRONG_KIND, with_elements(birthDate=19800315)),
    "text where a boolean belongs": Refusal(WRONG_KIND, with_elements(active="yes")),
    "another type than the URL": Refusal(OTHER_TYPE, json.dumps, path="Observation"),
    "unknown type": Refusal(OTHER_TYPE, with_elements(resourceType="NoSuchType"), (400, 404, 405), path="NoSuchType"),
}
LAXER_REFUSALS = {
    "day that never was": Refusal("fhir-impossible-date-refused", with_elements(birthDate="1981-02-29")),
    "code outside a required value set": Refusal("fhir-code-outside-value-set-refused", with_elements(gender="mand")),
    "number beyond 32 bits": Refusal("fhir-integer-of-32-bits", with_elements(multipleBirthInteger=2**31)),
    "rank 0": Refusal("fhir-positive-int-positive", with_elements(telecom=[{"value": "00000000", "rank": 0}])),
    "unknown element": Refusal("fhir-unknown-element-refused", with_elements(favouriteColour="grøn")),
    "unknown media type": Refusal("fhir-unknown-media-type-refused", json.dumps, (415,), content_type="image/png"),
}


def each_of(refusals: dict[str, Refusal]) -> pytest.MarkDecorator:
    """Run the test once for each refusal as `kind`, pinning the rule that wants it."""
    cases = [pytest.param(kind, marks=pytest.mark.rule(refusal.rule), id=kind) for kind, refusal in refusals.items()]
    return pytest.mark.parametrize("kind", cases)


@pytest.fixture
def is_stored(
    fhir: FhirClient, people: People, ids_found: Callable[[str, Params], list[str]]
) -> Callable[[Person], bool]:
    """Call it with a person to learn if a patient with that CPR number exists; fails where no search finds anybody."""

    def ask(person: Person) -> bool:
        (control,) = people(1)
        made = fhir.create(patient(control)).expect(201).id
        assert ids_found("Patient", {"identifier": f"{CPR_SYSTEM}|{control.cpr}"}) == [made], "the search does not work"
        return bool(ids_found("Patient", {"identifier": f"{CPR_SYSTEM}|{person.cpr}"}))

    return ask


@pytest.mark.severity("critical")
@each_of(REFUSALS)
def test_what_cannot_be_read_is_refused_and_not_stored(
    fhir: FhirClient, person: Person, is_stored: Callable[[Person], bool], kind: str
) -> None:
    """A body that is no resource of the type is answered with a 4xx that fits, and nothing of it is stored."""
    answer = REFUSALS[kind].send(fhir, person)
    assert answer.status in REFUSALS[kind].statuses, answer.describe()
    assert not is_stored(person)


@pytest.mark.severity("normal")
@each_of(LAXER_REFUSALS)
def test_what_breaks_the_rules_of_its_type_is_refused_and_not_stored(
    fhir: FhirClient, person: Person, is_stored: Callable[[Person], bool], kind: str
) -> None:
    """A resource that can be read and is wrong in itself is answered with a 4xx that fits, and nothing is stored."""
    answer = LAXER_REFUSALS[kind].send(fhir, person)
    assert answer.status in LAXER_REFUSALS[kind].statuses, answer.describe()
    assert not is_stored(person)


@pytest.mark.rule("fhir-create-without-body-refused")
@pytest.mark.severity("normal")
def test_a_create_without_a_body_is_refused(fhir: FhirClient) -> None:
    """A POST with nothing in it is answered 400."""
    answer = fhir.request("POST", "Patient", body=b"")
    assert answer.status == 400, answer.describe()


@pytest.mark.rule("fhir-refused-write-explains-itself")
@pytest.mark.severity("normal")
@pytest.mark.parametrize("kind", ["truncated JSON", "no JSON", "text where a list of objects belongs", "unknown type"])
def test_a_refused_write_explains_itself(fhir: FhirClient, person: Person, kind: str) -> None:
    """A refused write carries an OperationOutcome with at least one issue that is an error."""
    answer = REFUSALS[kind].send(fhir, person)
    assert answer.status >= 400, answer.describe()
    assert _errors(answer), f"no OperationOutcome with an error: {answer.describe()}"


@pytest.mark.rule("fhir-refused-read-explains-itself")
@pytest.mark.severity("normal")
@pytest.mark.parametrize("path", ["Patient/no-such-patient", "NoSuchType/1", "NoSuchType"])
def test_a_refused_read_explains_itself(fhir: FhirClient, path: str) -> None:
    """A read or search that fails carries an OperationOutcome with at least one issue that is an error."""
    answer = fhir.request("GET", path)
    assert answer.status >= 400, answer.describe()
    assert _errors(answer), f"no OperationOutcome with an error: {answer.describe()}"


@pytest.mark.rule("fhir-unknown-id-or-type-not-found")
@pytest.mark.severity("normal")
@pytest.mark.parametrize("path", ["Patient/no-such-patient", "NoSuchType/1", "NoSuchType"])
def test_what_does_not_exist_is_404(fhir: FhirClient, path: str) -> None:
    """An unknown id and an unknown type are answered 404."""
    answer = fhir.request("GET", path)
    assert answer.status == 404, answer.describe()


@pytest.mark.rule("fhir-unservable-format-not-acceptable")
@pytest.mark.severity("minor")
def test_a_format_that_cannot_be_served_is_406(fhir: FhirClient, person: Person) -> None:
    """A client that accepts only an image is told 406, rather than sent what it cannot read."""
    made = fhir.create(patient(person)).expect(201).id
    answer = fhir.request("GET", f"Patient/{made}", headers={"Accept": "image/png"})
    assert answer.status == 406, answer.describe()


@pytest.mark.rule("fhir-refused-write-discloses-nothing")
@pytest.mark.severity("critical")
def test_refused_writes_show_nothing_of_the_record(fhir: FhirClient, people: People, leaked: Leaked) -> None:
    """400 for another id and 412 for an old version or several matches hold no part of the patient's record."""
    owner, stranger = people(2)
    made = fhir.create(patient(owner)).expect(201).id
    fhir.create(patient(owner)).expect(201)
    body = {**patient(stranger), "id": made}
    answers = {
        "id mismatch": fhir.request("PUT", f"Patient/{made}", resource={**body, "id": "other"}),
        "old version": fhir.update(body, if_match='W/"987654321"'),
        "several matches": fhir.create(patient(stranger), if_none_exist=f"identifier={CPR_SYSTEM}|{owner.cpr}"),
    }
    assert {kind: answer.status for kind, answer in answers.items()} == {
        "id mismatch": 400,
        "old version": 412,
        "several matches": 412,
    }
    assert {kind: leaked(answer, owner) for kind, answer in answers.items()} == {kind: [] for kind in answers}
    assert leaked(fhir.read("Patient", made), owner), "the record would not have been recognised"


@pytest.mark.rule("fhir-deleted-record-discloses-nothing")
@pytest.mark.severity("critical")
def test_a_deleted_record_shows_nothing_of_itself(fhir: FhirClient, person: Person, leaked: Leaked) -> None:
    """The answer to a read of a deleted patient holds no part of the record."""
    made = fhir.create(patient(person)).expect(201).id
    assert leaked(fhir.read("Patient", made), person), "the record would not have been recognised"
    fhir.delete("Patient", made).expect(200, 202, 204)
    answer = fhir.read("Patient", made)
    assert answer.status in (404, 410), answer.describe()
    assert leaked(answer, person) == []


def _errors(answer: FhirAnswer) -> list[Issue]:
    issues = answer.outcome.issues if answer.outcome is not None else ()
    return [issue for issue in issues if issue.severity in ("error", "fatal")]
