"""A message that is sent twice, one after the other or at once, is taken in once (INC-0027)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal

from epjgate.drivers.dsl import Envelope, Epj, LabMessage, LabResult, PatientRef
from epjgate.model.person import Person

SENDERS = 4


def test_a_result_that_is_sent_again_is_stored_once(
    epj: Epj, person: Person, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Over a new connection or in one packet, the same message is the same result; another message is another one."""
    potassium, later = kalium("3.9", at("2026-02-03 08:00")), kalium("3.9", at("2026-02-03 14:00"))
    same, other = Envelope(message_id=f"{patient.id}-1"), Envelope(message_id=f"{patient.id}-2")
    answers = [epj.laboratory_sends_result(person, potassium, envelope=same) for _ in range(2)]
    answers += epj.laboratory_sends_together([LabMessage(person, later, envelope=other)] * 2)

    assert all(answer.accepted for answer in answers), "a message that was sent again was not acknowledged"
    assert epj.lab_results_of(patient) == [potassium, later], "a result that was sent again was stored again"


def test_a_result_that_is_sent_several_times_at_once_is_stored_once(
    epj: Epj, person: Person, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """The same message over several connections at the same time is the same result."""
    potassium, envelope = kalium("3.9", at("2026-02-03 08:00")), Envelope(message_id=f"{patient.id}-1")
    with ThreadPoolExecutor(SENDERS) as senders:
        sent = [
            senders.submit(epj.laboratory_sends_result, person, potassium, envelope=envelope) for _ in range(SENDERS)
        ]

    assert all(answer.result().accepted for answer in sent), "a message that was sent at once was not acknowledged"
    assert epj.lab_results_of(patient) == [potassium], "a result that was sent at once was stored several times"


def test_an_admission_that_is_sent_again_is_one_admission(
    epj: Epj, person: Person, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """The admission system may repeat itself: it gets the same answer, and the patient has one encounter."""
    envelope = Envelope(message_id=f"{patient.id}-1")
    answers = [
        epj.admission_system_admits(person, at("2026-02-03 08:00"), "Medicinsk afsnit M1", envelope) for _ in range(2)
    ]

    assert all(answer.accepted for answer in answers), "an admission that was sent again was not acknowledged"
    assert len(epj.encounters_of(patient)) == 1, "an admission that was sent again was entered again"


def kalium(value: str, taken_at: datetime) -> LabResult:
    """Return a potassium concentration."""
    return LabResult("NPU03230", "P-Kalium", Decimal(value), "mmol/L", taken_at, Decimal("3.5"), Decimal("4.4"))
