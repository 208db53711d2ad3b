"""Every interval between two doses survives, and once a week stays once a week (INC-0026)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from epjgate.drivers.dsl import Drug, Epj, OrderRef, PatientRef, Prescription

FEW = settings(
    max_examples=8, deadline=None, database=None, phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False
)
INTERVALS = st.one_of(
    st.integers(1, 26).map(lambda weeks: timedelta(weeks=weeks)),
    st.integers(1, 40).map(lambda days: timedelta(days=days)),
    st.integers(1, 72).map(lambda hours: timedelta(hours=hours)),
    st.integers(15, 90).map(lambda minutes: timedelta(minutes=minutes)),
)


def test_every_interval_is_the_same_everywhere(epj: Epj, patient: PatientRef, at: Callable[[str], datetime]) -> None:
    """Weeks, days, hours and minutes: chart, label and shared medication record hold the interval that was ordered."""
    ordered: dict[OrderRef, timedelta] = {}

    @FEW
    @given(interval=INTERVALS)
    @example(interval=timedelta(weeks=1))
    def prescribe_and_read_label(interval: timedelta) -> None:
        order = epj.prescribe(patient, methotrexate(interval, at("2026-02-02 08:00")))
        ordered[order] = interval
        assert epj.label_of(order).interval == interval, "the label states another interval than the one ordered"

    prescribe_and_read_label()
    charted = {order.ref: order.prescription.interval for order in epj.medication_orders_of(patient)}
    shared = {one.order: one.prescription.interval for one in epj.shared_medication_record_of(patient).medications}

    assert charted == ordered, "the chart holds other intervals than those ordered"
    assert shared == ordered, "the shared medication record holds other intervals than those ordered"


def methotrexate(interval: timedelta, start: datetime) -> Prescription:
    """Return an order of three tablets of 2.5 mg every `interval`."""
    return Prescription(
        drug=Drug(atc_code="L04AX03", name="Methotrexat"),
        strength_mg=Decimal("2.5"),
        dose=Decimal(3),
        dose_unit="{tablet}",
        interval=interval,
        start=start,
        text="3 tabletter ad gangen",
    )
