"""An order is found under the state that it is in, and under no other (INC-0054)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl import Drug, Epj, OrderRef, OrderState, PatientRef, Prescription


def test_a_stopped_order_is_not_found_among_the_active(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """A search by state finds exactly the orders that are in it: not one that once was, and all that are."""
    going_on, stopped, resumed = (
        epj.prescribe(patient, painkiller(name, at("2026-02-03 08:00")))
        for name in ("Paracetamol", "Ibuprofen", "Morfin")
    )
    epj.stop_medication(stopped, at("2026-02-05 12:00"))
    epj.pause_medication(resumed)
    epj.resume_medication(resumed)

    def found(state: OrderState | None = None) -> set[OrderRef]:
        return {order.ref for order in epj.medication_orders_of(patient, state)}

    assert found() == {going_on, stopped, resumed}, "the orders of the patient are not all in the chart"
    assert {going_on, resumed} <= found(OrderState.ACTIVE), "an active order is not found among the active ones"
    assert stopped not in found(OrderState.ACTIVE), "a stopped order is found among the active ones"
    assert found(OrderState.ACTIVE) == {going_on, resumed}, "an order that is not active is found among the active ones"
    assert found(OrderState.STOPPED) == {stopped}, "the stopped orders that are found are not those that were stopped"
    assert found(OrderState.PAUSED) == set(), "an order that was resumed is found among the paused ones"


def painkiller(name: str, start: datetime) -> Prescription:
    """Return an order of one tablet of `name` four times a day."""
    codes = {"Paracetamol": "N02BE01", "Ibuprofen": "M01AE01", "Morfin": "N02AA01"}
    return Prescription(
        drug=Drug(atc_code=codes[name], name=name),
        strength_mg=Decimal(10),
        dose=Decimal(1),
        dose_unit="{tablet}",
        interval=timedelta(hours=6),
        start=start,
        text="1 tablet højst fire gange i døgnet mod smerter",
    )
