"""Deliveries: what the record says that it has sent is what has arrived, and what has not arrived is seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from epjgate.drivers.dsl import DeliveryState, Drug, Epj, Investigation, PatientRef, Prescription, Receiver

pytestmark = pytest.mark.needs(
    "patients", "medication", "orders", "delivery_ledger", "shared_medication_record", "laboratory_requisitions"
)

SOON = timedelta(minutes=1)


@pytest.fixture
def paracetamol(at: Callable[[str], datetime]) -> Prescription:
    """Return an order of paracetamol."""
    start = at("2026-02-03 08:00")
    drug = Drug("N02BE01", "Paracetamol")
    return Prescription(drug, Decimal(500), Decimal(2), "{tablet}", timedelta(hours=6), start, "2 tabletter")


@pytest.mark.severity("critical")
def test_the_ledger_tells_what_arrived(
    epj: Epj, patient: PatientRef, paracetamol: Prescription, at: Callable[[str], datetime]
) -> None:
    """Each message once, acknowledged at the first attempt, made now, without an alarm.

    Its kind is the sender's own word; of an HL7 v2 message it is the one that arrived.
    """
    epj.prescribe(patient, paracetamol)
    epj.order_lab(patient, Investigation("P-Kalium", at("2026-02-03 08:05"), "NPU03230"))
    assert epj.wait_for_deliveries(patient)
    ledger = epj.deliveries_of(patient)
    receivers = [Receiver.SHARED_MEDICATION_RECORD, Receiver.LABORATORY]
    arrived = [(one, message) for one in receivers for message in epj.receiver(one).messages_about(patient)]
    assert [delivery.receiver for delivery in ledger] == [receiver for receiver, _ in arrived] == receivers
    assert all(delivery.kind for delivery in ledger)
    assert ledger[1].kind == arrived[1][1].kind
    told = {(delivery.state, delivery.attempts, delivery.error, delivery.alarm) for delivery in ledger}
    assert told == {(DeliveryState.ACKNOWLEDGED, 1, "", False)}
    assert len({delivery.id for delivery in ledger}) == len(ledger)
    assert [delivery for delivery in ledger if abs(datetime.now(UTC) - delivery.created_at) > SOON] == []


@pytest.mark.severity("critical")
def test_what_a_receiver_refuses_is_seen(epj: Epj, patient: PatientRef, paracetamol: Prescription) -> None:
    """A message that is refused for good stands in the ledger as refused, with the reason and an alarm."""
    with epj.receiver(Receiver.SHARED_MEDICATION_RECORD).refuses(patient):
        epj.prescribe(patient, paracetamol)
        epj.wait_for_deliveries(patient)
    (refused,) = epj.undelivered_of(patient)
    assert (refused.receiver, refused.state) == (Receiver.SHARED_MEDICATION_RECORD, DeliveryState.REFUSED)
    assert (refused.attempts, refused.alarm) == (1, True)
    assert refused.error, "the ledger does not say why"


@pytest.mark.needs("status_banner", "national_register", "hospital_notifications")
@pytest.mark.severity("normal")
def test_users_are_told_of_every_connection(epj: Epj) -> None:
    """The state of the connection to each receiver is told; who is left out would be taken for well."""
    assert epj.status_banner().told == set(Receiver) - {Receiver.UNKNOWN}
