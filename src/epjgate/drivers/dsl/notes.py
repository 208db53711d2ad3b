"""The capabilities `notes` and `note_signing`: what is written about a patient, and by whom it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from epjgate.drivers.dsl.instants import point_in_time
from epjgate.drivers.dsl.patients import PatientRef


class NoteState(StrEnum):
    """How far a note has come."""

    DRAFT = "draft"
    SIGNED = "signed"
    SUPERSEDED = "superseded"
    ENTERED_IN_ERROR = "entered in error"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Note:
    """A note as it is written; `text` is kept letter by letter."""

    title: str
    text: str
    written_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "written_at", point_in_time("written_at", self.written_at))


@dataclass(frozen=True)
class NoteRef:
    """A note as the system named it; equal when it is the same note, whatever the version."""

    id: str
    version: str = field(default="", compare=False)


@dataclass(frozen=True)
class ChartNote:
    """A note as it stands in the record; `replaces` is the note in whose place it came, `signed_by` names a person."""

    ref: NoteRef
    state: NoteState
    note: Note
    signed_by: str = ""
    replaces: NoteRef | None = None


class Notes(Protocol):
    """What every implementation of `notes` promises; a broken answer is a CandidateFault, a refusal a Denial."""

    def write(self, patient: PatientRef, note: Note) -> NoteRef:
        """Write `note` as a draft."""

    def read(self, note: NoteRef) -> ChartNote:
        """Return the note as it stands now."""

    def change(self, note: NoteRef, text: str) -> NoteRef:
        """Put `text` in the place of the note's text."""

    def replace(self, note: NoteRef, by: Note) -> NoteRef:
        """Write the note `by`, which says that it comes in the place of `note`."""

    def delete(self, note: NoteRef) -> None:
        """Take the note out of the record."""

    def of(self, patient: PatientRef) -> list[ChartNote]:
        """Return the notes of `patient`, earliest first, those that were superseded included."""


class NoteSigning(Protocol):
    """What every implementation of `note_signing` promises; a broken answer is a CandidateFault, a refusal a Denial."""

    def sign(self, note: NoteRef) -> NoteRef:
        """Sign the note as the user who is signed in; from then on nobody changes it."""
