"""The downtime copy says what the record says (INC-0019)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl import Allergy, Drug, Epj, LabResult, PatientRef, Prescription
from epjgate.model.person import Person

ALLERGIES = (Allergy("B01AC06", "Acetylsalicylsyre"), Allergy("J01CE02", "Phenoxymethylpenicillin"))


def test_the_copy_holds_what_a_ward_needs(
    epj: Epj, person: Person, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Name, ward, allergies, medication in use and results are those of the record; the copy is minutes old at most."""
    in_use = Prescription(
        drug=Drug("C07AB02", "Metoprololsuccinat"),
        strength_mg=Decimal(50),
        dose=Decimal(1),
        dose_unit="{tablet}",
        interval=timedelta(days=1),
        start=at("2026-02-03 08:00"),
        text="1 tablet hver morgen",
    )
    potassium = LabResult("NPU03230", "Kalium;P", Decimal("3.9"), "mmol/L", at("2026-02-03 09:00"))
    epj.admit(patient, at("2026-02-03 07:00"), "Medicinsk Afsnit M2")
    for allergy in ALLERGIES:
        epj.record_allergy(patient, allergy)
    stopped = epj.prescribe(patient, replace(in_use, drug=Drug("N02AA01", "Morfin"), strength_mg=Decimal(10)))
    epj.stop_medication(stopped, at("2026-02-03 10:00"))
    epj.prescribe(patient, in_use)
    epj.report_lab_result(patient, potassium)

    chart = epj.downtime_chart(patient)

    assert chart is not None, "the downtime copy does not have the patient"
    assert (chart.full_name, chart.cpr) == (person.full_name, person.cpr), "the downtime copy shows somebody else"
    assert chart.ward == "Medicinsk Afsnit M2", "the downtime copy does not say where the patient is"
    told = {(allergy.atc_code, allergy.substance) for allergy in chart.allergies}
    assert told == {(allergy.atc_code, allergy.substance) for allergy in ALLERGIES}, "the copy lacks an allergy"
    assert [order.prescription for order in chart.medication] == [in_use], "the copy shows other medication than in use"
    shown = [(result.code, result.value, result.unit) for result in chart.results]
    assert shown == [("NPU03230", Decimal("3.9"), "mmol/L")], "the copy shows other results than the record"
    assert chart.age < timedelta(minutes=2), "the downtime copy is older than two minutes"
