"""The label of a renewed prescription says the dose that holds now (INC-0002)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl import Drug, Epj, OrderState, PatientRef, Prescription


def test_a_renewed_prescription_says_the_dose_that_holds_now(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Change the dose, then renew: label, chart and shared medication record all say the new dose."""
    first = Prescription(
        drug=Drug(atc_code="C07AB02", name="Metoprololsuccinat"),
        strength_mg=Decimal(50),
        dose=Decimal(2),
        dose_unit="{tablet}",
        interval=timedelta(days=1),
        start=at("2026-02-03 08:00"),
        text="2 tabletter hver morgen",
    )
    now = replace(first, dose=Decimal(1), text="1 tablet hver morgen", start=at("2026-03-03 08:00"))
    old = epj.prescribe(patient, first)
    epj.change_dose(old, now.dose, text=now.text)
    renewed = epj.renew(old, now.start)

    label = epj.label_of(renewed)
    charted = {order.ref: order.prescription for order in epj.medication_orders_of(patient)}
    shared = {one.order: one for one in epj.shared_medication_record_of(patient).medications}

    assert label.text == now.text, "the label of a renewed prescription bears an outdated text"
    assert label.dose_mg == now.dose_mg, "the label of a renewed prescription states an outdated dose"
    assert charted.keys() == shared.keys() == {old, renewed}, "old and renewed order are not in both records"
    assert dosage(charted[renewed]) == dosage(now), "the chart does not say the dose that holds now"
    assert dosage(shared[renewed].prescription) == dosage(now), "the shared medication record says an outdated dose"
    assert shared[renewed].state is OrderState.ACTIVE, "the renewed order is not active in the shared medication record"
    assert shared[old].state is OrderState.COMPLETED, "the order that was renewed is still in use"


def dosage(prescription: Prescription) -> tuple[Decimal, timedelta, str]:
    """Return how much is taken, how often, and how that is worded."""
    return prescription.dose_mg, prescription.interval, prescription.text
