"""A dose that is split into weaker tablets keeps its milligrams (INC-0004)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from epjgate.drivers.dsl import Drug, Epj, PatientRef, Prescription, Tablets

FEW = settings(
    max_examples=8, deadline=None, database=None, phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False
)
WEAKER_MG = [Decimal(text) for text in ("0.25", "2.5", "12.5", "100", "250")]


def test_a_dose_split_into_weaker_tablets_keeps_its_milligrams(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """One tablet of 500 mg is two of 250 mg, and so for every strength, count and division."""

    @FEW
    @given(weaker_mg=st.sampled_from(WEAKER_MG), pieces=st.integers(2, 5), count=st.integers(1, 4))
    @example(weaker_mg=Decimal(250), pieces=2, count=1)
    def holds(weaker_mg: Decimal, pieces: int, count: int) -> None:
        ordered = Prescription(
            drug=Drug(atc_code="C07AB02", name="Metoprololtartrat"),
            strength_mg=weaker_mg * pieces,
            dose=Decimal(count),
            dose_unit="{tablet}",
            interval=timedelta(hours=12),
            start=at("2026-02-03 08:00"),
            text="Morgen og aften",
        )
        given_out = epj.fewest_tablets(epj.prescribe(patient, ordered), [weaker_mg])
        expected = (Tablets(weaker_mg, pieces * count),)
        assert given_out == expected, "a dose that was split into weaker tablets is another dose"

    holds()
