"""The product that the doctor chose is the product that the patient gets (INC-0006)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl import Drug, Epj, PatientRef, Prescription

# One active ingredient, one ATC code, two products.
ELTROXIN = Drug(atc_code="H03AA01", name="Eltroxin")
EUTHYROX = Drug(atc_code="H03AA01", name="Euthyrox")


def test_products_of_one_ingredient_are_not_swapped(
    epj: Epj, patient: PatientRef, bystander: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Of two patients on products with the same ATC code, each has the own one in chart, label and shared record."""
    for whom, drug in ((patient, ELTROXIN), (bystander, EUTHYROX)):
        order = epj.prescribe(whom, thyroid_hormone(drug, at("2026-02-03 08:00")))

        (charted,) = epj.medication_orders_of(whom)
        shared = epj.shared_medication_record_of(whom).of(order)

        assert charted.prescription.drug == drug, "the chart names another product than the one prescribed"
        assert epj.label_of(order).drug == drug.name, "the label names another product than the one prescribed"
        assert shared is not None, "the prescription never reached the shared medication record"
        assert shared.prescription.drug == drug, "the shared medication record names another product than prescribed"


def thyroid_hormone(drug: Drug, start: datetime) -> Prescription:
    """Return an order of one tablet of 50 micrograms every morning."""
    return Prescription(
        drug=drug,
        strength_mg=Decimal("0.05"),
        dose=Decimal(1),
        dose_unit="{tablet}",
        interval=timedelta(days=1),
        start=start,
        text="1 tablet hver morgen på tom mave",
    )
