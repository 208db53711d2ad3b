"""An order whose acknowledgement is lost is sent again, and stays one order (INC-0005)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl import Drug, Epj, PatientRef, Prescription, Receiver


def test_an_order_that_is_sent_again_stays_one_order(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Lose the answer to a new order and to its change: the shared medication record has one order, changed once."""
    record = epj.receiver(Receiver.SHARED_MEDICATION_RECORD)
    with record.loses_the_acknowledgement(patient):
        order = epj.prescribe(
            patient,
            Prescription(
                drug=Drug(atc_code="N02AA01", name="Morfin"),
                strength_mg=Decimal(10),
                dose=Decimal(1),
                dose_unit="{tablet}",
                interval=timedelta(hours=6),
                start=at("2026-02-03 08:00"),
                text="1 tablet hver 6. time",
            ),
        )
    created = epj.shared_medication_record_of(patient)
    with record.loses_the_acknowledgement(patient):
        epj.change_dose(order, Decimal(2), text="2 tabletter hver 6. time")
    changed = epj.shared_medication_record_of(patient)

    assert [one.order for one in created.medications] == [order], "an order that was sent again is not one order"
    assert [one.order for one in changed.medications] == [order], "a change that was sent again is not one order"
    assert changed.medications[0].prescription.dose == Decimal(2), "a change that was sent again did not arrive"
    assert (created.version, changed.version) == (1, 2), "what was sent again was entered again"
    assert epj.undelivered_of(patient) == [], "what the receiver has is not acknowledged in the ledger"
