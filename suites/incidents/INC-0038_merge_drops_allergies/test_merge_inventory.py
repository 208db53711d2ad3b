"""A merge keeps all that belongs to either patient (INC-0038)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl import (
    Allergy,
    Drug,
    Epj,
    ImagingAnswer,
    Investigation,
    LabResult,
    Note,
    PatientRef,
    Prescription,
)

PENICILLIN = Allergy("J01CE02", "Phenoxymethylpenicillin", "Anafylaksi")
LATEX = Allergy("V04CL", "Latex", "Nældefeber")

Inventory = dict[str, Counter[Hashable]]


def test_the_survivor_of_a_merge_has_the_records_of_both(
    epj: Epj, patient: PatientRef, bystander: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Every kind of record is there after a merge as often as before, with the one who stays and nobody else."""
    fill(epj, patient, PENICILLIN, at("2026-02-03 08:00"))
    fill(epj, bystander, LATEX, at("2026-02-04 08:00"))
    source, target = inventory(epj, patient), inventory(epj, bystander)
    empty = [kind for kind in source if not source[kind] or not target[kind]]
    assert empty == [], "a kind of record was not there before the merge"

    survivor = epj.merge_patients(patient, bystander)
    after = inventory(epj, survivor)

    assert survivor == epj.survivor_of(patient) == bystander, "another patient than the one chosen survived the merge"
    incomplete = [kind for kind in after if after[kind] != source[kind] + target[kind]]
    assert incomplete == [], "a merge lost or doubled records of a patient"
    left_behind = [kind for kind, records in inventory(epj, patient).items() if records]
    assert left_behind == [], "a merge left records with the patient who is gone"


def test_who_is_merged_is_still_warned_of_allergies(epj: Epj, patient: PatientRef, bystander: PatientRef) -> None:
    """The doctor is warned of the allergies of both records before prescribing for the survivor."""
    epj.record_allergy(patient, PENICILLIN)
    epj.record_allergy(bystander, LATEX)
    survivor = epj.merge_patients(patient, bystander)

    assert set(epj.allergies_of(survivor)) == {PENICILLIN, LATEX}, "the survivor has lost an allergy"
    penicillin = Drug(PENICILLIN.atc_code, PENICILLIN.substance)
    assert epj.allergy_alerts(survivor, penicillin) != [], "nobody is warned of an allergy that came with a merge"


def inventory(epj: Epj, patient: PatientRef) -> Inventory:
    """Return all that belongs to `patient`, by kind of record."""
    kinds: dict[str, Iterable[Hashable]] = {
        "allergies": epj.allergies_of(patient),
        "stays": epj.encounters_of(patient),
        "medication": epj.medication_orders_of(patient),
        "investigations": epj.orders_of(patient),
        "laboratory results": epj.lab_results_of(patient),
        "imaging answers": epj.imaging_answers_of(patient),
        "notes": epj.notes_of(patient),
    }
    return {kind: Counter(records) for kind, records in kinds.items()}


def fill(epj: Epj, patient: PatientRef, allergy: Allergy, at: datetime) -> None:
    """Put one record of every kind into the chart of `patient`, orders answered and unanswered."""
    epj.record_allergy(patient, allergy)
    epj.admit(patient, at, "Medicinsk afsnit M1")
    drug = Drug(atc_code="N02BE01", name="Paracetamol")
    epj.prescribe(
        patient, Prescription(drug, Decimal(500), Decimal(2), "{tablet}", timedelta(hours=8), at, "Mod smerter")
    )
    epj.write_note(patient, Note("Indlæggelse", "Ingen feber.", at))
    kalium = epj.order_lab(patient, Investigation("P-Kalium", at, "NPU03230"))
    result = LabResult("NPU03230", "P-Kalium", Decimal("3.9"), "mmol/L", at + timedelta(hours=1))
    epj.report_lab_result(patient, result, answers=kalium)
    thorax = epj.order_imaging(patient, Investigation("Røntgen af thorax", at + timedelta(minutes=5)))
    epj.report_imaging(patient, ImagingAnswer("Røntgen af thorax", "Ingen stase.", at + timedelta(hours=2), thorax))
    epj.order_lab(patient, Investigation("P-Natrium", at + timedelta(minutes=10), "NPU03429"))
