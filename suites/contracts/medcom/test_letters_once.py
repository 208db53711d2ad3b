"""When a letter leaves: not before it is finished, once, and never otherwise than the record has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.dsl import PatientRef
from epjgate.drivers.fhir import FhirClient, value_at
from epjgate.model.person import Person

if TYPE_CHECKING:
    from suites.contracts.medcom.conftest import Mailbox

pytestmark = [
    pytest.mark.needs("patients", "care_communications", "hospital_notifications"),
    pytest.mark.severity("critical"),
]

LETTER = "care-communication-message"

Write = Callable[..., str]


@pytest.mark.rule("medcom-care-sent-once")
def test_a_letter_leaves_once_it_is_no_draft_any_more(
    fhir: FhirClient, write: Write, mailbox: Mailbox, patient: PatientRef, person: Person
) -> None:
    """A draft stays; sent, it arrives as it was then; ticked off, it stays sent; a note of the house never leaves."""
    draft = write(patient, status="preparation")
    write(patient, category=[{"text": "intern besked"}])
    before = mailbox.documents(patient, person.cpr, LETTER)
    letter = fhir.read("Communication", draft).expect(200).resource
    fhir.update({**letter, "status": "in-progress", "payload": [{"contentString": "Rettet før afsendelse."}]}).expect(
        200
    )
    letter = fhir.read("Communication", draft).expect(200).resource
    fhir.update({**letter, "status": "completed"}).expect(200)
    (sent,) = mailbox.documents(patient, person.cpr, LETTER)
    assert before == [], "a draft or a note of the house was sent"
    found = [value_at(entry, "resource") for entry in value_at(sent, "entry")]
    (letter,) = (one for one in found if one["resourceType"] == "Communication")
    assert [value_at(part, "contentString") for part in value_at(letter, "payload")] == ["Rettet før afsendelse."]


@pytest.mark.needs("delivery_ledger")
@pytest.mark.rule("medcom-care-sent-once")
def test_a_letter_that_is_changed_after_it_was_sent_raises_the_alarm(
    fhir: FhirClient, write: Write, mailbox: Mailbox, patient: PatientRef, person: Person
) -> None:
    """The municipality has another text than the record: either the change is refused, or somebody has to tell them."""
    letter = fhir.read("Communication", write(patient)).expect(200).resource
    assert len(mailbox.documents(patient, person.cpr, LETTER)) == 1, "the letter did not arrive"
    changed = fhir.update({**letter, "payload": [{"contentString": "Noget andet."}]})
    told = len(mailbox.documents(patient, person.cpr, LETTER)) > 1
    alarmed = any(one.alarm for one in mailbox.ledger(patient))
    assert changed.status >= 400 or told or alarmed, "nobody learns that a letter was changed"
