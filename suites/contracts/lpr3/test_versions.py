"""A contact through its life: begun, ended, corrected, withdrawn; the register follows, version by version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.contracts.checks.medcom_bundle import SOR, header_of, identifier, led_to
from epjgate.drivers import exact_json
from epjgate.drivers.admin import moment
from epjgate.drivers.dsl import DeliveryState, EncounterRef, Epj, PatientRef, Receiver
from epjgate.drivers.fhir import FhirClient
from epjgate.drivers.sent import as_sent
from epjgate.model.person import Person

if TYPE_CHECKING:
    from suites.contracts.lpr3.conftest import Register

    from epjgate.partners.client import Partners

pytestmark = [
    pytest.mark.needs("patients", "encounters", "national_register", "delivery_ledger"),
    pytest.mark.severity("critical"),
]

Moment = Callable[[str], datetime]
Stay = Callable[..., EncounterRef]


@pytest.mark.rule("lpr3-open-contact-reported")
def test_a_contact_is_reported_when_it_begins(
    epj: Epj, patient: PatientRef, person: Person, at: Moment, register: Register
) -> None:
    """An admission alone makes one report: the begin to the second, neither end nor diagnosis, nothing nullified."""
    epj.admit(patient, at("2026-01-12 07:30"), "Afsnit Ø")
    (report,) = [one["Report"] for one in register.accepted(patient, person.cpr)]
    assert (report["Type"], report["Version"]) == ("Contact", 1)
    assert moment(report["Contact"]["Begin"], "Begin") == at("2026-01-12 07:30")
    assert not {"End", "ActionDiagnosis"} & report["Contact"].keys()


@pytest.mark.rule("lpr3-closed-contact-reported", "lpr3-contact-id-stable", "lpr3-one-document-a-contact")
def test_the_end_of_a_contact_is_a_version_of_its_report(
    patient: PatientRef, person: Person, at: Moment, stay: Stay, register: Register
) -> None:
    """A discharge is reported in the document of the admission, with end and diagnosis beside the begin."""
    stay(patient)
    begun, ended = (one["Report"] for one in register.accepted(patient, person.cpr))
    assert ended["DocumentId"] == begun["DocumentId"]
    assert ended["Contact"]["Identifier"] == begun["Contact"]["Identifier"]
    assert ended["Contact"]["SorCode"] == begun["Contact"]["SorCode"]
    assert (ended["Version"], ended["ParentVersion"]) == (2, 1)
    assert moment(ended["Contact"]["Begin"], "Begin") == at("2026-01-12 07:30")
    assert moment(ended["Contact"]["End"], "End") == at("2026-01-14 15:10")
    assert ended["Contact"]["ActionDiagnosis"] == "DI109"


@pytest.mark.rule("lpr3-correction-reported")
@pytest.mark.parametrize("what", ["end", "diagnosis"])
def test_a_correction_is_reported_whole(
    epj: Epj, patient: PatientRef, person: Person, at: Moment, stay: Stay, register: Register, what: str
) -> None:
    """A corrected end or diagnosis arrives in a new version, and all that was right is still there."""
    end, diagnosis = {"end": ("2026-01-14 16:00", "DI109"), "diagnosis": ("2026-01-14 15:10", "DE112A")}[what]
    epj.discharge(stay(patient), at(end), diagnosis)
    before, after = (one["Report"] for one in register.accepted(patient, person.cpr)[1:])
    assert (after["Version"], after["ParentVersion"]) == (3, 2)
    assert moment(after["Contact"]["End"], "End") == at(end)
    assert after["Contact"]["ActionDiagnosis"] == diagnosis
    changed = {"end": "End", "diagnosis": "ActionDiagnosis"}[what]
    assert {**after["Contact"], changed: None} == {**before["Contact"], changed: None}


@pytest.mark.rule("lpr3-sor-code-at-start", "lpr3-correction-reported")
def test_the_unit_is_the_one_where_the_contact_is(
    epj: Epj, fhir: FhirClient, patient: PatientRef, person: Person, at: Moment, register: Register
) -> None:
    """A ward with a SOR code is reported by that code; without one the hospital's stands there."""
    admitted = epj.admit(patient, at("2026-01-12 07:30"), "Afsnit Ø")
    chart = fhir.read("Encounter", admitted.id).expect(200).resource
    unit = {"identifier": {"system": SOR, "value": "99000000000077"}, "display": "Afsnit Ø"}
    fhir.update({**chart, "location": [{"location": unit, "status": "active"}]}).expect(200)
    of_the_hospital, of_the_unit = (one["Report"]["Contact"] for one in register.accepted(patient, person.cpr))
    assert of_the_unit["SorCode"] == "99000000000077"
    assert of_the_hospital["SorCode"] not in ("", of_the_unit["SorCode"])


@pytest.mark.rule("lpr3-nullify-reported", "lpr3-nullify-permanent")
def test_an_error_is_nullified(epj: Epj, patient: PatientRef, person: Person, stay: Stay, register: Register) -> None:
    """A contact that was entered in error ends as nullified, in its own document; the patient's other one stays."""
    stay(patient, "2026-02-01 08:00", "2026-02-02 08:00", "DJ189")
    epj.strike_out_encounter(stay(patient))
    reports = [one["Report"] for one in register.accepted(patient, person.cpr)]
    assert [(one["Type"], one["Version"]) for one in reports[2:]] == [("Contact", 1), ("Contact", 2), ("Nullify", 3)]
    assert reports[4]["DocumentId"] == reports[3]["DocumentId"] != reports[1]["DocumentId"]
    assert [one["ActionDiagnosis"] for one in register.contacts(patient, person.cpr)] == ["DJ189"]


@pytest.mark.rule("lpr3-reopened-after-nullify-alarms", "lpr3-nullify-permanent")
def test_what_was_nullified_does_not_come_back_in_silence(
    epj: Epj, fhir: FhirClient, patient: PatientRef, person: Person, stay: Stay, register: Register
) -> None:
    """A nullified contact that is taken back into use is not reported any more, and somebody is alarmed."""
    struck = epj.strike_out_encounter(stay(patient))
    chart = fhir.read("Encounter", struck.id).expect(200).resource
    fhir.update({**chart, "status": "finished"}).expect(200)
    reports = [one["Report"] for one in register.accepted(patient, person.cpr)]
    last = register.ledger(patient)[-1]
    assert [one["Type"] for one in reports] == ["Contact", "Contact", "Nullify"]
    assert (last.state, last.alarm) == (DeliveryState.REFUSED, True), "nobody is told that the contact is not reported"
    assert "null" in last.error.lower()


@pytest.mark.rule("lpr3-person-correction-reported")
@pytest.mark.parametrize("wrong", ["gender", "birthDate"])
def test_a_corrected_person_is_reported_again(
    fhir: FhirClient, patient: PatientRef, person: Person, stay: Stay, register: Register, wrong: str
) -> None:
    """Registered with the wrong sex or birth date a person is refused; corrected, the contact reaches the register."""
    chart = fhir.read("Patient", patient.id).expect(200).resource
    day_before = (person.birth_date - timedelta(days=1)).isoformat()
    other = {"gender": "male" if person.sex.value == "female" else "female", "birthDate": day_before}
    fhir.update({**chart, wrong: other[wrong]}).expect(200)
    stay(patient)
    assert register.contacts(patient, person.cpr) == []
    assert register.ledger(patient)[-1].alarm, "a refused report raised no alarm"
    fhir.update(chart).expect(200)
    (contact,) = register.contacts(patient, person.cpr)
    assert contact["ActionDiagnosis"] == "DI109"


@pytest.mark.needs("patient_merge")
@pytest.mark.rule("lpr3-merge-reported")
def test_merged_contacts_are_reported_under_the_survivor(
    epj: Epj, patient: PatientRef, bystander: PatientRef, person: Person, stay: Stay, register: Register
) -> None:
    """The contact of the record that went stays one contact, and bears the survivor's number, sex and birth date."""
    stay(patient)
    before = register.contacts(patient, person.cpr)
    survivor = epj.read_patient(epj.merge_patients(patient, into=bystander))
    reports = [one["Report"] for one in register.accepted(bystander, survivor.cpr)]
    assert [one["Contact"] for one in reports] == before
    assert [(one["Version"], one["ParentVersion"]) for one in reports] == [(3, 2)]
    assert (reports[0]["Sex"], reports[0]["BirthDate"]) == (survivor.sex.value, survivor.birth_date.isoformat())


@pytest.mark.needs("hospital_notifications")
@pytest.mark.rule("lpr3-contact-id-as-notified", "lpr3-sor-code-at-start")
@pytest.mark.severity("normal")
def test_register_and_municipality_know_the_same_contact(
    epj: Epj, patient: PatientRef, person: Person, stay: Stay, register: Register, partners: Partners
) -> None:
    """Notification and report of a stay bear one identifier and one SorCode, and those of another stay another one."""
    stay(patient)
    stay(patient, "2026-02-01 08:00", "2026-02-02 08:00")
    contacts = [one["Report"]["Contact"] for one in register.accepted(patient, person.cpr)]
    notified = [one.episode for one in epj.notifications_of(patient)]
    messages = partners.received(Receiver.HOSPITAL_NOTIFICATIONS.partner, person.cpr)
    codes = [sor_code_of_sender(as_sent(exact_json.decode(one.text.encode("utf-8")))) for one in messages]
    assert [one["Identifier"] for one in contacts] == notified
    assert len(set(notified)) == 2
    assert [one["SorCode"] for one in contacts] == codes, "the hospital has another SOR code for the municipality"


def sor_code_of_sender(message: dict[str, Any]) -> str:
    """Return the SOR code of the organisation that sends a MedCom message."""
    sender = led_to(message, header_of(message)["sender"]["reference"], "Organization")
    return identifier(sender or {}, SOR)
