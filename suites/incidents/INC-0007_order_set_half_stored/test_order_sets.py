"""An order set is stored as a whole or not at all, and what was acknowledged is there (INC-0007)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl import Drug, Epj, OrderRef, PatientRef, Prescription, Refused

PLAN = (
    Drug(atc_code="N02BE01", name="Paracetamol"),
    Drug(atc_code="M01AE01", name="Ibuprofen"),
    Drug(atc_code="N02AA01", name="Morfin"),
    Drug(atc_code="A06AB08", name="Natriumpicosulfat"),
    Drug(atc_code="A02BC01", name="Omeprazol"),
    Drug(atc_code="A04AA01", name="Ondansetron"),
    Drug(atc_code="B01AB05", name="Enoxaparin"),
    Drug(atc_code="J01DC02", name="Cefuroxim"),
)
"""What a patient gets after an operation: drugs that are safe together, and not one without the other."""


def test_every_order_of_an_acknowledged_set_is_there(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """As many orders as were sent are acknowledged, and the record holds exactly these."""
    ordered = after_operation(at("2026-02-03 08:00"))
    acknowledged = epj.prescribe_all(patient, ordered)
    charted = {order.ref: order.prescription for order in epj.medication_orders_of(patient)}

    assert len(set(acknowledged)) == len(ordered), "orders of a set were acknowledged as one"
    assert charted == dict(zip(acknowledged, ordered, strict=True)), "what was acknowledged is not in the record"


def test_a_set_that_is_refused_leaves_nothing_behind(
    epj: Epj, patient: PatientRef, bystander: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Wherever in the set an order stands that ends before it begins: none is in use, unless all were acknowledged."""
    whole = after_operation(at("2026-02-03 08:00"))
    acknowledged: set[OrderRef] = set()
    for place, order in enumerate(whole):
        spoiled = [*whole[:place], replace(order, end=order.start - timedelta(days=1)), *whole[place + 1 :]]
        with suppress(Refused):
            acknowledged |= set(epj.prescribe_all(patient, spoiled))
        in_use = {order.ref for order in epj.medication_orders_of(patient)}
        assert in_use == acknowledged, "part of an order set that was refused is in use"

    epj.prescribe_all(bystander, whole)
    assert len(epj.medication_orders_of(bystander)) == len(whole), "the same set without a fault was not stored"


def after_operation(start: datetime) -> list[Prescription]:
    """Return the orders of the plan, one after the other."""
    return [
        Prescription(
            drug=drug,
            strength_mg=Decimal(500),
            dose=Decimal(1),
            dose_unit="{dose}",
            interval=timedelta(hours=8),
            start=start + timedelta(minutes=number),
            text="Efter skema for operation",
        )
        for number, drug in enumerate(PLAN)
    ]
