"""What the FHIR R4 contract tests share: shorter ways to store, to find and to ask at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from epjgate.drivers.fhir import FhirAnswer, FhirClient, Params, Resource, value_at
from epjgate.errors import CapabilityMissing
from epjgate.model.person import Person

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
