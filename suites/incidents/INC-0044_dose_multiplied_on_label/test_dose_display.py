"""The dose on the label is the dose that was ordered, and not a multiple of it (INC-0044)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from epjgate.drivers.dsl import Drug, Epj, PatientRef, Prescription

FEW = settings(
    max_examples=8, deadline=None, database=None, phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False
)
STRENGTHS_MG = [Decimal(text) for text in ("0.125", "2.5", "75", "81", "500")]
DOSES = [Decimal(text) for text in ("0.5", "1", "1.5", "2", "4")]


def test_the_label_states_units_and_strength_as_ordered(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Units times strength on the label is the ordered number of milligrams, for every strength and number of units."""

    @FEW
    @given(strength_mg=st.sampled_from(STRENGTHS_MG), dose=st.sampled_from(DOSES))
    @example(strength_mg=Decimal(81), dose=Decimal(1))
    def holds(strength_mg: Decimal, dose: Decimal) -> None:
        ordered = Prescription(
            drug=Drug(atc_code="B01AC06", name="Acetylsalicylsyre"),
            strength_mg=strength_mg,
            dose=dose,
            dose_unit="{tablet}",
            interval=timedelta(days=1),
            start=at("2026-02-03 08:00"),
            text="Hver morgen mod blodpropper",
        )
        label = epj.label_of(epj.prescribe(patient, ordered))

        assert label.strength_mg == strength_mg, "the label states another strength than the one ordered"
        shown_mg = label.dose * label.strength_mg
        assert shown_mg == ordered.dose_mg, "units times strength on the label is not the dose that was ordered"
        assert (label.dose, label.dose_unit) == (dose, "{tablet}"), "the label states other units than those ordered"
        assert label.dose_mg == ordered.dose_mg, "the milligrams on the label are not those that were ordered"

    holds()
