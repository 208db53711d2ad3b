"""Everybody who treats can work by the downtime copy (INC-0022)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl import Allergy, Drug, Epj, LabResult, PatientRef, Prescription

WHO_TREATS = ("doctor", "nurse")


def test_the_copy_shows_each_of_them_what_the_record_does(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Allergies, medication in use and results are the same on the copy as in the record, whoever of them asks."""
    epj.record_allergy(patient, Allergy("J01CE02", "Phenoxymethylpenicillin"))
    drug = Drug("B01AA03", "Warfarin")
    begins = at("2026-02-03 18:00")
    epj.prescribe(
        patient, Prescription(drug, Decimal("2.5"), Decimal(1), "{tablet}", timedelta(days=1), begins, "1 til aften")
    )
    epj.report_lab_result(patient, LabResult("NPU01685", "INR;P", Decimal("2.4"), "1", at("2026-02-03 09:00")))
    assert epj.downtime_chart(patient) is not None, "the downtime copy does not have the patient"

    for role in WHO_TREATS:
        user = epj.signed_in_as(role)
        chart = user.downtime_chart(patient, within_s=0)
        assert chart is not None, "somebody who treats does not find the patient on the downtime copy"
        allergies = [(one.atc_code, one.substance) for one in user.allergies_of(patient)]
        results = [(one.code, one.value, one.unit) for one in user.lab_results_of(patient)]
        assert len(allergies) == len(results) == 1, "the record does not show what was written in it"
        assert [(one.atc_code, one.substance) for one in chart.allergies] == allergies, "the copy keeps an allergy back"
        assert list(chart.medication) == user.medication_orders_of(patient), "the copy keeps medication back"
        assert [(one.code, one.value, one.unit) for one in chart.results] == results, "the copy keeps a result back"
