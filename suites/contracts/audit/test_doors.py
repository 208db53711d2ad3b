"""Operations, messages of other systems, the downtime copy: each door into the record leaves its entries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from epjgate.drivers.dsl import Access, AccessDenied, Drug, Epj, LabResult, Note, PatientRef, Prescription, UserWords
from epjgate.drivers.hl7v2 import Header, message
from epjgate.drivers.mllp import MllpClient
from epjgate.evidence.recorder import Recorder
from epjgate.model.person import Person
from epjgate.model.target import Target

if TYPE_CHECKING:
    from suites.contracts.audit.conftest import Trail

pytestmark = [
    pytest.mark.needs("patients", "audit", "access_control"),
    pytest.mark.severity("critical"),
]

Moment = Callable[[str], datetime]


@pytest.fixture
def prescription(at: Moment) -> Prescription:
    """Return an order of paracetamol."""
    drug = Drug(atc_code="N02BE01", name="Paracetamol")
    start = at("2026-02-03 08:00")
    return Prescription(drug, Decimal(500), Decimal(2), "{tablet}", timedelta(hours=6), start, "2 tabletter")


@pytest.mark.needs("medication", "medication_renewal", "prescription_label", "dispensing", "allergy_alerts")
@pytest.mark.rule("audit-operation")
@pytest.mark.parametrize("what", ["renew", "label", "tablets", "alerts"])
def test_an_operation_on_medication_is_an_entry(
    epj: Epj, patient: PatientRef, prescription: Prescription, at: Moment, trail: Trail, what: str
) -> None:
    """A renewal, a label, a count of tablets and a check for allergies are in the patient's trail, by the doctor."""
    order = epj.prescribe(patient, prescription)
    acts: dict[str, Callable[[], object]] = {
        "renew": lambda: epj.renew(order, at("2026-05-03 08:00")),
        "label": lambda: epj.label_of(order),
        "tablets": lambda: epj.fewest_tablets(order, [Decimal(500)]),
        "alerts": lambda: epj.allergy_alerts(patient, prescription.drug),
    }
    entries = trail.told(patient.id, acts[what])
    assert entries != []
    assert {(entry.action, entry.succeeded, entry.role) for entry in entries} == {("E", True, "doctor")}
    assert {entry.about.partition("/")[0] for entry in entries} == {"MedicationRequest"}


@pytest.mark.needs("notes", "note_signing")
@pytest.mark.rule("audit-operation")
def test_a_signature_is_an_entry(epj: Epj, patient: PatientRef, at: Moment, trail: Trail) -> None:
    """A note is signed: an entry about that note, by the doctor who signs."""
    note = epj.write_note(patient, Note("Notat", "Patienten er set på stuen.", at("2026-02-03 08:00")))
    (entry,) = trail.told(patient.id, lambda: epj.sign_note(note))
    assert (entry.succeeded, entry.role, entry.about) == (True, "doctor", f"DocumentReference/{note.id}")


@pytest.mark.needs("patient_merge")
@pytest.mark.rule("audit-operation")
def test_a_merge_is_an_entry_in_both_trails(epj: Epj, patient: PatientRef, bystander: PatientRef, trail: Trail) -> None:
    """Who goes and who survives both have it in their trail."""
    known = {event["id"] for event in trail.of(bystander.id)}
    gone = trail.told(patient.id, lambda: epj.merge_patients(patient, into=bystander))
    survived = [event for event in trail.of(bystander.id) if event["id"] not in known]
    by_doctor = [event for event in survived if event["agent"][0]["role"][0]["coding"][0]["code"] == "doctor"]
    assert [(entry.succeeded, entry.role) for entry in gone] == [(True, "doctor")]
    assert [event["action"] for event in by_doctor] == ["E"]


@pytest.fixture
def mllp(target: Target, recorder: Recorder) -> MllpClient:
    """Return a client of the MLLP listener."""
    return MllpClient(str(target.url("hl7v2")), recorder, timeout_s=target.timeout_s)


@pytest.mark.needs("laboratory_feed", "admission_feed")
@pytest.mark.rule("audit-message-in")
@pytest.mark.parametrize("what", ["admission", "result", "correction"])
def test_a_message_of_another_system_is_an_entry(
    epj: Epj, person: Person, patient: PatientRef, at: Moment, trail: Trail, what: str
) -> None:
    """An admission, a result of the laboratory, new demographics: one entry each, which names the sender."""
    kalium = LabResult("NPU03230", "P-Kalium", Decimal("3.9"), "mmol/L", at("2026-02-03 10:00"))
    acts: dict[str, tuple[str, Callable[[], object]]] = {
        "admission": ("PAS", partial(epj.admission_system_admits, person, at("2026-02-03 08:00"), "M1")),
        "result": ("LAB", partial(epj.laboratory_sends_result, person, kalium)),
        "correction": ("PAS", partial(epj.admission_system_updates, person)),
    }
    sender, act = acts[what]
    (event,) = trail.new(patient.id, act)
    assert event["outcome"] == "0"
    assert event["agent"][0]["who"]["display"].startswith(sender)
    assert event["action"] in ("C", "U", "E")
    assert event["source"]["site"] == "hl7v2"


@pytest.mark.needs("admission_feed")
@pytest.mark.rule("audit-message-in", "audit-denied")
def test_a_refused_message_is_an_entry(person: Person, patient: PatientRef, mllp: MllpClient, trail: Trail) -> None:
    """A message of a kind that nobody knows is refused, and in the trail of the patient whom it names."""
    header = Header("STRANGER", "ZZZ^Z99", uuid4().hex[:20], datetime.now(UTC))
    pid = ["PID", "1", "", (person.cpr, "", "", "CPR", "NNDNK"), "", (person.family_name, "x")]
    answers: list[str] = []
    (event,) = trail.new(patient.id, lambda: answers.extend(mllp.send(message(header, pid))))
    assert "MSA|AA" not in answers[0]
    assert event["outcome"] != "0"
    assert event["agent"][0]["who"]["display"].startswith("STRANGER")


@pytest.mark.needs("downtime_copy")
@pytest.mark.rule("audit-downtime-read")
def test_a_look_into_the_downtime_copy_is_an_entry(epj: Epj, person: Person, patient: PatientRef) -> None:
    """Found by number and opened on the copy by a nurse, and denied to an auditor: three entries about the patient."""
    nurse, auditor = epj.signed_in_as("nurse"), epj.signed_in_as("auditor")
    found = nurse.find_on_downtime_copy(person.cpr)
    assert found == [patient], "the downtime copy does not hold a patient who was registered before it was taken"
    began = datetime.now(UTC) - timedelta(seconds=2)
    chart = nurse.downtime_chart(patient, within_s=0)
    assert chart is not None
    with pytest.raises(AccessDenied):
        auditor.downtime_chart(patient, within_s=0)
    entries = epj.read_downtime_audit_trail(patient)
    looks = [(entry.role, entry.access, entry.allowed) for entry in entries]
    assert looks[:3] == [("nurse", Access.READ, True), ("nurse", Access.READ, True), ("auditor", Access.READ, False)]
    assert began <= entries[1].at <= datetime.now(UTC) + timedelta(seconds=2)
    assert entries[0].record == entries[1].record.removesuffix(f"/{patient.id}") != entries[1].record, (
        "the journal does not say what was opened: the list, and then the patient"
    )
    assert entries[2].record == entries[1].record
    assert entries[0].user == entries[1].user == _user_in_the_record(epj, nurse, patient), "another nurse is named"


def _user_in_the_record(epj: Epj, reader: UserWords, patient: PatientRef) -> str:
    """Return by which name the record's own trail knows who reads there now."""
    reader.read_patient(patient)
    return next(entry.user for entry in reversed(epj.read_audit_trail(patient)) if entry.role == "nurse")


@pytest.mark.needs("downtime_copy")
@pytest.mark.rule("audit-downtime-read", "audit-trail-reading")
def test_to_read_the_downtime_trail_is_an_entry(epj: Epj, patient: PatientRef, person: Person) -> None:
    """The journal of the copy tells who read it, and who tried to change the copy."""
    assert epj.find_on_downtime_copy(person.cpr) == [patient]
    refused = epj.signed_in_as("nurse").changes_accepted_by_downtime_copy(patient)
    before = epj.read_downtime_audit_trail(patient)
    entries = epj.read_downtime_audit_trail(patient)
    assert refused == []
    assert entries[: len(before)] == before
    assert len(entries) > len(before), "the first reading of the journal is not in it"
    assert len(set(entries)) == len(entries), "an entry comes twice"
    assert ("auditor", True) in [(entry.role, entry.allowed) for entry in entries]
    tried = [entry for entry in entries if (entry.role, entry.allowed) == ("nurse", False)]
    assert len(tried) >= 3, "tries to change a patient on the copy are not in the patient's trail"
