"""The fewest tablets hold exactly the milligrams that were ordered (INC-0003)."""

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
STRENGTHS_MG = [Decimal(text) for text in ("0.5", "2.5", "25", "75", "500")]


def test_a_choice_of_strengths_keeps_the_dose(epj: Epj, patient: PatientRef, at: Callable[[str], datetime]) -> None:
    """Where stronger tablets than the ordered ones are at hand, strength times count is the dose, in the fewest."""

    @FEW
    @given(
        strength_mg=st.sampled_from(STRENGTHS_MG),
        count=st.integers(1, 7),
        multiples=st.sets(st.sampled_from([2, 4, 8]), min_size=1),
    )
    @example(strength_mg=Decimal(500), count=2, multiples={2})
    def holds(strength_mg: Decimal, count: int, multiples: set[int]) -> None:
        ordered = tablets_of(strength_mg, count, at("2026-02-03 08:00"))
        at_hand = [strength_mg, *(strength_mg * multiple for multiple in multiples)]
        given_out = epj.fewest_tablets(epj.prescribe(patient, ordered), at_hand)

        assert {one.strength_mg for one in given_out} <= set(at_hand), "a strength was chosen that nobody has"
        total_mg = sum(one.total_mg for one in given_out)
        assert total_mg == ordered.dose_mg, "the tablets chosen do not hold the milligrams that were ordered"
        fewest = fewest_possible(ordered.dose_mg, at_hand)
        assert sum(one.count for one in given_out) == fewest, "fewer tablets would have held the same dose"

    holds()


def tablets_of(strength_mg: Decimal, count: int, start: datetime) -> Prescription:
    """Return an order of `count` tablets of `strength_mg` three times a day."""
    return Prescription(
        drug=Drug(atc_code="N02BE01", name="Paracetamol"),
        strength_mg=strength_mg,
        dose=Decimal(count),
        dose_unit="{tablet}",
        interval=timedelta(hours=8),
        start=start,
        text="Mod smerter",
    )


def fewest_possible(dose_mg: Decimal, at_hand: list[Decimal]) -> int:
    """Return the fewest tablets for a dose where each strength divides the next: the strongest first."""
    number, left_mg = 0, dose_mg
    for strength_mg in sorted(at_hand, reverse=True):
        number += int(left_mg // strength_mg)
        left_mg %= strength_mg
    return number
