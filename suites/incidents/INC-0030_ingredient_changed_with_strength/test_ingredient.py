"""A change of strength never changes the active ingredient (INC-0030)."""

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
SODIUM_CHLORIDE = Drug(atc_code="B05XA03", name="Natriumklorid")
INFUSIONS = [
    SODIUM_CHLORIDE,
    Drug(atc_code="B05XA02", name="Natriumhydrogencarbonat"),
    Drug(atc_code="B05XA01", name="Kaliumklorid"),
]
STRENGTHS_MG_PER_ML = [Decimal(text) for text in ("9", "14", "50", "58.5", "84", "150", "234")]


def test_the_ingredient_survives_a_change_of_strength(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Whatever strength an infusion is changed to, everybody reads the drug that was ordered, in that strength."""
    ordered: dict[OrderRef, tuple[Drug, Decimal]] = {}

    @FEW
    @given(
        drug=st.sampled_from(INFUSIONS),
        first_mg=st.sampled_from(STRENGTHS_MG_PER_ML),
        then_mg=st.sampled_from(STRENGTHS_MG_PER_ML),
    )
    @example(drug=SODIUM_CHLORIDE, first_mg=Decimal(9), then_mg=Decimal(84))
    def change_strength_and_read_label(drug: Drug, first_mg: Decimal, then_mg: Decimal) -> None:
        order = epj.prescribe(patient, infusion(drug, first_mg, at("2026-02-03 08:00")))
        epj.change_dose(order, Decimal(10), strength_mg=then_mg)
        ordered[order] = (drug, then_mg)
        label = epj.label_of(order)
        assert label.drug == drug.name, "the label names another drug after a change of strength"
        assert label.strength_mg == then_mg, "the label states another strength than the one it was changed to"

    change_strength_and_read_label()
    charted = {order.ref: order.prescription for order in epj.medication_orders_of(patient)}
    shared = {one.order: one.prescription for one in epj.shared_medication_record_of(patient).medications}

    assert drugs_in(charted) == ordered, "the chart holds another drug or strength after a change of strength"
    assert drugs_in(shared) == ordered, "the shared medication record holds another drug or strength after a change"


def drugs_in(found: dict[OrderRef, Prescription]) -> dict[OrderRef, tuple[Drug, Decimal]]:
    """Return drug and strength of every order."""
    return {order: (one.drug, one.strength_mg) for order, one in found.items()}


def infusion(drug: Drug, strength_mg: Decimal, start: datetime) -> Prescription:
    """Return an order of 10 mL of `drug`, `strength_mg` in each of them, every six hours."""
    return Prescription(
        drug=drug,
        strength_mg=strength_mg,
        dose=Decimal(10),
        dose_unit="mL",
        interval=timedelta(hours=6),
        start=start,
        text="Gives intravenøst efter skema",
    )
