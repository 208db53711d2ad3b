"""Words of other systems, on the reference EPJ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from epjgate.drivers.dsl import (
    Charset,
    Envelope,
    Epj,
    Investigation,
    InvestigationState,
    LabMessage,
    LabResult,
    Terminology,
    Verdict,
)
from epjgate.evidence.recorder import Recorder
from epjgate.model.person import Person

Somebody = Callable[[], Person]


@pytest.fixture
def glucose(morning: datetime) -> LabResult:
    return LabResult(
        "NPU02192", "P-Glukose på åben æske", Decimal("5.10"), "mmol/L", morning, Decimal("4.2"), Decimal("6.0"), "hæm"
    )


@pytest.mark.parametrize("charset", list(Charset))
def test_a_result_of_the_laboratory_reaches_the_chart(
    clinic: Epj, somebody: Somebody, glucose: LabResult, charset: Charset
) -> None:
    """Value, unit, range, time, comment and letters are those that were sent; its order is completed."""
    person = somebody()
    patient = clinic.register_patient(person)
    order = clinic.order_lab(patient, Investigation("P-Glukose", glucose.taken_at, "NPU02192"))
    answer = clinic.laboratory_sends_result(person, glucose, order, Envelope(charset))
    assert (answer.accepted, answer.verdict) == (True, Verdict.ACCEPTED)
    assert clinic.lab_results_of(patient) == [glucose]
    assert [one.state for one in clinic.orders_of(patient)] == [InvestigationState.COMPLETED]


def test_a_loinc_code_stays_one(clinic: Epj, somebody: Somebody, glucose: LabResult) -> None:
    """Whose code it is goes along; a result without limits or comment has none."""
    person = somebody()
    patient = clinic.register_patient(person)
    bare = LabResult("15074-8", "Glucose", Decimal(5), "mmol/L", glucose.taken_at, terminology=Terminology.LOINC)
    assert clinic.laboratory_sends_result(person, bare).accepted
    assert clinic.lab_results_of(patient) == [bare]


def test_the_same_message_again_is_the_same_message(clinic: Epj, somebody: Somebody, glucose: LabResult) -> None:
    """One id, one result; without an id every message is its own."""
    person = somebody()
    patient = clinic.register_patient(person)
    twice = [clinic.laboratory_sends_result(person, glucose, envelope=Envelope(message_id="M-1")) for _ in range(2)]
    assert twice[0] == twice[1]
    assert len(clinic.lab_results_of(patient)) == 1
    clinic.laboratory_sends_result(person, glucose)
    assert len(clinic.lab_results_of(patient)) == 2


def test_an_answer_in_text_keeps_its_lines(clinic: Epj, somebody: Somebody, morning: datetime) -> None:
    """A line that looks like a header is text."""
    person = somebody()
    patient = clinic.register_patient(person)
    order = clinic.order_imaging(patient, Investigation("Røntgen af thorax", morning))
    text = "Ingen infiltrater & ingen væske\nMSH|^~\\&|ikke en besked"
    assert clinic.laboratory_sends_text_answer(person, "Røntgen af thorax", text, morning, order).accepted
    (answer,) = clinic.imaging_answers_of(patient)
    assert (answer.name, answer.conclusion, answer.reported_at, answer.answers) == (
        "Røntgen af thorax",
        text,
        morning,
        order,
    )


def test_messages_sent_together_reach_their_own_patients(
    clinic: Epj, somebody: Somebody, glucose: LabResult, recorder: Recorder
) -> None:
    """Each is answered, each is an exchange, and no value strays."""
    persons = [somebody() for _ in range(5)]
    patients = [clinic.register_patient(person) for person in persons]
    before = recorder.count
    sent = [LabMessage(person, replace(glucose, value=Decimal(n))) for n, person in enumerate(persons)]
    assert [answer.accepted for answer in clinic.laboratory_sends_together(sent)] == [True] * 5
    assert recorder.count - before == 5
    assert [clinic.lab_results_of(patient)[0].value for patient in patients] == [0, 1, 2, 3, 4]


def test_a_result_of_nobody_is_an_error(clinic: Epj, somebody: Somebody, glucose: LabResult) -> None:
    """The laboratory learns that it was not taken in, and why."""
    answer = clinic.laboratory_sends_result(somebody(), glucose)
    assert (answer.accepted, answer.verdict, bool(answer.reason)) == (False, Verdict.ERROR, True)


def test_an_admission_registers_updates_and_discharges(clinic: Epj, somebody: Somebody, morning: datetime) -> None:
    """The person is as the admission system told, by every message."""
    person = somebody()
    assert clinic.admission_system_admits(person, morning, "Ø3").accepted
    patient = clinic.find_patient_by_cpr(person.cpr)
    assert patient is not None
    assert clinic.read_patient(patient) == person
    renamed = replace(person, family_name="Ærøskov")
    assert clinic.admission_system_updates(renamed, Envelope(Charset.LATIN_1)).accepted
    assert clinic.read_patient(patient) == renamed
    assert clinic.admission_system_discharges(person, morning + timedelta(days=1)).accepted
    (stay,) = clinic.encounters_of(patient)
    assert (stay.ward, stay.admitted_at, stay.discharged_at) == ("Ø3", morning, morning + timedelta(days=1))


def test_what_is_not_supported_is_rejected(clinic: Epj, somebody: Somebody, morning: datetime) -> None:
    """A transfer is not acknowledged as if it had been taken in."""
    answer = clinic.admission_system_transfers(somebody(), morning, "Ø4")
    assert (answer.accepted, answer.verdict) == (False, Verdict.REJECTED)


def test_a_merge_of_the_admission_system_goes_the_right_way(clinic: Epj, somebody: Somebody) -> None:
    """Who was told to go, goes."""
    gone, kept = somebody(), somebody()
    source, target = clinic.register_patient(gone), clinic.register_patient(kept)
    assert clinic.admission_system_merges(gone, kept).accepted
    assert (clinic.survivor_of(source), clinic.survivor_of(target)) == (target, None)
