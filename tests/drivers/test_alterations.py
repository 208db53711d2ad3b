"""Faults re-created between the candidate and the tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.drivers.alterations import ALTERED
from epjgate.drivers.fhir import FhirClient
from epjgate.model.alteration import Alteration

if TYPE_CHECKING:
    from tests.drivers.conftest import StandIn

    from epjgate.evidence.recorder import Recorder

ORDER: dict[str, Any] = {
    "resourceType": "MedicationRequest",
    "dose": [{"value": 1.5, "unit": "mg"}, {"value": 2}],
    "text": "én tablet",
}


@contextmanager
def altered(stand_in: StandIn, recorder: Recorder, **alteration: Any) -> Iterator[FhirClient]:
    made = Alteration.model_validate(alteration)
    with FhirClient(stand_in.url, recorder, timeout_s=2, alterations=[made]) as client:
        yield client


@pytest.mark.parametrize(
    ("alteration", "expected"),
    [
        ({"action": "drop_field", "field": "dose.unit"}, {**ORDER, "dose": [{"value": Decimal("1.5")}, {"value": 2}]}),
        ({"action": "drop_field", "field": "dose"}, {"resourceType": "MedicationRequest", "text": "én tablet"}),
        ({"action": "set_field", "field": "text", "value": "to"}, {**ORDER, "text": "to"}),
        ({"action": "set_field", "field": "dose.value", "value": 3}, None),
        ({"action": "replace_text", "pattern": "én (tablet)", "text": r"to \1ter"}, {**ORDER, "text": "to tabletter"}),
    ],
)
def test_a_body_is_altered(
    stand_in: StandIn, recorder: Recorder, alteration: dict[str, Any], expected: dict[str, Any] | None
) -> None:
    """The field is changed in every element of an array, all else stays, and the answer says that it was altered."""
    stand_in.answers(ORDER)
    with altered(stand_in, recorder, **alteration) as client:
        answer = client.read("MedicationRequest", "1")
    whole = expected or {**ORDER, "dose": [{"value": 3, "unit": "mg"}, {"value": 3}]}
    assert answer.resource == whole
    assert answer.headers[ALTERED] == alteration["action"]
    assert recorder.exchanges[0].response_headers[ALTERED] == alteration["action"]


@pytest.mark.parametrize(
    "match",
    [
        {"method": "POST"},
        {"path": "^/Patient"},
        {"status": 404},
        {"method": "GET", "path": "Medication", "status": 201},
    ],
)
def test_what_does_not_match_is_left_alone(stand_in: StandIn, recorder: Recorder, match: dict[str, Any]) -> None:
    """Method, path and status all have to fit."""
    stand_in.answers(ORDER)
    with altered(stand_in, recorder, match=match, action="drop_field", field="text") as client:
        answer = client.read("MedicationRequest", "1")
    assert (answer.resource["text"], ALTERED in answer.headers) == ("én tablet", False)


def test_a_status_is_replaced_and_the_body_stays(stand_in: StandIn, recorder: Recorder) -> None:
    """A failure that looks like a success, or the other way round."""
    stand_in.answers(ORDER, status=500)
    with altered(stand_in, recorder, match={"path": "^/MedicationRequest/1$"}, action="status", status=200) as client:
        assert client.read("MedicationRequest", "1").expect(200).resource["text"] == "én tablet"


def test_a_lost_request_is_never_sent_and_looks_stored(stand_in: StandIn, recorder: Recorder) -> None:
    """Success is answered with what was sent, an id and a version; the server was not asked."""
    with altered(stand_in, recorder, match={"method": "POST"}, action="lose", times=1) as client:
        first = client.create(ORDER)
        stand_in.answers({"resourceType": "MedicationRequest", "id": "8"}, status=201)
        second = client.create(ORDER)
    assert (first.status, first.id, first.version, first.resource["text"]) == (201, "lost-1", "1", "én tablet")
    assert (second.id, len(stand_in.asked), recorder.count) == ("8", 1, 2)


def test_what_names_no_path_matches_the_base_itself(stand_in: StandIn, recorder: Recorder) -> None:
    """A transaction goes to the base URL, below which nothing stands; it can be lost as any other request."""
    with altered(stand_in, recorder, action="lose", status=200) as client:
        client.transaction({"resourceType": "Bundle", "type": "transaction", "entry": []})
    assert stand_in.asked == []


def test_a_repeated_request_arrives_twice(stand_in: StandIn, recorder: Recorder) -> None:
    """The second answer is the one that is given."""
    for number in ("1", "2"):
        stand_in.answers({"resourceType": "MedicationRequest", "id": number}, status=201)
    with altered(stand_in, recorder, match={"method": "POST", "status": 201}, action="repeat") as client:
        assert client.create(ORDER).id == "2"
    assert [asked.body for asked in stand_in.asked] == [stand_in.asked[0].body] * 2


def test_a_stale_answer_is_the_first_one_to_the_same_request(stand_in: StandIn, recorder: Recorder) -> None:
    """Another request is answered afresh."""
    for text in ("old", "new", "other"):
        stand_in.answers({"resourceType": "MedicationRequest", "text": text})
    with altered(stand_in, recorder, action="stale") as client:
        said = [client.read("MedicationRequest", name).resource["text"] for name in ("1", "1", "2")]
    assert said == ["old", "old", "other"]


def test_a_body_that_cannot_be_read_is_left_alone(stand_in: StandIn, recorder: Recorder) -> None:
    """An alteration of a field does not repair, nor break, what is no JSON."""
    stand_in.answers(b"\xff no json")
    with altered(stand_in, recorder, action="drop_field", field="text") as client:
        answer = client.read("MedicationRequest", "1")
    assert (answer.content, ALTERED in answer.headers) == (b"\xff no json", False)
