"""A search by patient finds the results of that patient, all of them and nobody else's (INC-0055)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from epjgate.drivers.dsl import Epj, LabResult, PatientRef
from epjgate.model.person import Person


def test_results_are_found_by_their_patient(
    epj: Epj,
    patient: PatientRef,
    bystander: PatientRef,
    people: Callable[[int], list[Person]],
    at: Callable[[str], datetime],
) -> None:
    """Three of one patient, taken over many years; one of another, which is old; none of a third."""
    nobody_measured = epj.register_patient(people(1)[0])
    results = [
        LabResult("NPU03230", "P-Kalium", Decimal(value), "mmol/L", at(f"{day} 08:00"))
        for day, value in {"2004-05-03": "3.1", "2017-11-20": "3.4", "2026-02-03": "4.0", "2009-08-14": "5.2"}.items()
    ]
    *own, of_another = results
    for result in own:
        epj.report_lab_result(patient, result)
    epj.report_lab_result(bystander, of_another)

    assert epj.lab_results_of(patient) == own, "a search by patient does not find the patient's results"
    assert epj.lab_results_of(bystander) == [of_another], "a search by patient does not find another patient's result"
    assert epj.lab_results_of(nobody_measured) == [], "a search by patient finds results where none were taken"
