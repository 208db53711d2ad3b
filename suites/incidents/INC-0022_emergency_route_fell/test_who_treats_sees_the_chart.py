"""Everybody who treats can work by the downtime copy (INC-0022)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl import Allergy, Drug, Epj, LabResult, PatientRef, Prescription


def test_the_copy_shows_a_nurse_what_it_shows_a_doctor(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """The medication in use is that of the record, and allergies and results are the same for both of them."""
    epj.record_allergy(patient, Allergy("J01CE02", "Phenoxymethylpenicillin"))
    drug = Drug("B01AA03", "Warfarin")
    begins = at("2026-02-03 18:00")
    epj.prescribe(
        patient, Prescription(drug, Decimal("2.5"), Decimal(1), "{tablet}", timedelta(days=1), begins, "1 til aften")
    )
    epj.report_lab_result(patient, LabResult("NPU01685", "INR;P", Decimal("2.4"), "1", at("2026-02-03 09:00")))

    doctor = epj.downtime_chart(patient)
    nurse = epj.signed_in_as("nurse").downtime_chart(patient, within_s=0)

    assert doctor is not None, "the downtime copy does not have the patient"
    assert list(doctor.medication) == epj.medication_orders_of(patient), "the copy keeps medication back from doctors"
    assert nurse is not None, "a nurse does not find the patient on the downtime copy"
    assert nurse.medication == doctor.medication, "the copy keeps medication back from nurses"
    assert nurse.allergies == doctor.allergies, "the copy keeps allergies back from nurses"
    assert nurse.results == doctor.results, "the copy keeps results back from nurses"
