"""What is on its way when the system goes down arrives all the same: once, and in its order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.dsl import DeliveryState, Epj, Investigation, OrderState, PatientRef, Prescription, Receiver

if TYPE_CHECKING:
    from suites.upgrade.conftest import Walk

pytestmark = [pytest.mark.needs("patients", "medication", "delivery_ledger"), pytest.mark.severity("blocker")]

Moment = Callable[[str], datetime]
# A sender that got no answer often enough waits longer before it tries again.
LIMIT_S = 30.0
ONCE = (True, False)


@pytest.mark.needs("shared_medication_record")
def test_queued_messages_arrive_once_and_in_order(
    epj: Epj, patient: PatientRef, weekly: Prescription, at: Moment
) -> Walk:
    """The receiver is down before and during the upgrade: what waits for it waits on, then arrives, and never again."""
    record = epj.receiver(Receiver.SHARED_MEDICATION_RECORD)
    with record.is_unreachable(patient):
        order = epj.prescribe(patient, weekly)
        epj.change_dose(order, Decimal(4))
        epj.stop_medication(order, at("2026-02-10 09:15"))
        waiting = [one.id for one in epj.deliveries_of(patient) if one.is_on_its_way]
        assert len(waiting) == 3
        epj = yield
        still = [one.id for one in epj.deliveries_of(patient) if one.is_on_its_way]
        assert still == waiting, "what waited for the receiver no longer does"
    assert epj.wait_for_deliveries(patient, within_s=LIMIT_S), "something is still on its way"
    arrived = epj.receiver(Receiver.SHARED_MEDICATION_RECORD).messages_about(patient)
    assert [(one.accepted, one.repeated) for one in arrived] == [ONCE] * 3
    card = epj.shared_medication_record_of(patient)
    assert card.version == 3
    assert [(one.order, one.state, one.prescription.dose) for one in card.medications] == [
        (order, OrderState.STOPPED, Decimal(4))
    ]
    epj = yield
    ledger = epj.deliveries_of(patient)
    assert [(one.id, one.state) for one in ledger] == [(one, DeliveryState.ACKNOWLEDGED) for one in waiting]
    assert epj.receiver(Receiver.SHARED_MEDICATION_RECORD).messages_about(patient) == arrived, "it was sent again"


@pytest.mark.needs("shared_medication_record", "orders", "laboratory_requisitions")
def test_what_has_arrived_is_not_sent_again(epj: Epj, patient: PatientRef, weekly: Prescription, at: Moment) -> Walk:
    """A new release sends nothing anew, and tells the same of what was sent; it goes on where the old one was."""
    order = epj.prescribe(patient, weekly)
    epj.order_lab(patient, Investigation("P-Kalium", at("2026-02-03 06:00"), "NPU03230"))
    assert epj.wait_for_deliveries(patient, within_s=LIMIT_S), "something is still on its way"
    ledger, arrived = epj.deliveries_of(patient), messages(epj, patient)
    assert [len(kinds) for kinds in arrived] == [1, 1]
    epj = yield
    assert epj.deliveries_of(patient) == ledger, "the ledger does not tell the same of what was sent"
    assert messages(epj, patient) == arrived, "something was sent again"
    epj.stop_medication(order, at("2026-02-10 09:15"))
    assert epj.wait_for_deliveries(patient, within_s=LIMIT_S), "something is still on its way"
    later = messages(epj, patient)
    assert [len(kinds) for kinds in later] == [2, 1]
    epj = yield
    assert epj.deliveries_of(patient)[: len(ledger)] == ledger, "the ledger does not tell the same of what was sent"
    assert messages(epj, patient) == later, "something was sent again"
    card = epj.shared_medication_record_of(patient)
    assert [(one.order, one.state) for one in card.medications] == [(order, OrderState.STOPPED)]


def messages(epj: Epj, patient: PatientRef) -> list[list[datetime]]:
    """Return when messages about `patient` came to the shared medication record, and when to the laboratory."""
    receivers = (Receiver.SHARED_MEDICATION_RECORD, Receiver.LABORATORY)
    return [[one.at for one in epj.receiver(receiver).messages_about(patient)] for receiver in receivers]
