"""Ledger, banner and certificates on a system's own administration interface."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.drivers.admin import JsonClient
from epjgate.drivers.dsl.admin_oversight import AdminCertificates, AdminDeliveryLedger, AdminStatusBanner
from epjgate.drivers.dsl.oversight import DeliveryState
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.dsl.receivers import Receiver
from epjgate.errors import CandidateFault

if TYPE_CHECKING:
    from tests.drivers.conftest import StandIn

    from epjgate.evidence.recorder import Recorder

ENTRY: dict[str, Any] = {
    "id": 3,
    "partner": "fmk",
    "kind": "POST drug-medications",
    "patient": "7",
    "state": "sent-failed",
    "attempts": 2,
    "error": None,
    "createdAt": "2026-03-01T08:00:00+00:00",
    "alarm": False,
}


@pytest.fixture
def admin(stand_in: StandIn, recorder: Recorder) -> Iterator[JsonClient]:
    with JsonClient(stand_in.url, recorder, timeout_s=2) as client:
        yield client


@pytest.mark.parametrize(
    ("state", "known", "on_its_way"),
    [
        ("queued", DeliveryState.QUEUED, True),
        ("sent-failed", DeliveryState.RETRYING, True),
        ("acknowledged", DeliveryState.ACKNOWLEDGED, False),
        ("refused", DeliveryState.REFUSED, False),
        ("unroutable", DeliveryState.UNROUTABLE, False),
    ],
)
def test_a_delivery_is_read(
    stand_in: StandIn, admin: JsonClient, state: str, known: DeliveryState, *, on_its_way: bool
) -> None:
    """Its state says whether it may still arrive."""
    stand_in.answers({"deliveries": [{**ENTRY, "state": state}]})
    (delivery,) = AdminDeliveryLedger(admin).deliveries_of(PatientRef("7"))
    assert (delivery.id, delivery.receiver, delivery.error) == ("3", Receiver.SHARED_MEDICATION_RECORD, "")
    assert (delivery.state, delivery.is_on_its_way, delivery.alarm) == (known, on_its_way, False)
    assert stand_in.asked[0].path == "/fhir/deliveries?patient=7"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"state": "lost"}, "in state 'lost'"),
        ({"partner": "pigeon"}, "sends to 'pigeon'"),
        ({"createdAt": "2026-03-01T08:00:00"}, "without a time zone"),
    ],
)
def test_what_nobody_knows_is_the_candidates_fault(
    stand_in: StandIn, admin: JsonClient, changes: dict[str, str], told: str
) -> None:
    """A state that is not understood is never taken for delivered."""
    stand_in.answers({"deliveries": [{**ENTRY, **changes}]})
    with pytest.raises(CandidateFault, match=told):
        AdminDeliveryLedger(admin).deliveries_of(PatientRef("7"))


def test_a_delivery_about_somebody_else_is_the_candidates_fault(stand_in: StandIn, admin: JsonClient) -> None:
    """Who asks about one patient is not to wait for another's messages, nor to learn of them."""
    stand_in.answers({"deliveries": [ENTRY, {**ENTRY, "patient": "8"}]})
    with pytest.raises(CandidateFault, match="1 of the deliveries about patient 7 are about others"):
        AdminDeliveryLedger(admin).deliveries_of(PatientRef("7"))


def test_everything_but_ok_is_disturbed(stand_in: StandIn, admin: JsonClient) -> None:
    """A state that nobody has heard of is neither, and no answer."""
    partners = {"fmk": "ok", "lpr3": "degraded", "medcom": "unroutable"}
    stand_in.answers({"partners": partners, "banner": "Ingen forbindelse"})
    stand_in.answers({"partners": {**partners, "fmk": "who knows"}, "banner": ""})
    banner = AdminStatusBanner(admin).banner()
    assert banner.disturbed == {Receiver.NATIONAL_REGISTER, Receiver.HOSPITAL_NOTIFICATIONS}
    assert banner.told == {Receiver.SHARED_MEDICATION_RECORD, *banner.disturbed}
    assert banner.text == "Ingen forbindelse"
    with pytest.raises(CandidateFault, match="a connection is 'who knows'"):
        AdminStatusBanner(admin).banner()


def test_certificates_come_by_name(stand_in: StandIn, admin: JsonClient) -> None:
    """With their last moment."""
    ends = {"b.pem": "2030-01-01T00:00:00+00:00", "a.pem": "2031-01-01T00:00:00+00:00"}
    stand_in.answers({"certificates": [{"name": name, "notAfter": end} for name, end in ends.items()]})
    assert [(one.name, one.expires_at.year) for one in AdminCertificates(admin).shipped()] == [
        ("a.pem", 2031),
        ("b.pem", 2030),
    ]
