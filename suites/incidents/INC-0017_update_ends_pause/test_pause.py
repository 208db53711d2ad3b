"""An update of a paused order does not end the pause in the shared medication record (INC-0017)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl import Drug, Epj, OrderRef, OrderState, PatientRef, Prescription, SharedMedication


def test_a_change_of_dose_does_not_end_a_pause(epj: Epj, patient: PatientRef, at: Callable[[str], datetime]) -> None:
    """A paused order that is changed stays paused for everybody who reads the shared record, until it is resumed."""
    order = epj.prescribe(
        patient,
        Prescription(
            drug=Drug(atc_code="B01AA03", name="Warfarin"),
            strength_mg=Decimal("2.5"),
            dose=Decimal(2),
            dose_unit="{tablet}",
            interval=timedelta(days=1),
            start=at("2026-02-03 18:00"),
            text="2 tabletter hver aften",
        ),
    )
    epj.pause_medication(order)
    paused = shared(epj, patient, order)
    epj.change_dose(order, Decimal(1), text="1 tablet hver aften, når pausen er forbi")
    changed = shared(epj, patient, order)
    epj.resume_medication(order)
    resumed = shared(epj, patient, order)

    assert paused.state is OrderState.PAUSED, "a pause did not reach the shared medication record"
    assert changed.prescription.dose == Decimal(1), "a new dose did not reach the shared medication record"
    assert changed.state is OrderState.PAUSED, "a change of dose ended the pause in the shared medication record"
    assert changed.paused_from == paused.paused_from, "the pause began at another time after a change of dose"
    assert resumed.state is OrderState.ACTIVE, "the end of a pause did not reach the shared medication record"


def shared(epj: Epj, patient: PatientRef, order: OrderRef) -> SharedMedication:
    """Return what the shared medication record says of `order`, which has to be there."""
    found = epj.shared_medication_record_of(patient).of(order)
    assert found is not None, "the order is not in the shared medication record"
    return found
