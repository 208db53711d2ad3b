"""Letters in the record itself: one that came in and one that is written here stand there whole, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from epjgate.drivers.dsl import PatientRef
from epjgate.drivers.fhir import FhirAnswer, FhirClient, Resource, value_at
from population.medcom import CATEGORY_SYSTEM, MUNICIPALITY, NURSE, WRITTEN, Letter

pytestmark = [
    pytest.mark.needs("patients", "care_communications", "hospital_notifications"),
    pytest.mark.severity("critical"),
]

CLOCKS_DIFFER = timedelta(minutes=5)

Write = Callable[..., Letter]
Deliver = Callable[[Resource], FhirAnswer]


@pytest.mark.rule("medcom-care-stored-as-sent")
def test_a_letter_stands_in_the_record_as_it_was_sent(
    patient: PatientRef, letter: Write, deliver: Deliver, letters_of: Callable[..., list[Resource]]
) -> None:
    """Communication, whole: identifier, category, priority, topic, subject, sender, sent and received, each payload."""
    elements = {"priority": "asap", "topic": {"text": "Henvisning af 5. februar: ½ ÆØÅ"}}
    now, new = datetime.now(UTC), letter(category="regarding-referral", letter=elements)
    message = new.message()
    (given,) = (value_at(entry, "resource") for entry in message["entry"] if "payload" in entry["resource"])
    answer = deliver(message).expect(200).resource
    assert value_at(answer, "entry", 0, "resource", "response", "code") == "ok"
    (stored,) = letters_of(patient)
    expected = {
        "category": given["category"],
        "priority": "asap",
        "topic": elements["topic"],
        "subject": {"reference": f"Patient/{patient.id}"},
        "sender": {"identifier": MUNICIPALITY["identifier"][0], "display": MUNICIPALITY["name"]},
    }
    assert {name: value_at(stored, name) for name in expected} == expected
    numbers = sorted(value_at(one, "value").removeprefix("urn:uuid:") for one in value_at(stored, "identifier"))
    assert numbers == sorted([new.header_id, given["identifier"][0]["value"].removeprefix("urn:uuid:")])
    assert datetime.fromisoformat(value_at(stored, "sent")) == datetime.fromisoformat(WRITTEN)
    assert abs(datetime.fromisoformat(value_at(stored, "received")) - now) < CLOCKS_DIFFER
    (part,) = value_at(stored, "payload")
    signed = {one["url"].rpartition("/")[2]: one for one in value_at(part, "extension")}
    assert value_at(part, "contentString") == new.text
    assert value_at(signed, "medcom-core-datetime-extension", "valueDateTime") == WRITTEN
    author = value_at(signed, "medcom-core-practitioner-extension", "valueReference", "display")
    assert NURSE in author, "nobody sees by whose hand a letter is"
    assert "sygeplejerske" in author, "nobody sees in which role a letter was written"
    assert value_at(stored, "status") == "completed", "a letter that has come counts as under way"


@pytest.mark.rule("medcom-care-stored-as-sent")
def test_a_letter_written_here_reads_as_it_was_written(fhir: FhirClient, patient: PatientRef) -> None:
    """Communication, whole: in the answer to the write, when it is read, and when it is searched for."""
    draft = {
        "resourceType": "Communication",
        "status": "preparation",
        "category": [{"coding": [{"system": CATEGORY_SYSTEM, "code": "other"}]}],
        "priority": "asap",
        "subject": {"reference": f"Patient/{patient.id}"},
        "topic": {"text": "Nøgleboks ½ ÆØÅ"},
        "sent": "2026-02-06T14:00:00+01:00",
        "recipient": [{"display": "Hjemmeplejen Øst, team Å"}],
        "sender": {"display": "Anna Lindegård, læge"},
        "payload": [{"contentString": "Første del: 5 µg ½ tbl."}, {"contentString": "Anden del.\nNy linje."}],
    }
    stored = fhir.create(draft).expect(201).resource
    read = fhir.read("Communication", value_at(stored, "id")).expect(200).resource
    found = fhir.search_all("Communication", {"subject": f"Patient/{patient.id}"})
    for one in (stored, read, *found):
        assert {name: value for name, value in one.items() if name not in ("id", "meta")} == draft
    assert [value_at(one, "id") for one in found] == [value_at(stored, "id")], "the letter is not found once"
