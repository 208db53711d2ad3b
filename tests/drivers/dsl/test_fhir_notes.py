"""Notes on FHIR R4."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.drivers.dsl.fhir_notes import FhirNotes
from epjgate.drivers.dsl.notes import Note, NoteRef, NoteState
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirClient
from epjgate.errors import CandidateFault

if TYPE_CHECKING:
    from tests.drivers.conftest import StandIn
    from tests.drivers.dsl.conftest import FhirMemory

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
NOTE = Note("Journal", "ingen blødning\n \n", AT)


@pytest.mark.parametrize(
    ("status", "doc_status", "state"),
    [
        ("current", "preliminary", NoteState.DRAFT),
        ("current", "final", NoteState.SIGNED),
        ("current", "amended", NoteState.SIGNED),
        ("current", None, NoteState.UNKNOWN),
        ("superseded", "final", NoteState.SUPERSEDED),
        ("entered-in-error", "final", NoteState.ENTERED_IN_ERROR),
    ],
)
def test_states_are_told_apart(
    client: FhirClient, memory: FhirMemory, status: str, doc_status: str | None, state: NoteState
) -> None:
    """Status and docStatus together say how far a note has come."""
    notes = FhirNotes(client)
    ref = notes.write(PatientRef("7"), NOTE)
    memory.only("DocumentReference").update(status=status, docStatus=doc_status)
    read = notes.read(ref)
    assert (read.ref, read.state, read.note) == (ref, state, NOTE)


def test_changing_the_text_changes_nothing_else(client: FhirClient, memory: FhirMemory) -> None:
    """Title and time stay."""
    notes = FhirNotes(client)
    ref = notes.write(PatientRef("7"), NOTE)
    assert notes.change(ref, "ny").version == "2"
    assert notes.read(ref).note == Note("Journal", "ny", AT)
    assert memory.only("DocumentReference")["subject"] == {"reference": "Patient/7"}


def test_a_replacement_belongs_to_the_same_patient(client: FhirClient) -> None:
    """It names what it replaces."""
    notes = FhirNotes(client)
    ref = notes.write(PatientRef("7"), NOTE)
    by = notes.replace(ref, Note("Rettelse", "rettet", AT))
    assert [(one.ref, one.replaces) for one in notes.of(PatientRef("7"))] == [(ref, None), (by, ref)]


@pytest.mark.parametrize("data", ["no base 64!", b64encode("blødning".encode("latin-1")).decode()])
def test_a_text_that_cannot_be_read_is_the_candidates_fault(stand_in: StandIn, client: FhirClient, data: str) -> None:
    """Garbled letters are named, and never replaced."""
    record: dict[str, Any] = {
        "resourceType": "DocumentReference",
        "id": "1",
        "status": "current",
        "date": "2026-03-01T08:00:00Z",
        "content": [{"attachment": {"title": "Journal", "data": data}}],
    }
    stand_in.answers(record)
    with pytest.raises(CandidateFault, match="not UTF-8 in base64"):
        FhirNotes(client).read(NoteRef("1"))
