"""Whatever is done to a record, or tried, stands in the patient's audit trail (INC-0048)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from epjgate.drivers.dsl import Access, AccessDenied, Drug, Epj, Note, PatientRef, Prescription

Trace = tuple[str, Access, bool]
"""Whose role, what was done, and whether it was allowed."""


def test_every_verb_is_in_the_audit_trail(epj: Epj, patient: PatientRef, at: Callable[[str], datetime]) -> None:
    """To write, read, change and delete makes an entry about the patient, and so does being denied that, or a list."""
    secretary, nurse = epj.signed_in_as("secretary"), epj.signed_in_as("nurse")
    morning = at("2026-02-03 08:00")
    note = epj.write_note(patient, Note("Notat", "Patienten er set på stuen.", morning))
    acts: list[tuple[Callable[[], object], Trace]] = [
        (lambda: epj.write_note(patient, Note("Tilføjelse", "Sover.", morning)), ("doctor", Access.CREATE, True)),
        (lambda: epj.read_note(note), ("doctor", Access.READ, True)),
        (lambda: epj.change_note(note, "Patienten er udskrevet."), ("doctor", Access.UPDATE, True)),
        (lambda: denied(lambda: nurse.prescribe(patient, paracetamol(morning))), ("nurse", Access.CREATE, False)),
        (lambda: denied(lambda: secretary.read_note(note)), ("secretary", Access.READ, False)),
        (lambda: denied(lambda: secretary.notes_of(patient)), ("secretary", Access.EXECUTE, False)),
        (lambda: denied(lambda: secretary.delete_note(note)), ("secretary", Access.DELETE, False)),
        (lambda: epj.delete_note(note), ("doctor", Access.DELETE, True)),
    ]
    missing = [trace for act, trace in acts if not is_traced(epj, patient, act, trace)]
    assert missing == [], "what was done to a record is not in the patient's audit trail"


def is_traced(epj: Epj, patient: PatientRef, act: Callable[[], object], trace: Trace) -> bool:
    """Whether the audit trail of `patient` has `trace` once more after `act`."""
    before = traces_of(epj, patient)
    act()
    return traces_of(epj, patient)[trace] > before[trace]


def traces_of(epj: Epj, patient: PatientRef) -> Counter[Trace]:
    """Return how often each thing was done to the patient's record, by whose role."""
    return Counter((entry.role, entry.access, entry.allowed) for entry in epj.read_audit_trail(patient))


def denied(act: Callable[[], object]) -> None:
    """Try what the user may not do."""
    with pytest.raises(AccessDenied):
        act()


def paracetamol(start: datetime) -> Prescription:
    """Return an order."""
    drug = Drug(atc_code="N02BE01", name="Paracetamol")
    return Prescription(drug, Decimal(500), Decimal(2), "{tablet}", timedelta(hours=8), start, "Mod smerter")
