"""Answers of every interface as slots that can be named, changed and written back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.sensing.conftest import ACK, OBSERVATION, received, searchset

from epjgate.drivers import exact_json
from epjgate.sensing.bodies import Body, read_body

PATIENT = {"resourceType": "Patient", "id": "p1"}


def body(value: Any, interface: str = "fhir_r4", subject: str = "x") -> Body:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    read = read_body(interface, subject, content)
    assert read is not None
    return read


def names(read: Body) -> list[str]:
    return [f"{slot.subject}.{slot.field}" for slot in read.slots()]


def test_a_resource_is_its_own_subject_wherever_it_stands() -> None:
    """Read alone or found by a search, the place has the same name; the page around it is the Bundle's."""
    alone, found = body(OBSERVATION), body(searchset(OBSERVATION))
    assert set(names(alone)) < set(names(found))
    assert {"Bundle.total", "Bundle.entry.search.mode", "Observation.valueQuantity.unit"} < set(names(found))
    assert "Observation.extension[flag].valueBoolean" in names(found)


def test_what_has_no_type_is_called_by_its_path() -> None:
    """An answer of administration, for example."""
    assert names(body({"deliveries": [{"state": "sent"}]}, "admin", "deliveries")) == [
        "deliveries.deliveries",
        "deliveries.deliveries.state",
    ]


def test_an_entry_goes_with_its_number() -> None:
    """A page from which a record is missing says as many as there are."""
    page = body(searchset(PATIENT, OBSERVATION, OBSERVATION))
    listings = {listing.subject: listing for listing in page.listings()}
    listings["Observation"].drop_last()
    left = json.loads(page.content())
    assert ([entry["resource"]["id"] for entry in left["entry"]], left["total"]) == (["p1", "o1"], 2)
    listings["Patient"].double_last()
    assert [entry["resource"]["id"] for entry in json.loads(page.content())["entry"]] == ["p1", "p1", "o1"]


def test_segments_and_fields_of_a_message_are_slots() -> None:
    """A whole segment can go, and the two fields that say how to read the message stay."""
    ack = body(ACK.encode(), "hl7v2", "ORU^R01")
    assert {"ORU^R01.MSA", "ORU^R01.MSA-1", "ORU^R01.MSH-9.1"} < set(names(ack))
    assert "ORU^R01.MSH" not in names(ack)
    next(slot for slot in ack.slots() if slot.field == "MSA").drop()
    assert ack.content() == ACK.partition("MSA")[0].encode()


def test_every_message_that_a_receiver_got_is_a_body_of_its_own() -> None:
    """JSON and HL7 v2, and what is neither is left alone."""
    _, got = received('{"Version": 1}', "no message", ACK)
    messages = body(got.content, "partners/lpr3")
    assert {"POST reports.Version", "POST reports.MSA-1"} < set(names(messages))
    next(slot for slot in messages.slots() if slot.field == "Version").put(2)
    assert [one["text"] for one in json.loads(messages.content())["messages"]] == ['{"Version":2}', "no message", ACK]


def test_the_last_message_of_a_kind_goes_or_comes_twice() -> None:
    """Nobody is told how many there are."""
    messages = body(received('{"a": 1}', '{"a": 2}')[1].content, "partners/lpr3")
    (listing,) = messages.listings()
    listing.double_last()
    assert len(json.loads(messages.content())["messages"]) == 3


def test_a_medicine_card_is_a_subject() -> None:
    """What FMK hands out."""
    assert names(body({"card": {"Version": 1}}, "partners/fmk")) == ["MedicineCard.Version"]


def test_digits_stay_what_they_are() -> None:
    """A value that is not touched keeps its zeros."""
    assert body(b'{"value": 3.90}').content() == exact_json.encode(exact_json.decode(b'{"value": 3.90}'))
    assert b"3.90" in body(b'{"value": 3.90}').content()


@pytest.mark.parametrize("content", [b"", b"\xff", b"no json", b" " * 3_000_000])
def test_what_cannot_be_read_has_no_body(content: bytes) -> None:
    """Nor has what is too long to be looked through."""
    assert read_body("fhir_r4", "x", content) is None
