"""The interactions of FHIR R4 REST."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.drivers.fhir import FhirClient, value_at
from epjgate.errors import CandidateFault, CandidateUnreachable
from epjgate.evidence.recorder import Recorder

if TYPE_CHECKING:
    from tests.drivers.conftest import Asked, StandIn

PATIENT = {"resourceType": "Patient", "id": "7"}


@pytest.fixture
def client(stand_in: StandIn, recorder: Recorder) -> Iterator[FhirClient]:
    with FhirClient(f"{stand_in.url}/", recorder, timeout_s=2) as client:
        yield client


def page(*ids: str, next_url: str | None = None) -> dict[str, Any]:
    bundle: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": {"resourceType": "Patient", "id": name}} for name in ids],
    }
    return bundle if next_url is None else {**bundle, "link": [{"relation": "next", "url": next_url}]}


def asked(stand_in: StandIn) -> Asked:
    (only,) = stand_in.asked
    return only


def test_the_base_url_has_no_trailing_slash(client: FhirClient, stand_in: StandIn) -> None:
    """Paths are put behind it with one slash."""
    assert client.base_url == stand_in.url


@pytest.mark.parametrize(
    ("interaction", "method", "path"),
    [
        (lambda client: client.create(PATIENT), "POST", "/fhir/Patient"),
        (lambda client: client.read("Patient", "7"), "GET", "/fhir/Patient/7"),
        (lambda client: client.read("Patient", "a/b?c"), "GET", "/fhir/Patient/a%2Fb%3Fc"),
        (lambda client: client.vread("Patient", "7", "2"), "GET", "/fhir/Patient/7/_history/2"),
        (lambda client: client.update(PATIENT), "PUT", "/fhir/Patient/7"),
        (lambda client: client.delete("Patient", "7"), "DELETE", "/fhir/Patient/7"),
        (lambda client: client.history("Patient", "7"), "GET", "/fhir/Patient/7/_history"),
        (lambda client: client.search("Patient", {"name": "å"}), "GET", "/fhir/Patient?name=%C3%A5"),
        (lambda client: client.search("Patient", [("d", "1"), ("d", "2")]), "GET", "/fhir/Patient?d=1&d=2"),
        (lambda client: client.transaction({"resourceType": "Bundle"}), "POST", "/fhir"),
    ],
)
def test_each_interaction_asks_what_r4_says(
    client: FhirClient, stand_in: StandIn, interaction: Any, method: str, path: str
) -> None:
    """Method and URL of R4 http.html, JSON asked for, and the answer returned whatever its status."""
    stand_in.answers(PATIENT, status=422)
    assert interaction(client).status == 422
    assert (asked(stand_in).method, asked(stand_in).path) == (method, path)
    assert asked(stand_in).headers["Accept"] == "application/fhir+json"


def test_a_resource_is_sent_byte_exact(client: FhirClient, stand_in: StandIn) -> None:
    """UTF-8 letters, exact decimals, and the media type of FHIR."""
    stand_in.answers(PATIENT, status=201)
    client.create({"resourceType": "Observation", "note": "æ🩸", "value": Decimal("5.10")})
    assert asked(stand_in).body == '{"resourceType":"Observation","note":"æ🩸","value":5.10}'.encode()
    assert asked(stand_in).headers["Content-Type"] == "application/fhir+json; charset=utf-8"


def test_a_raw_body_is_sent_as_it_is(client: FhirClient, stand_in: StandIn) -> None:
    """Malformed JSON and another media type can be sent on purpose; defaults can be taken away."""
    stand_in.answers(status=415)
    client.request("POST", "Patient", body=b"{\xe6", headers={"content-type": "text/plain", "Accept": None})
    assert asked(stand_in).body == b"{\xe6"
    assert asked(stand_in).headers["content-type"] == "text/plain"
    assert not {"Content-Type", "Accept"} & asked(stand_in).headers.keys()


def test_a_read_has_no_content_type(client: FhirClient, stand_in: StandIn) -> None:
    """Without a body there is nothing to name the type of."""
    stand_in.answers(PATIENT)
    client.read("Patient", "7")
    assert "Content-Type" not in asked(stand_in).headers


def test_resource_and_body_exclude_each_other(client: FhirClient) -> None:
    """Two bodies are a mistake of the test."""
    with pytest.raises(ValueError, match="not both"):
        client.request("POST", "Patient", resource=PATIENT, body="{}")


@pytest.mark.parametrize("prefer", ["minimal", "return=minimal"])
def test_create_carries_its_conditions(client: FhirClient, stand_in: StandIn, prefer: str) -> None:
    """The search of a conditional create and the preferred return go into headers."""
    stand_in.answers(PATIENT, status=201)
    client.create(PATIENT, if_none_exist="identifier=a|1", prefer=prefer)
    assert asked(stand_in).headers["If-None-Exist"] == "identifier=a|1"
    assert asked(stand_in).headers["Prefer"] == "return=minimal"


@pytest.mark.parametrize(("given", "sent"), [('W/"3"', 'W/"3"'), ("3", 'W/"3"'), ('"3"', '"3"')])
def test_update_carries_the_version_that_it_replaces(
    client: FhirClient, stand_in: StandIn, given: str, sent: str
) -> None:
    """An ETag is sent as it is, a version id as a weak ETag (R4 http.html#concurrency)."""
    stand_in.answers(PATIENT)
    client.update(PATIENT, if_match=given)
    assert asked(stand_in).headers["If-Match"] == sent


def test_capabilities_are_a_statement_or_a_fault(client: FhirClient, stand_in: StandIn) -> None:
    """`metadata` returns the CapabilityStatement; a refusal or another resource is the candidate's fault."""
    statement = {"resourceType": "CapabilityStatement"}
    stand_in.answers(statement)
    assert client.capabilities() == statement
    assert asked(stand_in).path == "/fhir/metadata"
    stand_in.answers(statement, status=503)
    stand_in.answers(PATIENT)
    for told in ("expected 200: GET", "not a CapabilityStatement: GET"):
        with pytest.raises(CandidateFault, match=told):
            client.capabilities()


def test_search_all_follows_every_next_link(client: FhirClient, stand_in: StandIn) -> None:
    """Absolute, root-relative and base-relative links lead to further pages; matches come in their order."""
    stand_in.answers(page("1", "2", next_url=f"{stand_in.url}?page=2"))
    stand_in.answers(page("3", next_url="/fhir/Patient?page=3"))
    stand_in.answers(page(next_url="Patient?page=4"))
    stand_in.answers(page("4"))
    assert [found["id"] for found in client.search_all("Patient", {"name": "å"})] == ["1", "2", "3", "4"]
    assert [one.path for one in stand_in.asked] == [
        "/fhir/Patient?name=%C3%A5",
        "/fhir?page=2",
        "/fhir/Patient?page=3",
        "/fhir/Patient?page=4",
    ]


def test_search_all_ends_a_circle(client: FhirClient, stand_in: StandIn) -> None:
    """A next link that leads to a page seen already is the candidate's fault, found at once."""
    for to in ("2", "3", "2"):
        stand_in.answers(page("1", next_url=f"{stand_in.url}?page={to}"))
    with pytest.raises(CandidateFault, match="lead in a circle"):
        client.search_all("Patient", {})
    assert len(stand_in.asked) == 3


def test_search_all_is_bounded(client: FhirClient, stand_in: StandIn) -> None:
    """Pages without end are not followed beyond the limit; as many pages as the limit are fine."""
    for number in (2, 3):
        stand_in.answers(page("1", next_url=f"{stand_in.url}?page={number}"))
    stand_in.answers(page("2"))
    assert len(client.search_all("Patient", {}, page_limit=3)) == 3
    for number in (2, 3, 4):
        stand_in.answers(page("1", next_url=f"{stand_in.url}?page={number}"))
    with pytest.raises(CandidateFault, match="after 3 pages"):
        client.search_all("Patient", {}, page_limit=3)
    assert len(stand_in.asked) == 6


def test_search_all_does_not_leave_the_server(client: FhirClient, stand_in: StandIn) -> None:
    """A next link with the candidate's inner address is named as such."""
    stand_in.answers(page("1", next_url="http://epj-backend:8080/fhir?page=2"))
    with pytest.raises(CandidateFault, match="an address under which the tester does not reach it"):
        client.search_all("Patient", {})


def test_search_all_takes_no_error_for_the_end(client: FhirClient, stand_in: StandIn) -> None:
    """A refused search or a page that fails is a fault, never fewer matches."""
    stand_in.answers(page("1"), status=400)
    with pytest.raises(CandidateFault, match="expected 200"):
        client.search_all("Patient", {})
    stand_in.answers(page("1", next_url=f"{stand_in.url}?page=2"))
    stand_in.answers(page("2"), status=500)
    with pytest.raises(CandidateFault, match="expected 200"):
        client.search_all("Patient", {})


def test_no_answer_is_not_an_empty_answer(client: FhirClient, stand_in: StandIn) -> None:
    """A connection that is reset mid-search raises; nothing is asked again."""
    stand_in.resets()
    with pytest.raises(CandidateUnreachable):
        client.search_all("Patient", {})
    assert len(stand_in.asked) == 1


def test_value_at_is_at_hand(client: FhirClient, stand_in: StandIn) -> None:
    """Suites take `value_at` from here."""
    stand_in.answers(PATIENT)
    assert value_at(client.read("Patient", "7").resource, "id") == "7"
