"""A note says what was written, letter by letter (INC-0028)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from epjgate.drivers.dsl import Epj, Note, NoteRef, PatientRef
from population.strategies import danish_texts

FEW = settings(
    max_examples=6, deadline=None, database=None, phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False
)
NEGATIONS = ("Ingen blødning", "ingen blödning", "Ikke allergisk", "uden tegn på metastaser", "aldrig krampeanfald")
LONGEST = 300


def test_no_word_is_lost_wherever_it_stands(epj: Epj, patient: PatientRef, at: Callable[[str], datetime]) -> None:
    """Whether it begins a note, ends it, or stands after many words or many lines: what denies a finding is kept."""

    @FEW
    @given(
        before=st.just("") | danish_texts(max_size=LONGEST),
        finding=st.sampled_from(NEGATIONS),
        after=st.just("") | danish_texts(max_size=LONGEST),
    )
    @example(before="Patienten er set på stuen. " * 3, finding=NEGATIONS[0], after=" fra operationssåret. " * 5)
    def is_kept(before: str, finding: str, after: str) -> None:
        text = f"{before} {finding} {after}"
        note = epj.write_note(patient, Note("Røntgen", text, at("2026-02-03 09:00")))
        assert text_of(epj, note) == text, "a note does not say what was written"

        epj.change_note(note, f"{after} {finding} {before}")
        assert text_of(epj, note) == f"{after} {finding} {before}", "a note does not say what it was changed to"

    is_kept()


def test_the_list_says_what_the_note_says(epj: Epj, patient: PatientRef, at: Callable[[str], datetime]) -> None:
    """Title and text are in the list of notes as they are in the note itself."""
    written = [
        Note("Kirurgi: ingen komplikationer", "Ingen blødning.", at("2026-02-03 09:00")),
        Note("Medicin", "Ikke insulinkrævende.\r\n\tIngen kendt allergi.\n", at("2026-02-03 10:00")),
    ]
    for note in written:
        epj.write_note(patient, note)
    assert [entry.note for entry in epj.notes_of(patient)] == written, (
        "a list of notes says other things than were written"
    )


def text_of(epj: Epj, note: NoteRef) -> str:
    """Return what the note says now."""
    return epj.read_note(note).note.text
