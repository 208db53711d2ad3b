"""A slow shared medication record gets all changes in the order in which they were made (INC-0016)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl import Drug, Epj, OrderState, PatientRef, Prescription, Receiver


def test_the_last_change_is_what_a_slow_record_holds(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Change a dose three times while the record is too slow to answer: it ends with what was decided last."""
    order = epj.prescribe(
        patient,
        Prescription(
            drug=Drug(atc_code="C03CA01", name="Furosemid"),
            strength_mg=Decimal(40),
            dose=Decimal(1),
            dose_unit="{tablet}",
            interval=timedelta(days=1),
            start=at("2026-02-03 08:00"),
            text="1 tablet hver morgen",
        ),
    )
    epj.wait_for_deliveries(patient)
    with epj.receiver(Receiver.SHARED_MEDICATION_RECORD).is_slow(patient, seconds=2.5):
        for tablets in (2, 4, 3):
            epj.change_dose(order, Decimal(tablets), text=f"{tablets} tabletter hver morgen")
    card = epj.shared_medication_record_of(patient, within_s=10)

    shared = card.of(order)
    assert shared is not None, "the order is not in the shared medication record"
    assert shared.prescription.dose == Decimal(3), "the shared medication record holds a dose that was overtaken"
    assert shared.prescription.text == "3 tabletter hver morgen", "the shared medication record holds an old text"
    assert shared.state is OrderState.ACTIVE, "the order is not active in the shared medication record"
    assert card.version == 4, "a change reached the shared medication record twice or not at all"
    assert epj.undelivered_of(patient) == [], "the queue for the shared medication record has not drained"
