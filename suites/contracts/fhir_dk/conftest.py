"""What the tests of the Danish rules share: to store, to find, to sign in, and to try what nobody thought of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from epjgate.drivers.dsl.words.base import token_of
from epjgate.drivers.fhir import FhirClient, Params, Resource, value_at
from epjgate.errors import CapabilityMissing
from epjgate.evidence.recorder import Recorder
from epjgate.model.target import Target

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
def ids_found(fhir: FhirClient) -> Callable[[str, Params], list[str]]:
    """Call it with a type and parameters for the ids of all matches on all pages, sorted; a duplicate stays visible."""
    return lambda resource_type, params: sorted(
        str(value_at(match, "id")) for match in fhir.search_all(resource_type, params)
    )


@pytest.fixture
def offered(fhir: FhirClient) -> Callable[[str], set[str]]:
    """Call it with a resource type for the search parameters that the candidate advertises; empty where it has none."""

    def parameters(resource_type: str) -> set[str]:
        return {
            str(value_at(parameter, "name"))
            for rest in value_at(fhir.capabilities(), "rest")
            for resource in rest.get("resource", [])
            if resource.get("type") == resource_type
            for parameter in resource.get("searchParam", [])
        }

    return parameters


@pytest.fixture
def needs_search(offered: Callable[[str], set[str]]) -> Callable[[str, str], None]:
    """Call it with a type and a search parameter; the test is not applicable where that is not advertised."""

    def check(resource_type: str, parameter: str) -> None:
        if parameter not in offered(resource_type):
            raise CapabilityMissing(
                f"the candidate does not offer a search for {resource_type} by {parameter}",
                "its CapabilityStatement does not advertise it",
                "nothing, unless the candidate should offer it: then it has to advertise it",
            )

    return check


@pytest.fixture
def signed_in(target: Target, recorder: Recorder) -> Iterator[Callable[[str], FhirClient]]:
    """Call it with a role for a client of the user who has it."""
    url = target.url("fhir_r4") or ""
    with ExitStack() as clients:
        yield lambda role: clients.enter_context(
            FhirClient(
                url,
                recorder,
                timeout_s=target.timeout_s,
                token=token_of(target, role),
                alterations=target.alterations,
            )
        )


@pytest.fixture
def for_all(clinic_seed: int) -> Callable[..., None]:
    """Call it with a strategy, a number of examples and a test of one; the examples are new with every seed."""

    def try_all(strategy: SearchStrategy[Any], examples: int, test: Callable[[Any], None]) -> None:
        @seed(clinic_seed)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def try_one(example: Any) -> None:
            test(example)

        try_one()

    return try_all
