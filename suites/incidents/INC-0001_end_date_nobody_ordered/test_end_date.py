"""An order until further notice has no end in the shared medication record (INC-0001)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl import Drug, Epj, PatientRef, Prescription


def test_an_end_stands_only_where_a_doctor_set_one(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Until further notice is no end, in chart and shared record; a course of treatment has the one it was given."""
    lasting = Prescription(
        drug=Drug(atc_code="C07AB02", name="Metoprololsuccinat"),
        strength_mg=Decimal(50),
        dose=Decimal(1),
        dose_unit="{tablet}",
        interval=timedelta(days=1),
        start=at("2026-02-03 08:00"),
        text="1 tablet hver morgen mod forhøjet blodtryk",
    )
    course = replace(lasting, start=at("2026-02-04 08:00"), end=at("2026-02-11 08:00"))
    until_further_notice, for_a_week = epj.prescribe(patient, lasting), epj.prescribe(patient, course)
    epj.change_dose(until_further_notice, Decimal(2))

    charted = {order.ref: order.prescription.end for order in epj.medication_orders_of(patient)}
    shared = {one.order: one.prescription.end for one in epj.shared_medication_record_of(patient).medications}

    assert charted == {until_further_notice: None, for_a_week: course.end}, "an end in the chart is not the ordered one"
    assert shared.keys() == charted.keys(), "the shared medication record does not hold the orders of the chart"
    assert shared[for_a_week] == course.end, "an end that was ordered is another one in the shared medication record"
    assert shared[until_further_notice] is None, "the shared medication record holds an end that nobody ordered"
