"""What an entry says, and what it never says; each rule is checked by itself, on entries of every kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.contracts.checks import Document
from epjgate.drivers.dsl import AccessDenied, Allergy, Drug, Epj, Note, PatientRef, Prescription
from epjgate.drivers.fhir import FhirClient
from epjgate.model.person import Person
from epjgate.plugin.rules import each_rule
from population.cpr import CPR_SYSTEM

if TYPE_CHECKING:
    from suites.contracts.audit.conftest import Trail

pytestmark = [
    pytest.mark.needs("patients", "medication", "notes", "note_signing", "allergies", "audit", "access_control"),
    pytest.mark.severity("critical"),
]

Violations = Callable[[str, Document], list[str]]
Moment = Callable[[str], datetime]

EVENT_TYPES = "http://terminology.hl7.org/CodeSystem/audit-event-type"
OBJECT_ROLES = "http://terminology.hl7.org/CodeSystem/object-role"
INTERACTIONS = "http://hl7.org/fhir/restful-interaction"
SOR = "urn:oid:1.2.208.176.1.1"
NOTE = "Psykiatrisk tilsyn: selvmordstanker"
DRUG = Drug(atc_code="N07BB01", name="Disulfiram")
ALLERGY = Allergy("J01CE02", "Phenoxymethylpenicillin", "Anafylaksi")


@pytest.fixture
def events(
    epj: Epj, person: Person, patient: PatientRef, at: Callable[[str], datetime], doctor: FhirClient, trail: Trail
) -> list[dict[str, Any]]:
    """Return the trail of a patient on whom everything was done: written, listed, searched, denied, deleted."""
    morning = at("2026-02-03 08:00")
    note = epj.write_note(patient, Note("Notat", NOTE, morning))
    dose = (Decimal(400), Decimal(1), "{tablet}", timedelta(days=1), morning, "1 tablet hver morgen")
    order = epj.prescribe(patient, Prescription(DRUG, *dose))
    epj.record_allergy(patient, ALLERGY)
    epj.change_note(note, f"{NOTE}, afkræftet")
    epj.medication_orders_of(patient)
    doctor.search("Patient", {"identifier": f"{CPR_SYSTEM}|{person.cpr}"}).expect(200)
    doctor.search("Patient", {"family": person.family_name, "birthdate": person.birth_date.isoformat()}).expect(200)
    for stranger in (epj.signed_in_as("secretary"), epj.not_signed_in()):
        with pytest.raises(AccessDenied):
            stranger.read_note(note)
    epj.pause_medication(order)
    epj.delete_note(note)
    found = trail.of(patient.id)
    assert len(found) >= 12, f"{len(found)} entries about all that was done"
    return found


@each_rule(
    "audit-entry-type",
    "audit-entry-action",
    "audit-entry-outcome",
    "audit-entry-time-with-offset",
    "audit-entry-user",
    "audit-entry-role",
    "audit-entry-organisation",
    "audit-entry-source",
    "audit-entry-patient",
    "audit-entry-object",
    "audit-entry-no-person-number",
    "audit-entry-no-clinical-content",
)
def test_every_entry_keeps_the_rule(violations: Violations, events: list[dict[str, Any]], rule: str) -> None:
    """No entry about a patient on whom everything was done breaks the rule."""
    assert [broken for event in events for broken in violations(rule, event)] == []


@pytest.mark.rule("audit-entry-no-person-number", "audit-entry-no-clinical-content")
@pytest.mark.severity("blocker")
def test_no_entry_holds_what_was_seen(events: list[dict[str, Any]], person: Person) -> None:
    """Neither number, name nor address, neither note, drug nor allergy stands in any entry."""
    written = json.dumps(events, ensure_ascii=False, default=str)
    secrets = {
        "CPR number": person.cpr,
        "family name": person.family_name,
        "street": person.address.line,
        "note": NOTE,
        "drug": DRUG.name,
        "ATC code": DRUG.atc_code,
        "allergy": ALLERGY.substance,
    }
    assert [what for what, text in secrets.items() if text in written] == []


@pytest.mark.rule("audit-entry-user", "audit-entry-source")
def test_an_entry_names_the_user_and_the_door(
    users: Callable[[str | None], FhirClient], patient: PatientRef, trail: Trail
) -> None:
    """Two looks of one user have one name, another user's look another one; all came in by the FHIR interface."""
    readers = [users(role) for role in ("nurse", "nurse", "doctor")]
    looks = [trail.new(patient.id, partial(reader.read, "Patient", patient.id))[0] for reader in readers]
    names = [look["agent"][0]["who"]["display"] for look in looks]
    assert names[0] == names[1] != names[2]
    assert {look["source"]["site"] for look in looks} == {"fhir"}
    assert {look["type"]["code"] for look in looks} == {"rest"}


@pytest.mark.rule(
    "audit-entry-type", "audit-entry-user", "audit-entry-role", "audit-entry-object", "audit-entry-patient"
)
def test_an_entry_is_whole(epj: Epj, doctor: FhirClient, patient: PatientRef, at: Moment, trail: Trail) -> None:
    """AuditEvent type, subtype, action, outcome, agent, source and entity of a doctor's look at a note.

    The doctor is called as in the note that the doctor has signed.
    """
    note = epj.sign_note(epj.write_note(patient, Note("Notat", NOTE, at("2026-02-03 08:00"))))
    signed: list[dict[str, Any]] = []
    (event,) = trail.new(
        patient.id, lambda: signed.append(doctor.read("DocumentReference", note.id).expect(200).resource)
    )
    assert codes(event["type"], *event["subtype"]) == [(EVENT_TYPES, "rest"), (INTERACTIONS, "read")]
    assert (event["action"], event["outcome"]) == ("R", "0")
    (agent,) = event["agent"]
    assert (agent["who"]["display"], agent["requestor"]) == (signed[0]["authenticator"]["display"], True)
    assert [(code, bool(system)) for system, code in codes(*agent["role"][0]["coding"])] == [("doctor", True)]
    assert len(agent["role"]) == 1
    assert (event["source"]["site"], bool(event["source"]["observer"]["display"])) == ("fhir", True)
    note_seen, whose = event["entity"]
    assert note_seen["what"]["reference"] == f"DocumentReference/{note.id}"
    assert (whose["what"]["reference"], codes(whose["role"])) == (f"Patient/{patient.id}", [(OBJECT_ROLES, "1")])


@pytest.mark.needs("encounters", "national_register")
@pytest.mark.rule("audit-entry-organisation")
def test_the_organisation_is_the_one_that_reports(epj: Epj, patient: PatientRef, at: Moment, trail: Trail) -> None:
    """AuditEvent.source.observer.identifier is the organisation by whose name stays are reported to the register."""
    epj.discharge(epj.admit(patient, at("2026-02-03 08:00"), "Medicinsk afsnit"), at("2026-02-04 10:00"), "DJ189")
    (report, *_) = epj.national_reports_of(patient)
    told = {codes(event["source"]["observer"]["identifier"], code="value")[0] for event in trail.of(patient.id)}
    assert told == {(SOR, report.organisation)}


def codes(*codings: Document, code: str = "code") -> list[tuple[str, str]]:
    """Return system and code of each coding."""
    return [(coding["system"], coding[code]) for coding in codings]


@pytest.mark.rule("audit-citizen-sees-every-look", "audit-entry-patient")
def test_the_citizen_can_be_told_of_every_look(
    violations: Violations, users: Callable[[str | None], FhirClient], patient: PatientRef, trail: Trail
) -> None:
    """Looks of a doctor, a nurse and a secretary: each is in the trail, with all that MinLog is told of a look."""
    roles = ["doctor", "nurse", "secretary"]

    def look() -> None:
        for role in roles:
            users(role).read("Patient", patient.id).expect(200)

    looks = trail.new(patient.id, look)
    told = ("user", "role", "organisation", "patient", "type", "action", "time-with-offset", "outcome")
    assert [look["agent"][0]["role"][0]["coding"][0]["code"] for look in looks] == roles
    assert [broken for look in looks for part in told for broken in violations(f"audit-entry-{part}", look)] == []
