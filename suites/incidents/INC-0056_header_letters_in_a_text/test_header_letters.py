"""A text that looks like the header of a message stays a text, whole and once (INC-0056)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl import Epj, LabMessage, LabResult, PatientRef
from epjgate.model.person import Person

TEXTS = [
    "Udtryk af MLH1 og PMS2 er bevaret, MSH2 og MSH6 mangler. Arvelig disposition må udredes.",
    "MSH2 mangler.",
    "Mutation i MSH",
    "Fund:\nMSH6 mangler\nMSH2 er bevaret",
    "MSH ^~\\& | LAB | er ingen besked",
]


def test_the_letters_of_a_header_are_text(
    epj: Epj, person: Person, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """As the answer of the pathologist, and as the comment to a value; all in one packet."""
    moments = [at("2026-02-03 07:00") + timedelta(minutes=number) for number in range(len(TEXTS))]
    written = [
        LabMessage(person, text, name="Immunhistokemi", taken_at=moment)
        for text, moment in zip(TEXTS, moments, strict=True)
    ]
    measured = [
        LabResult("NPU02192", "P-Glukose", Decimal("5.1"), "mmol/L", moment, comment=text)
        for text, moment in zip(TEXTS, moments, strict=True)
    ]
    told = epj.laboratory_sends_together([*written, *(LabMessage(person, result) for result in measured)])

    assert all(answer.accepted for answer in told), "a message was refused for the letters MSH in its text"
    answers = [answer.text for answer in epj.text_answers_of(patient)]
    assert answers == TEXTS, "an answer with the letters MSH does not say what was sent"
    assert epj.lab_results_of(patient) == measured, "a value whose comment holds the letters MSH is not the one sent"
