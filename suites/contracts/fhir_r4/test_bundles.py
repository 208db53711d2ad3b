"""Bundles that the server makes: a page of a search, a history, the answer to a transaction, each as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from epjgate.drivers.fhir import FhirAnswer, FhirClient, Resource, value_at
from epjgate.model.person import Person
from population.cpr import CPR_SYSTEM
from population.fhir_r4 import observation, patient

People = Callable[[int], list[Person]]
Store = Callable[[Resource], str]

URN = "urn:uuid:0b6d8f0e-57b1-4c0e-9d1c-3f4b8a5c6d{:02}"


@pytest.fixture
def results(fhir: FhirClient, people: People, stored: Store) -> tuple[Resource, list[Resource]]:
    """A patient with two results, as they are read; another patient has one too."""
    owner, other = (stored(patient(someone)) for someone in people(2))
    made = [stored(observation(f"Patient/{owner}")) for _ in range(2)]
    stored(observation(f"Patient/{other}"))
    read = fhir.read("Patient", owner).expect(200).resource
    return read, [fhir.read("Observation", one).expect(200).resource for one in sorted(made)]


@pytest.mark.rule("fhir-search-answers-searchset", "fhir-include-brings-referred", "fhir-full-url-leads-there")
@pytest.mark.severity("critical")
def test_every_entry_of_a_searchset_is_whole(fhir: FhirClient, results: tuple[Resource, list[Resource]]) -> None:
    """Bundle.entry: the two matches and the included patient, each once, with fullUrl, resource and search.mode."""
    owner, matches = results
    answer = fhir.search("Observation", {"subject": f"Patient/{owner['id']}", "_include": "Observation:subject"})
    bundle = answer.expect(200).resource
    assert (bundle["type"], bundle.get("total", 2)) == ("searchset", 2)
    entries = sorted(answer.entries, key=lambda one: (value_at(one, "search", "mode"), value_at(one, "resource", "id")))
    shown = [(value_at(one, "search"), value_at(one, "resource")) for one in entries]
    assert shown == [({"mode": "include"}, owner), *(({"mode": "match"}, match) for match in matches)]
    for one in entries:
        url, resource = str(value_at(one, "fullUrl")), value_at(one, "resource")
        assert url.endswith(f"/{resource['resourceType']}/{resource['id']}"), url
        assert fhir.request("GET", url).expect(200).resource == resource


@pytest.mark.rule("fhir-self-link-repeats-the-search")
@pytest.mark.severity("normal")
def test_the_self_link_repeats_the_search(fhir: FhirClient, results: tuple[Resource, list[Resource]]) -> None:
    """Bundle.link: one self link, whose url asks what was asked, and is answered the same; none to a next page."""
    owner, _ = results
    asked = {"subject": f"Patient/{owner['id']}", "code": "718-7", "_count": "20"}
    answer = fhir.search("Observation", asked).expect(200)
    links = links_of(answer)
    assert "next" not in links
    url = urlsplit(links["self"])
    assert url.path.rstrip("/").endswith("/Observation"), links
    assert dict(parse_qsl(url.query)).items() >= asked.items(), links
    again = fhir.request("GET", links["self"]).expect(200)
    assert (again.entries, links_of(again)) == (answer.entries, links)


@pytest.mark.rule("fhir-paging-every-match-once", "fhir-search-answers-searchset")
@pytest.mark.severity("critical")
def test_the_next_link_leads_to_the_other_match(fhir: FhirClient, results: tuple[Resource, list[Resource]]) -> None:
    """Bundle.link and Bundle.total on two pages of one match: both count two, and only the first has a next url."""
    owner, matches = results
    first = fhir.search("Observation", {"subject": f"Patient/{owner['id']}", "_count": "1"}).expect(200)
    second = fhir.request("GET", links_of(first)["next"]).expect(200)
    assert "next" not in links_of(second)
    assert [page.total for page in (first, second)] in ([2, 2], [None, None])
    assert sorted([*first.matches, *second.matches], key=lambda one: str(one["id"])) == matches


@pytest.mark.rule("fhir-history-newest-first", "fhir-history-tells-what-was-done")
@pytest.mark.severity("normal")
def test_a_history_tells_what_was_done(fhir: FhirClient, person: Person, stored: Store) -> None:
    """Bundle.entry of a history: request.method and url, response.status, fullUrl and resource of each version."""
    made = stored(patient(person))
    first = fhir.read("Patient", made).expect(200).resource
    fhir.update({**first, "birthDate": "1931-02-03"}).expect(200)
    second = fhir.read("Patient", made).expect(200).resource
    fhir.delete("Patient", made).expect(200, 202, 204)
    answer = fhir.history("Patient", made).expect(200)
    assert (answer.resource["type"], answer.total) in (("history", 3), ("history", None))
    assert [entry.get("resource") for entry in answer.entries] == [None, second, first]
    done = [(value_at(one, "request", "method"), status_of(one)) for one in answer.entries]
    assert done in ([("DELETE", code), ("PUT", "200"), ("POST", "201")] for code in ("200", "204"))
    urls = [str(value_at(entry, "request", "url")) for entry in answer.entries]
    assert [url.endswith(f"Patient/{made}") for url in urls[:2]] == [True, True], urls
    assert urls[2].endswith(("Patient", f"Patient/{made}")), urls
    assert {str(value_at(entry, "fullUrl")).endswith(f"/Patient/{made}") for entry in answer.entries} == {True}


@pytest.mark.rule("fhir-transaction-response-whole", "fhir-transaction-order-of-entries")
@pytest.mark.severity("critical")
def test_the_answer_to_a_transaction_is_whole(fhir: FhirClient, people: People, stored: Store) -> None:
    """Bundle.entry.response: status, location and etag of a create, an update and a delete; a read brings its resource.

    Each response leads to what was stored, in the version that was stored.
    """
    changed, deleted, newcomer = people(3)
    ids = [stored(patient(someone)) for someone in (changed, deleted)]
    answer = transact(
        fhir,
        ("PUT", f"Patient/{ids[0]}", {**patient(changed, birthDate="1931-02-03"), "id": ids[0]}),
        ("DELETE", f"Patient/{ids[1]}", None),
        ("POST", "Patient", patient(newcomer)),
        ("POST", "Observation", observation(URN.format(2))),
        ("GET", f"Patient/{ids[0]}", None),
    )
    assert answer.resource["type"] == "transaction-response"
    updated, removed, created, result, read = answer.entries
    assert [status_of(one) for one in (updated, created, result, read)] == ["200", "201", "201", "200"]
    assert status_of(removed) in ("200", "204")
    (found,) = fhir.search("Patient", {"identifier": f"{CPR_SYSTEM}|{newcomer.cpr}"}).expect(200).matches
    (measured,) = fhir.search("Observation", {"subject": f"Patient/{found['id']}"}).expect(200).matches
    stored_now = [fhir.read("Patient", ids[0]).expect(200).resource, found, measured]
    assert value_at(read, "resource") == stored_now[0]
    for one, resource in zip((updated, created, result), stored_now, strict=True):
        version = value_at(resource, "meta", "versionId")
        place = f"/{resource['resourceType']}/{resource['id']}/_history/{version}"
        assert str(value_at(one, "response", "location")).endswith(place), one["response"]
        assert value_at(one, "response", "etag") == f'W/"{version}"'
        assert one.get("resource", resource) == resource
    assert fhir.read("Patient", ids[1]).status in (404, 410)


@pytest.mark.rule("fhir-transaction-says-when")
@pytest.mark.severity("normal")
def test_the_answer_to_a_transaction_says_when(fhir: FhirClient, person: Person) -> None:
    """Bundle.entry.response.lastModified of a create is meta.lastUpdated of what was stored."""
    (created,) = transact(fhir, ("POST", "Patient", patient(person))).entries
    (found,) = fhir.search("Patient", {"identifier": f"{CPR_SYSTEM}|{person.cpr}"}).expect(200).matches
    assert value_at(created, "response", "lastModified") == value_at(found, "meta", "lastUpdated")


@pytest.mark.rule("fhir-batch-entry-explains-itself")
@pytest.mark.severity("normal")
def test_a_failed_entry_of_a_batch_explains_itself(fhir: FhirClient) -> None:
    """Bundle.entry.response.outcome of an entry that fails is an OperationOutcome with an error."""
    (failed,) = transact(fhir, ("GET", "Patient/no-such-patient", None), kind="batch").entries
    assert status_of(failed) == "404"
    outcome = value_at(failed, "response", "outcome")
    assert outcome["resourceType"] == "OperationOutcome"
    assert {issue["severity"] for issue in outcome["issue"]} <= {"error", "fatal"}


def transact(fhir: FhirClient, *calls: tuple[str, str, Resource | None], kind: str = "transaction") -> FhirAnswer:
    """Send `calls`, each with method, URL and body, as one Bundle; returns the answer, which is a 200."""
    entries: list[dict[str, Any]] = [
        {"fullUrl": URN.format(number), "request": {"method": method, "url": url}}
        | ({} if resource is None else {"resource": resource})
        for number, (method, url, resource) in enumerate(calls)
    ]
    answer = fhir.transaction({"resourceType": "Bundle", "type": kind, "entry": entries}).expect(200)
    assert len(answer.entries) == len(calls), "each entry has one response"
    return answer


def links_of(answer: FhirAnswer) -> dict[str, str]:
    """Return the links of a page by their relation, of which each is there once."""
    links = [(str(value_at(link, "relation")), str(value_at(link, "url"))) for link in answer.resource.get("link", [])]
    assert len(dict(links)) == len(links), f"a relation comes twice: {links}"
    assert "self" in dict(links), "there is no self link"
    return dict(links)


def status_of(entry: Resource) -> str:
    """Return the three digits of the status that an entry tells, which a phrase may follow."""
    code, _, phrase = str(value_at(entry, "response", "status")).partition(" ")
    assert phrase in ("", *PHRASES.get(code, (phrase,))), f"{code} is not called {phrase!r}"
    return code


PHRASES = {"200": ("OK",), "201": ("Created",), "204": ("No Content",)}
"""What RFC 9110 calls the statuses of success."""
