"""What the FHIR R4 contract tests share: shorter ways to store, to find and to ask at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from epjgate.drivers.fhir import FhirAnswer, FhirClient, Params, Resource, value_at
from epjgate.drivers.fhir_values import instant_at
from epjgate.errors import CapabilityMissing
from epjgate.model.person import Person
from population.fhir_r4 import patient

_CLOCKS_APART = timedelta(minutes=1)

_CLOCKS_APART = timedelta(minutes=1)
_LETTERS = "bcdfghjklmnpqrst"


@pytest.fixture
def word(clinic_seed: int) -> str:
    """Eight letters that no other test of this run uses: marks what belongs to the test."""
    return "".join(_LETTERS[clinic_seed >> shift & 15] for shift in range(0, 32, 4))


@pytest.fixture
def stored(fhir: FhirClient) -> Callable[[Resource], str]:
    """Call it with a resource to have it created; returns the id that the server gave it."""
    return lambda resource: fhir.create(resource).expect(201).id


@pytest.fixture
def subject(fhir: FhirClient, person: Person) -> str:
    """The reference to a registered patient."""
    return f"Patient/{fhir.create(patient(person)).expect(201).id}"


@pytest.fixture
def ids_found(ids_in_order: Callable[[str, Params], list[str]]) -> Callable[[str, Params], list[str]]:
    """Call it with a type and parameters for the ids of all matches on all pages, sorted; a duplicate stays visible."""
    return lambda resource_type, params: sorted(ids_in_order(resource_type, params))


@pytest.fixture
def ids_in_order(fhir: FhirClient) -> Callable[[str, Params], list[str]]:
    """Call it with a type and parameters for the ids of all matches on all pages, in the order in which they came."""
    return lambda resource_type, params: [
        str(value_at(match, "id")) for match in fhir.search_all(resource_type, params)
    ]


@pytest.fixture
def advertised(fhir: FhirClient) -> Callable[[str], Resource]:
    """Call it with a resource type for what the CapabilityStatement says of it.

    The test is not applicable where the type is not advertised.
    """

    def lookup(resource_type: str) -> Resource:
        servers = [rest for rest in value_at(fhir.capabilities(), "rest") if rest.get("mode") == "server"]
        for resource in (resource for rest in servers for resource in rest.get("resource", [])):
            if resource.get("type") == resource_type:
                return dict(resource)
        raise _not_advertised(resource_type)

    return lookup


@pytest.fixture
def needs_advertised(advertised: Callable[[str], Resource]) -> Callable[..., None]:
    """Call it with `key=value` pairs of CapabilityStatement.rest.resource; not applicable unless Patient has them."""

    def check(**elements: Any) -> None:
        statement = advertised("Patient")
        for name, value in elements.items():
            if statement.get(name) != value:
                raise _not_advertised(f"{name} = {value!r} for Patient")

    return check


@pytest.fixture
def lives_whole(fhir: FhirClient, advertised: Callable[[str], Resource]) -> Callable[[Resource], None]:
    """Call it with a resource about a patient of its own: created, changed and deleted, it is whole in every view."""

    def live(sent: Resource) -> None:
        offered = advertised(str(sent["resourceType"]))
        record = WholeRecord(fhir, sent, {str(value_at(one, "name")) for one in offered.get("searchParam", [])})
        first = record.created()
        second = record.changed(first, {**sent, "language": "en"})
        record.deleted(first, second)

    return live


@dataclass(frozen=True)
class WholeRecord:
    """One resource from its creation to its end: as it was `sent`, and by which parameters its type is searched."""

    fhir: FhirClient
    sent: Resource
    searched_by: set[str]

    def created(self) -> FhirAnswer:
        """Create it; what is told, read and found is one, and is what was sent, with the server's own version."""
        made = self.fhir.create(self.sent, prefer="representation").expect(201)
        read = self._read(made.id, self.sent)
        assert made.resource == read.resource
        assert self._found(made.id) == [read.resource]
        return read

    def changed(self, first: FhirAnswer, sent: Resource) -> FhirAnswer:
        """Update it; the new version is what was sent then, and the only one that is found."""
        told = self.fhir.update({**sent, "id": first.id}, if_match=first.version).expect(200)
        read = self._read(first.id, sent)
        assert told.resource == read.resource
        assert read.version != first.version
        assert self._found(first.id) == [read.resource]
        return read

    def deleted(self, first: FhirAnswer, second: FhirAnswer) -> None:
        """Delete it; it is gone from read and search, and both versions stay as they were."""
        gone = self.fhir.delete(self._kind, first.id).expect(200, 204)
        assert (gone.status == 204) == (gone.content == b""), "200 comes with a body, 204 without"
        assert self.fhir.read(self._kind, first.id).status in (404, 410)
        assert self._found(first.id) == []
        history = self.fhir.history(self._kind, first.id).expect(200).entries
        assert [entry.get("resource") for entry in history[1:]] == [second.resource, first.resource]
        place = f"{self._kind}/{first.id}"
        assert [str(value_at(entry, "fullUrl"))[-len(place) :] for entry in history] == [place] * 3
        old = [self.fhir.vread(self._kind, first.id, answer.version).expect(200) for answer in (first, second)]
        assert [answer.resource for answer in old] == [first.resource, second.resource]

    @property
    def _kind(self) -> str:
        return str(self.sent["resourceType"])

    def _read(self, resource_id: str, sent: Resource) -> FhirAnswer:
        read = self.fhir.read(self._kind, resource_id).expect(200)
        assert (read.resource["resourceType"], read.id) == (self._kind, resource_id)
        assert as_sent_along(read.resource, sent) == sent
        age = datetime.now(UTC) - instant_at(read.resource, "meta", "lastUpdated")
        assert abs(age) < _CLOCKS_APART, f"meta.lastUpdated of what was stored just now is {age} ago"
        return read

    def _found(self, resource_id: str) -> list[Resource]:
        """Return all that a search finds about the patient, of this type; where that is not offered, by its id."""
        owner = (self.sent.get("subject") or self.sent.get("patient") or {}).get("reference")
        about = {"patient": owner} if owner and "patient" in self.searched_by else {"_id": resource_id}
        return self.fhir.search(self._kind, about).expect(200).matches


def as_sent_along(read: Resource, sent: Resource) -> Resource:
    """Return `read` without what is the server's own, and without a narrative where none was sent."""
    own = {"id", "meta"} | ({"text"} - sent.keys())
    meta = {name: value for name, value in read.get("meta", {}).items() if name not in ("versionId", "lastUpdated")}
    return {name: value for name, value in read.items() if name not in own} | ({"meta": meta} if meta else {})


@pytest.fixture
def at_once() -> Callable[[Sequence[Callable[[], FhirAnswer]]], list[FhirAnswer]]:
    """Call it with requests to have them all sent at the same moment; returns their answers in order."""

    def send(requests: Sequence[Callable[[], FhirAnswer]]) -> list[FhirAnswer]:
        barrier = Barrier(len(requests), timeout=10)

        def wait_and_send(request: Callable[[], FhirAnswer]) -> FhirAnswer:
            barrier.wait()
            return request()

        with ThreadPoolExecutor(len(requests)) as senders:
            return list(senders.map(wait_and_send, requests))

    return send


@pytest.fixture
def leaked() -> Callable[[FhirAnswer, Person], list[str]]:
    """Call it with an answer and a person to learn which parts of the person's record the answer holds."""

    def parts_in(answer: FhirAnswer, someone: Person) -> list[str]:
        record = {
            "CPR number": someone.cpr,
            "family name": someone.family_name,
            "street": someone.address.line,
            "birth date": someone.birth_date.isoformat(),
        }
        return [part for part, value in record.items() if value in answer.content.decode("utf-8", "replace")]

    return parts_in


def _not_advertised(what: str) -> CapabilityMissing:
    return CapabilityMissing(
        f"the candidate does not offer {what}",
        "its CapabilityStatement does not advertise it",
        "nothing, unless the candidate should offer it: then it has to advertise it",
    )
