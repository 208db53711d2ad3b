"""Every look into a record can be seen afterwards (INC-0015)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl import Allergy, Drug, Epj, LabResult, Note, PatientRef, Prescription
from epjgate.model.person import Person

WHO_LOOKS = "nurse"


def test_every_look_up_leaves_a_trace(
    epj: Epj, person: Person, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Opening a record and finding it in a list both make an entry that says who looked, and whose record it was."""
    epj.admit(patient, at("2026-02-03 08:00"), "Medicinsk afsnit M1")
    epj.record_allergy(patient, Allergy("J01CE02", "Phenoxymethylpenicillin", "Udslæt"))
    epj.prescribe(patient, paracetamol(at("2026-02-03 09:00")))
    epj.report_lab_result(patient, kalium(at("2026-02-03 10:00")))
    note = epj.write_note(patient, Note("Notat", "Patienten er set på stuen.", at("2026-02-03 11:00")))

    nurse = epj.signed_in_as(WHO_LOOKS)
    ways: dict[str, Callable[[], object]] = {
        "opening the record": lambda: nurse.read_patient(patient),
        "opening an older version": lambda: nurse.read_patient_version(patient),
        "opening a note": lambda: nurse.read_note(note),
        "searching by CPR number": lambda: nurse.find_patient_by_cpr(person.cpr),
        "searching by name": lambda: nurse.find_patients_by_name(person.family_name),
        "listing stays": lambda: nurse.encounters_of(patient),
        "listing allergies": lambda: nurse.allergies_of(patient),
        "listing medication": lambda: nurse.medication_orders_of(patient),
        "listing results": lambda: nurse.lab_results_of(patient),
        "listing notes": lambda: nurse.notes_of(patient),
    }
    unseen = [way for way, look in ways.items() if not leaves_a_trace(epj, patient, look)]
    assert unseen == [], "a look-up left no trace in the audit trail"


def leaves_a_trace(epj: Epj, patient: PatientRef, look: Callable[[], object]) -> bool:
    """Whether the audit trail says of one look more that the nurse was let into the patient's record."""
    before = looks_at(epj, patient)
    found = look()
    assert found, "what was looked up is not there"
    return looks_at(epj, patient) > before


def looks_at(epj: Epj, patient: PatientRef) -> int:
    """Return how often the nurse was let into the patient's record so far."""
    return sum(entry.allowed and entry.role == WHO_LOOKS for entry in epj.read_audit_trail(patient))


def paracetamol(start: datetime) -> Prescription:
    """Return an order that anybody may have."""
    drug = Drug(atc_code="N02BE01", name="Paracetamol")
    return Prescription(drug, Decimal(500), Decimal(2), "{tablet}", timedelta(hours=8), start, "Mod smerter")


def kalium(taken_at: datetime) -> LabResult:
    """Return a potassium concentration."""
    return LabResult("NPU03230", "P-Kalium", Decimal("3.9"), "mmol/L", taken_at)
