"""The chart across the upgrade: allergies, notes, results and stays, none lost, none doubled, none altered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.dsl import (
    Allergy,
    Encounter,
    EncounterState,
    Epj,
    LabResult,
    Note,
    NoteState,
    PatientRef,
    Refused,
)

if TYPE_CHECKING:
    from suites.upgrade.conftest import Walk

pytestmark = [pytest.mark.needs("patients"), pytest.mark.severity("blocker")]

Moment = Callable[[str], datetime]
PENICILLIN = Allergy("J01CE02", "Phenoxymethylpenicillin", "udslæt på kroppen")
ASPIRIN = Allergy("B01AC06", "Acetylsalicylsyre, også i små doser", "åndenød")
LATEX = Allergy("V07AY", "Latex", "kløe")
WORDS = "Smørrebrød\tà la carte; på\u030a tværs, cafe\u0301 – «ægte» 🩺.\r\nNæste linje  \nog en til.\n"  # noqa: RUF001
BYTES = 60_000


@pytest.mark.needs("allergies")
def test_allergies_are_there_once(epj: Epj, patient: PatientRef, bystander: PatientRef) -> Walk:
    """With the reaction that was seen, and with nobody else; one that the candidate took in outlasts the rollback."""
    for allergy in (PENICILLIN, ASPIRIN):
        epj.record_allergy(patient, allergy)
    assert epj.allergies_of(patient) == [ASPIRIN, PENICILLIN]
    epj = yield
    assert epj.allergies_of(patient) == [ASPIRIN, PENICILLIN], "an allergy is lost or doubled"
    assert epj.allergies_of(bystander) == []
    epj.record_allergy(patient, LATEX)
    assert epj.allergies_of(patient) == [ASPIRIN, PENICILLIN, LATEX]
    epj = yield
    assert epj.allergies_of(patient) == [ASPIRIN, PENICILLIN, LATEX], "an allergy is lost or doubled"
    assert epj.allergies_of(bystander) == []


@pytest.mark.needs("notes", "note_signing")
def test_a_signed_note_is_the_same_to_the_letter(epj: Epj, patient: PatientRef, at: Moment) -> Walk:
    """60 kB with combining letters, tabs and both line ends: text, title, time and signature, and nobody changes it."""
    text = (WORDS * (BYTES // len(WORDS.encode()) + 1))[: BYTES - len("slut")] + "slut"
    note = Note("Journalnotat, afsnit Ø", text, at("2026-02-03 08:00"))
    signed = epj.sign_note(epj.write_note(patient, note))

    def signature(epj: Epj) -> str:
        (stands,) = epj.notes_of(patient)
        assert (stands.ref, stands.state) == (signed, NoteState.SIGNED)
        assert stands.note.text == text, "the text is not the same to the letter"
        assert stands.note == note
        return stands.signed_by

    by = signature(epj)
    assert by != ""
    epj = yield
    assert signature(epj) == by
    with pytest.raises(Refused):
        epj.change_note(signed, "Noget andet.")
    assert signature(epj) == by
    epj = yield
    assert signature(epj) == by
    with pytest.raises(Refused):
        epj.delete_note(signed)
    assert signature(epj) == by


@pytest.mark.needs("notes", "note_signing")
def test_a_draft_is_written_on(epj: Epj, patient: PatientRef, at: Moment) -> Walk:
    """What was begun before the upgrade is changed and signed after it, and is that after the rollback."""
    draft = epj.write_note(patient, Note("Notat", "Patienten er set på stuen, og", at("2026-02-03 08:00")))
    assert epj.read_note(draft).state is NoteState.DRAFT
    epj = yield
    assert epj.read_note(draft).note.text == "Patienten er set på stuen, og"
    epj.sign_note(epj.change_note(draft, "Patienten er set på stuen, og sover.\n"))
    assert epj.read_note(draft).state is NoteState.SIGNED
    epj = yield
    stands = epj.read_note(draft)
    assert (stands.state, stands.note.text) == (NoteState.SIGNED, "Patienten er set på stuen, og sover.\n")


@pytest.mark.needs("laboratory")
def test_results_keep_value_unit_and_range(
    epj: Epj, patient: PatientRef, bystander: PatientRef, potassium: LabResult, at: Moment
) -> Walk:
    """With the digits that say how exact they are, and the comment; a new one stands beside the old ones."""
    earlier = replace(potassium, value=Decimal("5.0"), taken_at=at("2026-02-02 23:59"), comment="")
    epj.report_lab_result(patient, potassium)
    epj.report_lab_result(patient, earlier)
    written = [str(one) for one in (earlier, potassium)]
    assert [str(one) for one in epj.lab_results_of(patient)] == written
    epj = yield
    assert [str(one) for one in epj.lab_results_of(patient)] == written, "a result is lost, doubled or altered"
    assert [str(one) for one in epj.lab_results_of(patient, taken_before=at("2026-02-03 00:00"))] == written[:1]
    later = replace(potassium, value=Decimal("4.10"), taken_at=at("2026-02-04 06:40"))
    epj.report_lab_result(patient, later)
    written.append(str(later))
    assert [str(one) for one in epj.lab_results_of(patient)] == written
    epj = yield
    assert [str(one) for one in epj.lab_results_of(patient)] == written, "a result is lost, doubled or altered"
    assert epj.lab_results_of(bystander) == []


@pytest.mark.needs("encounters")
def test_stays_are_what_they_were(epj: Epj, patient: PatientRef, at: Moment) -> Walk:
    """One over, one struck out, one that goes on and is ended by the candidate: ward, times, diagnosis and state."""
    over = epj.admit(patient, at("2026-01-02 08:00"), "Børneafsnit Å2")
    epj.discharge(over, at("2026-01-04 15:10"), "DI109")
    struck = epj.strike_out_encounter(epj.admit(patient, at("2026-01-12 07:30"), "Afsnit Ø"))
    lasting = epj.admit(patient, at("2026-02-01 03:00"), "Afsnit Ø")
    ended = Encounter(
        over,
        EncounterState.DISCHARGED,
        "Børneafsnit Å2",
        at("2026-01-02 08:00"),
        discharged_at=at("2026-01-04 15:10"),
        diagnosis="DI109",
    )
    goes_on = Encounter(lasting, EncounterState.ADMITTED, "Afsnit Ø", at("2026-02-01 03:00"))
    by_ref = {one.ref: one for one in epj.encounters_of(patient)}
    assert (by_ref[over], by_ref[lasting], by_ref[struck].state) == (ended, goes_on, EncounterState.ENTERED_IN_ERROR)
    before = epj.encounters_of(patient)
    epj = yield
    assert epj.encounters_of(patient) == before, "a stay is lost, doubled or altered"
    epj.discharge(lasting, at("2026-02-03 11:00"), "DJ189")
    after = epj.encounters_of(patient)
    assert [one.state for one in after if one.ref == lasting] == [EncounterState.DISCHARGED]
    epj = yield
    assert epj.encounters_of(patient) == after, "a stay is lost, doubled or altered"
