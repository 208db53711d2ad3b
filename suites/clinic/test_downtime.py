"""The downtime copy: when the record is down, the ward reads what the record said, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from epjgate.drivers.dsl import (
    Allergy,
    DowntimePerson,
    DowntimeResult,
    Drug,
    Epj,
    LabResult,
    OrderState,
    PatientRef,
    Prescription,
)
from epjgate.model.person import Address, Person

pytestmark = pytest.mark.needs("patients", "encounters", "allergies", "medication", "laboratory", "downtime_copy")

HOME = Address(line="Ærøgade 12, 3. tv.", postal_code="4800", city="Nykøbing Falster Ø")


@pytest.fixture
def moved(person: Person) -> Person:
    """A person whose name and address have letters and spaces that a copy may lose."""
    return replace(person, given_names=("Åse", "Bjørg"), family_name="Ærø Sørensen", address=HOME)


@pytest.fixture
def ward(clinic_seed: int) -> str:
    """A ward on which nobody else lies."""
    return f"Medicinsk afsnit Ø{clinic_seed}"


@pytest.mark.severity("blocker")
def test_the_copy_says_who_somebody_is(epj: Epj, moved: Person, ward: str, at: Callable[[str], datetime]) -> None:
    """Name, CPR number, birth date, sex and home are those of the record: on the list, on the ward, on the chart."""
    patient = epj.register_patient(moved)
    epj.admit(patient, at("2026-02-03 07:00"), ward)
    chart = epj.downtime_chart(patient)
    assert chart is not None, "the downtime copy does not have the patient"
    assert chart.person == DowntimePerson(
        patient, moved.full_name, moved.cpr, moved.birth_date, moved.sex, moved.address
    )
    assert (chart.ward, chart.admitted_at) == (ward, at("2026-02-03 07:00"))
    assert epj.persons_on_downtime_copy(moved.cpr, within_s=0) == [chart.person]
    assert [(bed.person, bed.admitted_at) for bed in epj.beds_on_downtime_copy(ward, within_s=0)] == [
        (chart.person, chart.admitted_at)
    ]
    assert epj.downtime_copy_reaches_record()


@pytest.mark.severity("blocker")
def test_the_copy_shows_medication_allergies_and_results_as_the_record_does(
    epj: Epj, patient: PatientRef, bystander: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Each order with drug, strength, dose, unit, interval, text and times; each allergy; each result and its range."""
    daily = Prescription(
        drug=Drug("C07AB02", "Metoprololsuccinat"),
        strength_mg=Decimal("23.75"),
        dose=Decimal("1.5"),
        dose_unit="{tablet}",
        interval=timedelta(days=1),
        start=at("2026-02-03 08:00"),
        text="1½ tablet hver morgen, også på fastedage",
    )
    short = replace(
        daily, drug=Drug("J01CA04", "Amoxicillin"), end=at("2026-02-10 08:00"), start=at("2026-02-04 08:00")
    )
    epj.prescribe(patient, daily)
    paused = epj.pause_medication(epj.prescribe(patient, short))
    epj.record_allergy(patient, Allergy("B01AC06", "Acetylsalicylsyre, også i små doser"))
    potassium = LabResult(
        "NPU03230", "Kalium i plasma, på iltet blod", Decimal("3.90"), "mmol/L", at("2026-02-03 09:00"),
        reference_low=Decimal("3.50"), reference_high=Decimal("4.40"),
    )  # fmt: skip
    epj.report_lab_result(patient, potassium)

    chart = epj.downtime_chart(patient)
    empty = epj.downtime_chart(bystander, within_s=0)

    assert chart is not None, "the downtime copy does not have the patient"
    shown = sorted(chart.medication, key=lambda order: order.prescription.start)
    assert shown == epj.medication_orders_of(patient)
    assert [(order.state, order.prescription) for order in shown] == [
        (OrderState.ACTIVE, daily), (OrderState.PAUSED, short),
    ]  # fmt: skip
    assert shown[1].ref == paused
    assert chart.allergies == (Allergy("B01AC06", "Acetylsalicylsyre, også i små doser"),)
    assert chart.results == (
        DowntimeResult(
            "NPU03230", "Kalium i plasma, på iltet blod", Decimal("3.90"), "mmol/L", at("2026-02-03 09:00"),
            Decimal("3.50"), Decimal("4.40"),
        ),
    )  # fmt: skip
    assert empty is not None, "the downtime copy does not have the bystander"
    assert (empty.medication, empty.allergies, empty.results, empty.ward) == ((), (), (), "")
