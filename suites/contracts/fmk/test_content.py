"""What a doctor orders is what the card says: interval, amounts, text and drug, for values of every kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from epjgate.drivers.admin import moment
from epjgate.drivers.dsl import Drug, Epj, PatientRef, Prescription
from epjgate.model.person import Person

if TYPE_CHECKING:
    from suites.contracts.fmk.conftest import Fmk

pytestmark = [
    pytest.mark.needs("patients", "medication", "shared_medication_record", "delivery_ledger"),
    pytest.mark.severity("blocker"),
]

SOME = settings(
    max_examples=10, deadline=None, database=None, phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False
)
INTERVALS = st.one_of(
    st.integers(1, 26).map(lambda weeks: timedelta(weeks=weeks)),
    st.integers(1, 40).map(lambda days: timedelta(days=days)),
    st.integers(1, 72).map(lambda hours: timedelta(hours=hours)),
    st.integers(15, 90).map(lambda minutes: timedelta(minutes=minutes)),
)
AMOUNTS = st.decimals(min_value="0.001", max_value="9999", places=3)
# Letters of Danish labels, and signs that some format on the way means something by.
TEXTS = st.text(
    st.sampled_from("abcdefghijklmnopqrstuvwxyzæøåÆØÅéüöß 0123456789½¼.,;:-+*/()%&<>\"'\\|^~#\n\N{EURO SIGN}μ"),
    min_size=1,
    max_size=120,
).filter(lambda text: bool(text.strip()) and text == text.strip())
DRUGS = (
    Drug("B01AA03", "Warfarin"),
    Drug("H03AA01", "Eltroxin"),
    Drug("H03AA01", "Euthyrox"),
    Drug("L01BA01", "Methotrexat »Accord«"),
    Drug("A11CC05", "Colecalciferol (D3-vitamin) Åløkke"),
)


@pytest.mark.rule("fmk-interval-preserved")
def test_every_interval_arrives_as_ordered(
    epj: Epj, patient: PatientRef, person: Person, weekly: Prescription, fmk: Fmk
) -> None:
    """Weeks, days, hours and minutes: the card has the seconds between two doses, before and after a change."""
    ordered: dict[str, int] = {}

    @SOME
    @given(interval=INTERVALS)
    @example(interval=timedelta(weeks=1))
    @example(interval=timedelta(days=7, hours=1))
    def prescribe(interval: timedelta) -> None:
        order = epj.prescribe(patient, replace(weekly, interval=interval, text="3 tabletter ad gangen"))
        ordered[order.id] = int(interval.total_seconds())
        if len(ordered) % 3 == 0:
            epj.change_dose(order, Decimal(4), text="4 tabletter ad gangen")

    prescribe()
    card = fmk.on_card(patient, person.cpr)
    assert {name: one["Dosage"]["IntervalSeconds"] for name, one in card.items()} == ordered


@pytest.mark.rule("fmk-amounts-as-ordered")
def test_every_digit_of_an_amount_arrives(
    epj: Epj, patient: PatientRef, person: Person, daily: Prescription, fmk: Fmk
) -> None:
    """Dose and strength on the card are the decimals that were ordered, exactly; so is a dose that was changed."""
    ordered: dict[str, tuple[Decimal, Decimal]] = {}

    @SOME
    @given(dose=AMOUNTS, strength=AMOUNTS)
    @example(dose=Decimal("0.1"), strength=Decimal("0.3"))
    @example(dose=Decimal("1.50"), strength=Decimal("0.05"))
    @example(dose=Decimal(1000), strength=Decimal("0.001"))
    def prescribe(dose: Decimal, strength: Decimal) -> None:
        start = replace(daily, dose=Decimal(1), strength_mg=strength, text="Efter skema")
        order = epj.prescribe(patient, start)
        epj.change_dose(order, dose)
        ordered[order.id] = (dose, strength)

    prescribe()
    card = fmk.on_card(patient, person.cpr)
    told = {name: (Decimal(one["Dosage"]["Quantity"]), Decimal(one["Strength"]["Value"])) for name, one in card.items()}
    assert told == ordered
    assert {(one["Dosage"]["Unit"], one["Strength"]["Unit"]) for one in card.values()} == {("{tablet}", "mg")}


@pytest.mark.rule("fmk-text-byte-exact")
def test_a_text_arrives_byte_by_byte(
    epj: Epj, patient: PatientRef, person: Person, daily: Prescription, fmk: Fmk
) -> None:
    """Danish letters, fractions, signs and line ends of a dose text are on the card as they were written."""
    written: dict[str, str] = {}

    @SOME
    @given(text=TEXTS)
    @example(text="1½ tablet hver morgen på tom mave; ved øreværk også Åse's dråber")
    @example(text="Tag IKKE mere end 4 tabletter i døgnet <mindst 6 timer imellem> & aldrig sammen med alkohol" * 2)
    def prescribe(text: str) -> None:
        order = epj.prescribe(patient, replace(daily, text=text))
        written[order.id] = text

    prescribe()
    card = fmk.on_card(patient, person.cpr)
    told = {name: one["Dosage"]["Text"].encode("utf-8") for name, one in card.items()}
    assert told == {name: text.encode("utf-8") for name, text in written.items()}


@pytest.mark.rule("fmk-drug-as-ordered")
def test_every_drug_is_on_the_card_as_it_was_ordered(
    epj: Epj, patient: PatientRef, person: Person, daily: Prescription, fmk: Fmk
) -> None:
    """Code and name of each drug, two products of one substance included, before and after a change of strength."""
    ordered = {epj.prescribe(patient, replace(daily, drug=drug)): drug for drug in DRUGS}
    for order in ordered:
        epj.change_dose(order, Decimal(2), strength_mg=Decimal("7.5"))
    for order, drug in ordered.items():
        told = [message["DrugMedication"] for message in fmk.changes(patient, person.cpr, order)]
        assert [one["Drug"] for one in told] == [{"AtcCode": drug.atc_code, "Name": drug.name}] * 2
        assert [Decimal(one["Strength"]["Value"]) for one in told] == [Decimal("2.5"), Decimal("7.5")]


@pytest.mark.rule("fmk-end-unset-stays-unset", "fmk-end-as-ordered")
def test_begin_and_end_are_the_moments_that_were_ordered(
    epj: Epj, patient: PatientRef, person: Person, daily: Prescription, at: Callable[[str], datetime], fmk: Fmk
) -> None:
    """Through both changes of the clock: every treatment begins and ends on the card when it was to."""
    spans = [
        ("2026-03-28 22:30", "2026-03-29 04:30"),
        ("2026-10-24 22:30", "2026-10-25 04:30"),
        ("2026-06-01 00:00", None),
    ]
    ordered = {}
    for begin, end in spans:
        order = epj.prescribe(patient, replace(daily, start=at(begin), end=at(end) if end else None))
        ordered[order.id] = (at(begin), at(end) if end else None)
    told = {
        name: (
            moment(one["BeginDate"], "BeginDate"),
            moment(one["EndDate"], "EndDate") if "EndDate" in one else None,
        )
        for name, one in fmk.on_card(patient, person.cpr).items()
    }
    assert told == ordered
