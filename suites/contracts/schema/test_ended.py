"""What one release has ended, signed or protected is ended, signed and protected for the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.dsl import EncounterState, Note, NoteState, OrderState, PatientRef, Prescription, Refused
from epjgate.model.person import Person

if TYPE_CHECKING:
    from suites.contracts.schema.conftest import Pair

pytestmark = [pytest.mark.needs("patients"), pytest.mark.severity("blocker")]

Moment = Callable[[str], datetime]


@pytest.mark.needs("medication")
@pytest.mark.rule("schema-ended-stays-ended")
def test_a_stopped_drug_stays_stopped(pair: Pair, known: PatientRef, prescription: Prescription, at: Moment) -> None:
    """It is stopped for the other, at that time, and not among what the patient takes now."""
    stopped = pair.writer.prescribe(known, prescription)
    taken = pair.writer.prescribe(known, prescription)
    pair.writer.stop_medication(stopped, at("2026-02-10 09:15"))
    states = {one.ref: (one.state, one.prescription.end) for one in pair.reader.medication_orders_of(known)}
    assert states == {stopped: (OrderState.STOPPED, at("2026-02-10 09:15")), taken: (OrderState.ACTIVE, None)}
    assert [one.ref for one in pair.reader.medication_orders_of(known, OrderState.ACTIVE)] == [taken]


@pytest.mark.needs("encounters")
@pytest.mark.rule("schema-ended-stays-ended")
def test_a_stay_that_was_struck_out_stays_so(pair: Pair, known: PatientRef, at: Moment) -> None:
    """One stay was entered in error and one is over; for the other release they are that, and no other is there."""
    struck = pair.writer.strike_out_encounter(pair.writer.admit(known, at("2026-01-02 08:00"), "Afsnit Ø"))
    over = pair.writer.admit(known, at("2026-01-12 07:30"), "Afsnit Ø")
    pair.writer.discharge(over, at("2026-01-14 15:10"))
    states = {one.ref: one.state for one in pair.reader.encounters_of(known)}
    assert states == {struck: EncounterState.ENTERED_IN_ERROR, over: EncounterState.DISCHARGED}


@pytest.mark.needs("patient_merge", "medication")
@pytest.mark.rule("schema-ended-stays-ended")
def test_a_merged_patient_stays_merged(
    pair: Pair,
    known: PatientRef,
    people: Callable[[int], list[Person]],
    prescription: Prescription,
) -> None:
    """For the other release the survivor has the chart, the other record leads there, and cannot be merged again."""
    (twin,) = people(1)
    gone = pair.writer.register_patient(twin)
    order = pair.writer.prescribe(gone, prescription)
    assert pair.writer.merge_patients(gone, into=known) == known
    assert pair.reader.survivor_of(gone) == known
    assert pair.reader.survivor_of(known) is None
    assert [one.ref for one in pair.reader.medication_orders_of(known)] == [order]
    assert pair.reader.medication_orders_of(gone) == []
    with pytest.raises(Refused):
        pair.reader.merge_patients(known, into=gone)
    assert pair.writer.survivor_of(known) is None


@pytest.mark.needs("notes", "note_signing")
@pytest.mark.rule("schema-signature-holds")
def test_a_signed_note_is_not_changed_through_the_other(pair: Pair, known: PatientRef, at: Moment) -> None:
    """Who signed it is told, its text stays, and neither a change nor a deletion is taken."""
    note = Note("Notat", "Patienten er set på stuen.", at("2026-02-03 08:00"))
    signed = pair.writer.sign_note(pair.writer.write_note(known, note))
    with pytest.raises(Refused):
        pair.reader.change_note(signed, "Noget andet.")
    with pytest.raises(Refused):
        pair.reader.delete_note(signed)
    for release in (pair.writer, pair.reader):
        (stands,) = release.notes_of(known)
        assert (stands.ref, stands.state, stands.note) == (signed, NoteState.SIGNED, note)
        assert stands.signed_by != ""


@pytest.mark.needs("address_protection")
@pytest.mark.rule("schema-protection-holds")
def test_a_protected_address_is_hidden_by_the_other(pair: Pair, known: PatientRef, person: Person) -> None:
    """No way of asking the other release shows the street, and nobody finds the patient by it."""
    pair.writer.protect_address(known)
    assert pair.reader.address_of(known) is None
    assert pair.reader.where_address_shows(known, person.address) == []
    assert known not in pair.reader.find_patients_by_address(person.address)
    assert pair.reader.signed_in_as("secretary").address_of(known) == person.address
