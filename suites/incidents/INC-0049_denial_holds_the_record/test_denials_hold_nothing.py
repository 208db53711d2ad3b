"""Who is denied a record learns nothing of it from the denial (INC-0049)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from epjgate.drivers.dsl import AccessDenied, Drug, Epj, Note, PatientRef, Prescription
from epjgate.model.person import Person

DRUG = Drug(atc_code="N07BB01", name="Disulfiram")
TITLE = "Psykiatrisk tilsyn"


def test_a_denial_holds_nothing_of_the_record(
    epj: Epj, person: Person, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Whoever asks, signed in or not, to read, list, change or delete: the answer is a plain no."""
    note = epj.write_note(patient, Note(TITLE, "Indlagt med abstinenser.", at("2026-02-03 08:00")))
    order = epj.prescribe(patient, disulfiram(at("2026-02-03 09:00")))
    assert epj.read_patient(patient) == person, "the doctor does not read what others must not"
    assert epj.read_note(note).note.title == TITLE, "the doctor does not read the note that others must not"

    secretary, nurse, auditor = map(epj.signed_in_as, ("secretary", "nurse", "auditor"))
    nobody = epj.not_signed_in()
    denials: dict[str, Callable[[], object]] = {
        "a secretary reads a note": lambda: secretary.read_note(note),
        "a secretary lists notes": lambda: secretary.notes_of(patient),
        "a secretary deletes a note": lambda: secretary.delete_note(note),
        "a secretary lists medication": lambda: secretary.medication_orders_of(patient),
        "a nurse changes a dose": lambda: nurse.change_dose(order, Decimal(2)),
        "an auditor opens the record": lambda: auditor.read_patient(patient),
        "an auditor searches the CPR number": lambda: auditor.find_patient_by_cpr(person.cpr),
        "nobody opens the record": lambda: nobody.read_patient(patient),
        "nobody lists medication": lambda: nobody.medication_orders_of(patient),
        "nobody deletes a note": lambda: nobody.delete_note(note),
    }
    told = {who: revealed(person, ask) for who, ask in denials.items()}
    assert {who: parts for who, parts in told.items() if parts} == {}, "a denial holds part of the record"


def revealed(person: Person, ask: Callable[[], object]) -> list[str]:
    """Return what the answer to somebody who is denied gives away."""
    with pytest.raises(AccessDenied) as denial:
        ask()
    return denial.value.reveals(person, TITLE, DRUG.name, DRUG.atc_code)


def disulfiram(start: datetime) -> Prescription:
    """Return an order that tells more than the patient wants told."""
    return Prescription(DRUG, Decimal(400), Decimal(1), "{tablet}", timedelta(days=1), start, "1 tablet hver morgen")
