"""Every letter arrives as it was sent, in every character set of the feed (INC-0043)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product

from epjgate.drivers.dsl import Charset, Envelope, Epj, LabMessage, LabResult, PatientRef
from epjgate.model.person import Person

LETTERS = "æøåÆØÅäöüÄÖÜßéÉµ°½§"


def test_each_letter_arrives_in_each_character_set(
    epj: Epj, person: Person, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """In a comment of the laboratory each by itself, in a name and an address of the admission system all together."""
    first = LabResult("NPU02192", "P-Glukose", Decimal("5.1"), "mmol/L", at("2026-02-03 07:00"))
    sent = [
        (charset, replace(first, comment=f"pr{letter}ve", taken_at=first.taken_at + timedelta(minutes=number)))
        for number, (charset, letter) in enumerate(product(Charset, LETTERS))
    ]
    told = epj.laboratory_sends_together(
        [LabMessage(person, result, envelope=Envelope(charset)) for charset, result in sent]
    )
    arrived = [result.comment for result in epj.lab_results_of(patient)]
    assert all(answer.accepted for answer in told), "a message was refused for a letter in it"
    comments = [result.comment for _, result in sent]
    assert arrived == comments, "a letter of a comment arrived as another, or not at all"

    for charset in Charset:
        renamed = replace(person, family_name=f"X{LETTERS}x", address=replace(person.address, line=f"{LETTERS}vej 7"))
        assert epj.admission_system_updates(renamed, Envelope(charset)).accepted, (
            "a name was refused for a letter in it"
        )
        known = epj.read_patient(patient)
        assert known == renamed, "a letter of a name or an address arrived as another, or not at all"
        epj.admission_system_updates(person)
