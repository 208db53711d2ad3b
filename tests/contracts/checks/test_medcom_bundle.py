"""A MedCom message as checks read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.contracts.checks.medcom_bundle import (
    all_of,
    extension,
    header_of,
    identifier,
    is_instant,
    leaves,
    led_to,
    said,
    uuid_of,
)

OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
DOCUMENT = {
    "entry": [
        {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "MessageHeader", "id": "1"}},
        {"fullUrl": "https://example.org/Patient/2", "resource": {"resourceType": "Patient", "id": "2"}},
    ]
}


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=OFFSETS))  # noqa: DTZ001 - bounds are local
def test_a_time_with_its_offset_is_an_instant(moment: datetime) -> None:
    """To the second or finer, in any zone, and with Z."""
    assert is_instant(moment.isoformat())
    assert is_instant(moment.astimezone(UTC).isoformat().replace("+00:00", "Z"))


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 - bounds are local
def test_a_time_without_an_offset_is_none(moment: datetime) -> None:
    """Nor is a day, nor a time to the minute."""
    assert not is_instant(moment.isoformat())
    assert not is_instant(moment.date().isoformat())
    assert not is_instant(f"{moment:%Y-%m-%dT%H:%M}+01:00")


@pytest.mark.parametrize("value", [None, 5, "", "2026-02-31T08:00:00Z", "2026-02-03T25:00:00Z", "2026-02-03 08:00:00Z"])
def test_what_never_was_is_no_instant(value: object) -> None:
    """31 February, 25 o'clock, and what is no text."""
    assert not is_instant(value)


@given(st.uuids(), st.booleans())
def test_a_uuid_is_read_as_it_is_written(uuid: object, as_urn: bool) -> None:  # noqa: FBT001 - drawn
    """Bare and as a URN, in small and capital letters."""
    text = f"urn:uuid:{uuid}" if as_urn else str(uuid)
    assert uuid_of(text) == uuid_of(text.upper().replace("URN:UUID:", "urn:uuid:")) == uuid


UUID = "2a3f1d5e-8d4e-4f0a-9d43-0a8a5a5a5a5a"


@pytest.mark.parametrize(
    "value", [None, 17, "", "2a3f", UUID.replace("-", ""), f"{{{UUID}}}", f"{UUID} ", f"uuid:{UUID}"]
)
def test_what_is_written_otherwise_is_no_uuid(value: object) -> None:
    """Not even where Python would read it as one."""
    assert uuid_of(value) is None


def test_references_lead_by_url_and_by_type_and_id() -> None:
    """To a resource of the type asked for, or nowhere."""
    patient = DOCUMENT["entry"][1]["resource"]
    assert led_to(DOCUMENT, "https://example.org/Patient/2") is patient
    assert led_to(DOCUMENT, "Patient/2", "Patient") is patient
    assert led_to(DOCUMENT, "Patient/2", "Organization") is None
    assert led_to(DOCUMENT, "Patient/3") is led_to(DOCUMENT, None) is None


def test_the_header_is_the_first_resource() -> None:
    """Where it is another one, there is no header to check."""
    assert header_of(DOCUMENT) is all_of(DOCUMENT, "MessageHeader")[0]
    with pytest.raises(KeyError):
        header_of({"entry": DOCUMENT["entry"][1:]})


def test_leaves_have_their_paths() -> None:
    """Objects by name, lists by number."""
    assert list(leaves({"a": [{"b": 1}, 2], "c": None})) == [("a[0].b", 1), ("a[1]", 2), ("c", None)]


def test_extensions_and_identifiers_are_found_by_their_names() -> None:
    """None and nothing where they are not there."""
    element = {"extension": [{"url": "x", "value": 1}], "identifier": [{"system": "s", "value": "v"}]}
    assert (extension(element, "x"), extension(element, "y"), extension({}, "x")) == (
        {"url": "x", "value": 1},
        None,
        None,
    )
    assert (identifier(element, "s"), identifier(element, "t"), identifier({}, "s")) == ("v", "", "")


def test_what_a_message_says_is_told_by_roles() -> None:
    """Identities, narratives, profiles and words for codes are left out; references name roles, times are moments."""
    message = {
        "entry": [
            {
                "fullUrl": "urn:uuid:1",
                "resource": {
                    "resourceType": "MessageHeader",
                    "id": "1",
                    "text": {"div": "A letter"},
                    "meta": {"profile": ["p"]},
                    "eventCoding": {"code": "x", "display": "A letter"},
                    "sender": {"reference": "Organization/3"},
                    "destination": [{"receiver": {"reference": "urn:uuid:2"}}],
                    "focus": [{"reference": "Elsewhere/9"}],
                },
            },
            {"fullUrl": "urn:uuid:2", "resource": {"resourceType": "Organization", "id": "2", "name": "Home care"}},
            {"fullUrl": "urn:uuid:3", "resource": {"resourceType": "Organization", "id": "3", "name": "Hospital"}},
            {
                "fullUrl": "urn:uuid:4",
                "resource": {
                    "resourceType": "Provenance",
                    "id": "4",
                    "target": [{"reference": "urn:uuid:1"}],
                    "recorded": "2026-02-06T14:00:00+01:00",
                },
            },
            {"fullUrl": "urn:uuid:5", "resource": {"resourceType": "Provenance", "id": "5", "recorded": "2026-02-06"}},
        ]
    }
    assert said(message) == {
        "MessageHeader": [
            {
                "eventCoding": {"code": "x"},
                "sender": {"reference": "#sender"},
                "destination": [{"receiver": {"reference": "#receiver"}}],
                "focus": [{"reference": "Elsewhere/9"}],
            }
        ],
        "receiver": [{"name": "Home care"}],
        "sender": [{"name": "Hospital"}],
        "Provenance": [
            {"target": [{"reference": "#MessageHeader"}], "recorded": datetime(2026, 2, 6, 13, tzinfo=UTC)},
            {"recorded": "2026-02-06"},
        ],
    }


def test_a_message_without_resources_says_nothing_that_could_be_compared() -> None:
    """There is no header to tell who is who."""
    with pytest.raises(LookupError):
        said({"entry": []})
