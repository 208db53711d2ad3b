"""Whoever reads an order reads the drug under the identifier by which it was ordered (INC-0057)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl import Drug, Epj, OrderState, PatientRef, Prescription

ORDERED = (
    Drug(atc_code="B01AA03", name="Warfarin"),
    Drug(atc_code="C01AA05", name="Digoxin"),
    Drug(atc_code="L01BA01", name="Methotrexat"),
    Drug(atc_code="N03AB02", name="Phenytoin"),
    Drug(atc_code="N05AN01", name="Lithium"),
)
"""Drugs that do not forgive being taken for another."""


def test_every_drug_is_read_back_under_its_identifier(
    epj: Epj, patient: PatientRef, bystander: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Code and name of each drug are read as they were ordered, before and after the order is changed."""
    orders = {
        epj.prescribe(patient, order_of(drug, at("2026-02-03 08:00") + timedelta(hours=number))): drug
        for number, drug in enumerate(ORDERED)
    }
    written = {order.ref: order.prescription.drug for order in epj.medication_orders_of(patient)}
    assert written == orders, "a drug is read under another identifier than the one it was ordered by"

    for order in orders:
        epj.change_dose(order, Decimal(2))
    changed = {order.ref: order.prescription.drug for order in epj.medication_orders_of(patient, OrderState.ACTIVE)}
    assert changed == orders, "a drug is read under another identifier after its dose was changed"
    assert epj.medication_orders_of(bystander) == [], "an order is read with a patient who does not have it"


def order_of(drug: Drug, start: datetime) -> Prescription:
    """Return an order of `drug`."""
    return Prescription(drug, Decimal(1), Decimal(1), "{tablet}", timedelta(days=1), start, "1 tablet dagligt")
