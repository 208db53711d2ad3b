"""A message is read once: its identities, its resources, and where references lead."""

from __future__ import annotations

import pytest
from tests.partners.messages import Content, bundle, notification

from epjgate.partners.documents import Malformed
from epjgate.partners.message_bundle import MessageBundle


def test_a_message_knows_its_identities_and_its_event() -> None:
    """Bundle.id, MessageHeader.id and the code of the event."""
    message = MessageBundle(bundle(notification(), "b1", "h1"))
    assert (message.bundle_id, message.header_id) == ("b1", "h1")
    assert message.event == "hospital-notification-message"


def test_references_lead_by_url_and_by_type_and_id() -> None:
    """Both names of an entry find it, and what is not there is not found."""
    resources = notification()
    resources["patient"]["id"] = "17"
    message = MessageBundle(bundle(resources))
    patient = message.only("Patient")
    assert message.find("Patient/17") is patient
    assert message.find(message.only("Encounter")["subject"]["reference"]) is patient  # type: ignore[call-overload,index]
    assert message.find("Patient/18") is None
    assert message.find(None) is None


@pytest.mark.parametrize(
    "elements",
    [{"type": "transaction"}, {"timestamp": None}, {"id": ""}, {"resourceType": "X"}, {"entry": []}, {"entry": 5}],
)
def test_what_is_no_message_is_malformed(elements: Content) -> None:
    """Type, time, id and a header are needed."""
    with pytest.raises(Malformed, match="Bundle"):
        MessageBundle(bundle(notification()) | elements)


def test_one_of_a_kind_means_one() -> None:
    """None and two are told with their number."""
    message = MessageBundle(bundle(notification()))
    with pytest.raises(Malformed, match="one Organization, this one holds 2"):
        message.only("Organization")
    with pytest.raises(Malformed, match="one Device, this one holds 0"):
        message.only("Device")
