"""What the ledger calls acknowledged is what the receiver has (INC-0025)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from epjgate.drivers.dsl import DeliveryState, EncounterState, Epj, PatientRef, Receiver


def test_what_a_busy_receiver_puts_off_arrives_in_the_end(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """A municipality that asks to be told later is told later; until then nothing counts as delivered."""
    with epj.receiver(Receiver.HOSPITAL_NOTIFICATIONS).is_busy(patient, times=2):
        epj.admit(patient, at("2026-02-03 08:00"), "Medicinsk afsnit M1")
    told = epj.notifications_of(patient)
    acknowledged = acknowledged_by_ledger(epj, patient)

    assert len(told) == acknowledged, "the ledger calls acknowledged what the receiver does not have"
    assert [one.state for one in told] == [EncounterState.ADMITTED], "the municipality was not told of an admission"


def test_what_a_receiver_refuses_is_not_acknowledged(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """A letter that its receiver refuses for good stands as refused in the ledger, and raises the alarm."""
    municipality = epj.receiver(Receiver.HOSPITAL_NOTIFICATIONS)
    stay = epj.admit(patient, at("2026-02-03 08:00"), "Medicinsk afsnit M1")
    epj.wait_for_deliveries(patient)
    with municipality.refuses(patient):
        epj.discharge(stay, at("2026-02-05 11:00"), "DI109")
    told = epj.notifications_of(patient)
    acknowledged = acknowledged_by_ledger(epj, patient)
    undelivered = [one for one in epj.undelivered_of(patient) if one.receiver is Receiver.HOSPITAL_NOTIFICATIONS]

    assert [one.state for one in told] == [EncounterState.ADMITTED], "the municipality took what it refused"
    assert len(told) == acknowledged, "the ledger calls acknowledged what the receiver refused"
    assert [one.state for one in undelivered] == [DeliveryState.REFUSED], "a refusal does not stand in the ledger"
    assert all(one.alarm for one in undelivered), "a letter that was refused raises no alarm"


def acknowledged_by_ledger(epj: Epj, patient: PatientRef) -> int:
    """Return how many notifications about `patient` count as acknowledged in the sender's own ledger."""
    notifications = [one for one in epj.deliveries_of(patient) if one.receiver is Receiver.HOSPITAL_NOTIFICATIONS]
    return sum(one.state is DeliveryState.ACKNOWLEDGED for one in notifications)
