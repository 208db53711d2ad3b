"""Labels, tablets and alerts: what is printed and counted is what was ordered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from epjgate.drivers.dsl import Allergy, Drug, Epj, Label, PatientRef, Prescription, Tablets

pytestmark = pytest.mark.needs("patients", "medication")

WARFARIN = Drug("B01AA03", "Warfarinnatrium, også på øre")


@pytest.fixture
def ordered(at: Callable[[str], datetime]) -> Prescription:
    """Return an order of warfarin."""
    start, text = at("2026-02-03 08:00"), "1½ tablet om aftenen, på fast tid"
    return Prescription(WARFARIN, Decimal("2.5"), Decimal("1.5"), "{tablet}", timedelta(days=1), start, text)


@pytest.mark.needs("prescription_label")
@pytest.mark.severity("blocker")
def test_a_label_says_what_was_ordered(epj: Epj, patient: PatientRef, ordered: Prescription) -> None:
    """Drug, strength, dose in units and in milligrams, interval and text, each in the unit that it is printed in."""
    order = epj.prescribe(patient, ordered)
    assert epj.label_of(order) == Label(
        drug=WARFARIN.name,
        strength_mg=Decimal("2.5"),
        dose=Decimal("1.5"),
        dose_unit="{tablet}",
        dose_mg=Decimal("3.75"),
        interval=timedelta(days=1),
        text=ordered.text,
    )


@pytest.mark.needs("dispensing")
@pytest.mark.severity("blocker")
def test_the_fewest_tablets_make_the_dose(epj: Epj, patient: PatientRef, ordered: Prescription) -> None:
    """3.75 mg of tablets of 2.5 mg and 1.25 mg: one of each strength, in milligrams."""
    order = epj.prescribe(patient, ordered)
    tablets = epj.fewest_tablets(order, [Decimal("1.25"), Decimal("2.5")])
    assert tablets == (Tablets(Decimal("2.5"), 1), Tablets(Decimal("1.25"), 1))


@pytest.mark.needs("allergies", "allergy_alerts")
@pytest.mark.severity("blocker")
def test_each_allergy_to_a_drug_alerts_once(epj: Epj, patient: PatientRef, bystander: PatientRef) -> None:
    """Two allergies to one drug are two alerts, each with its substance; somebody else has none."""
    substances = {"Warfarin, set på huden", "Warfarin, set på øjnene"}
    for substance in substances:
        epj.record_allergy(patient, Allergy(WARFARIN.atc_code, substance))
    alerts = epj.allergy_alerts(patient, WARFARIN)
    assert [sum(substance in alert for alert in alerts) for substance in substances] == [1, 1]
    assert len(alerts) == len(substances)
    assert epj.allergy_alerts(bystander, WARFARIN) == []
