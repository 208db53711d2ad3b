"""Paging: all pages together hold every match once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from epjgate.drivers.fhir import FhirClient, Resource, value_at
from epjgate.model.person import Person
from population.fhir_r4 import patient

MATCHES = 7

Pages = Callable[[dict[str, str]], list[list[Resource]]]


@pytest.fixture
def family(fhir: FhirClient, people: Callable[[int], list[Person]], word: str) -> tuple[str, list[str]]:
    """A family name with seven patients, of whom always two or three share a birth date, and their ids."""
    days = ("1950-01-02", "1950-01-02", "1951-01-02", "1950-01-02", "1952-01-02", "1951-01-02", "1952-01-02")
    resources = [
        patient(someone, name=[{"family": word}], birthDate=day) for someone, day in zip(people(7), days, strict=True)
    ]
    return word, [fhir.create(resource).expect(201).id for resource in resources]


@pytest.fixture
def pages(fhir: FhirClient) -> Pages:
    """Call it with parameters of a patient search for the matches of each page, up to 20 pages."""

    def turn(params: dict[str, str]) -> list[list[Resource]]:
        answer = fhir.search("Patient", params).expect(200)
        found = [answer.matches]
        while (link := answer.next_url) is not None and len(found) < 20:
            answer = fhir.request("GET", link if "://" in link else f"Patient?{link.partition('?')[2]}").expect(200)
            found.append(answer.matches)
        return found

    return turn


@pytest.mark.rule("fhir-paging-every-match-once", "fhir-page-count-limits-page")
@pytest.mark.severity("critical")
@pytest.mark.parametrize("count", [1, 2, 3, MATCHES, MATCHES + 1])
def test_pages_hold_every_match_once(family: tuple[str, list[str]], pages: Pages, count: int) -> None:
    """Whatever the page size: no page is larger, nothing is lost and nothing comes twice."""
    name, ids = family
    found = pages({"family": name, "_count": str(count)})
    assert [len(page) for page in found if len(page) > count] == []
    assert sorted(str(value_at(match, "id")) for page in found for match in page) == sorted(ids)


@pytest.mark.rule("fhir-paging-every-match-once", "fhir-sort-order-across-pages")
@pytest.mark.severity("critical")
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("order", ["birthdate", "-birthdate"])
def test_sorted_pages_hold_every_match_once_in_order(
    family: tuple[str, list[str]], pages: Pages, order: str, count: int
) -> None:
    """Sorted by a date that several share, the pages still hold everybody once, in the order asked for."""
    name, ids = family
    found = [match for page in pages({"family": name, "_count": str(count), "_sort": order}) for match in page]
    assert sorted(str(value_at(match, "id")) for match in found) == sorted(ids)
    days = [str(value_at(match, "birthDate")) for match in found]
    assert days == sorted(days, reverse=order.startswith("-"))
