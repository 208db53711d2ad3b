"""Words about what stands in the chart, on the reference EPJ."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from epjgate.drivers.dsl import (
    Allergy,
    Discipline,
    Drug,
    Epj,
    ImagingAnswer,
    Investigation,
    InvestigationState,
    LabResult,
    Note,
    NoteState,
    NotThere,
    Refused,
)
from epjgate.model.person import Person

Somebody = Callable[[], Person]


def test_an_allergy_is_recorded_and_warns(clinic: Epj, somebody: Somebody) -> None:
    """The alert comes for drugs of the group, and for no other."""
    patient = clinic.register_patient(somebody())
    penicillin = Allergy("J01C", "Penicillin", "udslæt")
    clinic.record_allergy(patient, penicillin)
    assert clinic.allergies_of(patient) == [penicillin]
    assert len(clinic.allergy_alerts(patient, Drug("J01CA04", "Amoxicillin"))) == 1
    assert clinic.allergy_alerts(patient, Drug("N02BE01", "Paracetamol")) == []


def test_a_note_keeps_every_letter_until_it_is_signed(clinic: Epj, somebody: Somebody, morning: datetime) -> None:
    """A draft may be changed and deleted; a signed note can only be replaced."""
    patient = clinic.register_patient(somebody())
    text = "ingen blødning\n\n  µ 🩸 slut \n"
    note = clinic.write_note(patient, Note("Journal", text, morning))
    assert clinic.read_note(note).note.text == text
    clinic.change_note(note, f"{text}ikke")
    clinic.sign_note(note)
    signed = clinic.read_note(note)
    assert (signed.state, signed.note.text, signed.signed_by) == (NoteState.SIGNED, f"{text}ikke", "doctor")
    with pytest.raises(Refused):
        clinic.change_note(note, "x")
    with pytest.raises(Refused):
        clinic.delete_note(note)
    by = clinic.replace_note(note, Note("Rettelse", "rettet", morning + timedelta(hours=1)))
    first, second = clinic.notes_of(patient)
    assert (first.ref, first.state, first.replaces) == (note, NoteState.SUPERSEDED, None)
    assert (second.ref, second.state, second.replaces) == (by, NoteState.DRAFT, note)


def test_a_deleted_draft_is_not_there(clinic: Epj, somebody: Somebody, morning: datetime) -> None:
    """Reading it says so, in its own kind of no."""
    note = clinic.write_note(clinic.register_patient(somebody()), Note("Journal", "x", morning))
    clinic.delete_note(note)
    with pytest.raises(NotThere):
        clinic.read_note(note)


def test_an_answer_completes_its_order_only(clinic: Epj, somebody: Somebody, morning: datetime) -> None:
    """Laboratory and imaging each complete what they answer."""
    patient = clinic.register_patient(somebody())
    glucose = Investigation("P-Glukose", morning, "NPU02192")
    ordered = clinic.order_lab(patient, glucose)
    image = clinic.order_imaging(patient, Investigation("Røntgen af thorax", morning + timedelta(hours=1)))
    other = clinic.order_procedure(patient, Investigation("Koloskopi", morning + timedelta(hours=2)))
    result = LabResult("NPU02192", "P-Glukose", Decimal("5.10"), "mmol/L", morning, Decimal("4.2"), Decimal("6.0"))
    clinic.report_lab_result(patient, result, answers=ordered)
    answer = ImagingAnswer("Røntgen af thorax", "Ingen infiltrater.", morning, image)
    clinic.report_imaging(patient, answer)
    assert clinic.lab_results_of(patient) == [result]
    assert clinic.imaging_answers_of(patient) == [answer]
    orders = clinic.orders_of(patient)
    assert [(one.ref, one.discipline, one.state) for one in orders] == [
        (ordered, Discipline.LABORATORY, InvestigationState.COMPLETED),
        (image, Discipline.IMAGING, InvestigationState.COMPLETED),
        (other, Discipline.PROCEDURE, InvestigationState.ACTIVE),
    ]
    assert orders[0].investigation == glucose


def test_results_are_selected_by_the_time_of_their_sample(clinic: Epj, somebody: Somebody, morning: datetime) -> None:
    """From the first limit on, and before the second."""
    patient = clinic.register_patient(somebody())
    times = [morning + timedelta(hours=hours) for hours in range(3)]
    for at in times:
        clinic.report_lab_result(patient, LabResult("NPU02192", "P-Glukose", Decimal("5.1"), "mmol/L", at))
    selected = clinic.lab_results_of(patient, taken_from=times[1], taken_before=times[2])
    assert [result.taken_at for result in selected] == [times[1]]
