"""FMK overwrites and never merges: what every update has to say again, and what it has to leave out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.admin import moment
from epjgate.drivers.dsl import Epj, OrderRef, PatientRef, Prescription
from epjgate.drivers.fhir import FhirClient
from epjgate.drivers.fhir_values import object_at
from epjgate.model.person import Person

if TYPE_CHECKING:
    from suites.contracts.fmk.conftest import Fmk

pytestmark = [
    pytest.mark.needs("patients", "medication", "shared_medication_record", "delivery_ledger"),
    pytest.mark.severity("blocker"),
]

Moment = Callable[[str], datetime]
BOUNDS = ("dosageInstruction", 0, "timing", "repeat", "boundsPeriod")


@pytest.mark.rule("fmk-update-overwrites")
def test_an_update_says_again_what_did_not_change(
    epj: Epj, patient: PatientRef, person: Person, daily: Prescription, at: Moment, fmk: Fmk
) -> None:
    """After a change of dose the card says what it said before, but for dose and text; so did the message."""
    order = epj.prescribe(patient, replace(daily, end=at("2026-08-03 18:00")))
    before = fmk.on_card(patient, person.cpr)[order.id]
    epj.change_dose(order, Decimal(3), text="3 tabletter hver aften")
    update = fmk.changes(patient, person.cpr, order)[-1]["DrugMedication"]
    wanted = {**before, "Dosage": {**before["Dosage"], "Quantity": "3", "Text": "3 tabletter hver aften"}}
    assert update == wanted
    assert fmk.on_card(patient, person.cpr) == {order.id: wanted}


@pytest.mark.rule("fmk-pause-sent-while-paused", "fmk-pause-ends-when-resumed")
def test_a_pause_is_said_until_it_is_over(
    epj: Epj, patient: PatientRef, person: Person, daily: Prescription, fmk: Fmk
) -> None:
    """Two changes during a pause say that it lasts, since the same moment; only the resumption leaves it out."""
    order = epj.prescribe(patient, daily)
    epj.pause_medication(order)
    epj.change_dose(order, Decimal(1))
    epj.change_dose(order, Decimal("0.5"), text="½ tablet hver aften")
    epj.resume_medication(order)
    told = [message["DrugMedication"] for message in fmk.changes(patient, person.cpr, order)]
    pauses = [one.get("Pause") for one in told]
    assert pauses[0] is None
    assert pauses[1] is not None
    assert pauses == [None, pauses[1], pauses[1], pauses[1], None]
    assert {one["Status"] for one in told} == {"Active"}
    assert "Pause" not in fmk.on_card(patient, person.cpr)[order.id]


@pytest.mark.rule("fmk-pause-sent-while-paused")
def test_a_second_pause_begins_when_it_begins(
    epj: Epj, patient: PatientRef, person: Person, daily: Prescription, fmk: Fmk
) -> None:
    """A pause after a resumption is a new one: it begins later than the first, and is on the card."""
    order = epj.prescribe(patient, daily)
    for step in (epj.pause_medication, epj.resume_medication, epj.pause_medication):
        step(order)
    told = [message["DrugMedication"] for message in fmk.changes(patient, person.cpr, order)]
    begins = [moment(one["Pause"]["BeginDate"], "BeginDate") for one in told if "Pause" in one]
    assert len(begins) == 2
    assert begins[0] < begins[1]
    assert "Pause" in fmk.on_card(patient, person.cpr)[order.id]


@pytest.mark.rule("fmk-end-unset-stays-unset")
def test_until_further_notice_has_no_end(
    epj: Epj, patient: PatientRef, person: Person, daily: Prescription, fmk: Fmk
) -> None:
    """No message about an order without an end names one, whatever is changed: dose, pause, resumption."""
    order = epj.prescribe(patient, daily)
    epj.change_dose(order, Decimal(3))
    epj.pause_medication(order)
    epj.resume_medication(order)
    messages = fmk.changes(patient, person.cpr, order)
    assert len(messages) == 4
    assert [message for message in messages if "EndDate" in message["DrugMedication"]] == []
    assert "EndDate" not in fmk.on_card(patient, person.cpr)[order.id]


@pytest.mark.rule("fmk-end-as-ordered")
def test_an_end_is_as_it_was_set_moved_or_taken_away(
    epj: Epj, fhir: FhirClient, patient: PatientRef, person: Person, daily: Prescription, at: Moment, fmk: Fmk
) -> None:
    """The end of a course is told; moved, the new one is; taken away, the card has none."""
    order = epj.prescribe(patient, replace(daily, end=at("2026-03-03 18:00")))
    chart = fhir.read("MedicationRequest", order.id).expect(200).resource
    for end in (at("2026-04-03 18:00").isoformat(), None):
        bounds = object_at(chart, *BOUNDS)
        bounds.update({"end": end} if end else {})
        if end is None:
            del bounds["end"]
        fhir.update(chart).expect(200)
    ends = [one["DrugMedication"].get("EndDate") for one in fmk.changes(patient, person.cpr, order)]
    moments = [end and moment(end, "EndDate") for end in ends]
    assert moments == [at("2026-03-03 18:00"), at("2026-04-03 18:00"), None]
    assert "EndDate" not in fmk.on_card(patient, person.cpr)[order.id]


@pytest.mark.rule("fmk-stop-is-told", "fmk-identifier-stable")
def test_a_stopped_order_is_stopped_on_the_card(
    epj: Epj, patient: PatientRef, person: Person, daily: Prescription, weekly: Prescription, at: Moment, fmk: Fmk
) -> None:
    """The card says Stopped, with the end at which it was stopped, under the same identifier; another order goes on."""
    order, other = epj.prescribe(patient, daily), epj.prescribe(patient, weekly)
    epj.stop_medication(order, at("2026-03-01 08:00"))
    card = fmk.on_card(patient, person.cpr)
    assert {name: one["Status"] for name, one in card.items()} == {order.id: "Stopped", other.id: "Active"}
    assert moment(card[order.id]["EndDate"], "EndDate") == at("2026-03-01 08:00")


@pytest.mark.needs("medication_renewal")
@pytest.mark.rule("fmk-renewal-is-a-new-order")
def test_a_renewal_is_an_order_of_its_own(
    epj: Epj, patient: PatientRef, person: Person, daily: Prescription, at: Moment, fmk: Fmk
) -> None:
    """Changed to three tablets and renewed, the card has a new order of three; the old one is completed."""
    order = epj.prescribe(patient, daily)
    epj.change_dose(order, Decimal(3), text="3 tabletter hver aften")
    renewed = epj.renew(order, at("2026-05-03 18:00"))
    card = fmk.on_card(patient, person.cpr)
    assert {name: one["Status"] for name, one in card.items()} == {order.id: "Completed", renewed.id: "Active"}
    assert card[renewed.id]["Dosage"] == card[order.id]["Dosage"]
    assert card[renewed.id]["Drug"] == card[order.id]["Drug"]
    assert (card[renewed.id]["Dosage"]["Quantity"], card[renewed.id]["Dosage"]["Text"]) == (
        "3",
        "3 tabletter hver aften",
    )
    assert moment(card[renewed.id]["BeginDate"], "BeginDate") == at("2026-05-03 18:00")
    assert "EndDate" not in card[renewed.id]


@pytest.mark.rule("fmk-error-is-told")
@pytest.mark.parametrize("how", ["entered in error", "deleted"])
def test_an_error_says_so_on_the_card(
    epj: Epj, fhir: FhirClient, patient: PatientRef, person: Person, daily: Prescription, fmk: Fmk, how: str
) -> None:
    """An order that should not have been there, or is deleted, is no active medication on the card any more."""
    order = epj.prescribe(patient, daily)
    _take_out(fhir, order, how)
    (on_card,) = fmk.on_card(patient, person.cpr).values()
    assert (on_card["Identifier"], on_card["Status"]) == (order.id, "EnteredInError")


def _take_out(fhir: FhirClient, order: OrderRef, how: str) -> None:
    if how == "deleted":
        fhir.delete("MedicationRequest", order.id).expect(200, 204)
        return
    chart = fhir.read("MedicationRequest", order.id).expect(200).resource
    fhir.update({**chart, "status": "entered-in-error"}).expect(200)


@pytest.mark.rule("fmk-draft-not-shared")
@pytest.mark.severity("critical")
def test_a_draft_is_on_no_card_until_it_is_ordered(
    epj: Epj, fhir: FhirClient, patient: PatientRef, person: Person, daily: Prescription, weekly: Prescription, fmk: Fmk
) -> None:
    """Beside an order that arrives, a draft does not; ordered, it is on the card as a new one."""
    template = fhir.read("MedicationRequest", epj.prescribe(patient, weekly).id).expect(200).resource
    content = {name: value for name, value in template.items() if name not in ("id", "meta")}
    draft = fhir.create({**content, "status": "draft"}).expect(201).id
    order = epj.prescribe(patient, daily)
    assert draft not in fmk.on_card(patient, person.cpr)
    chart = fhir.read("MedicationRequest", draft).expect(200).resource
    fhir.update({**chart, "status": "active"}).expect(200)
    card = fmk.on_card(patient, person.cpr)
    assert (card[draft]["Status"], card[order.id]["Status"], len(card)) == ("Active", "Active", 3)


@pytest.mark.needs("patient_merge")
@pytest.mark.rule("fmk-own-card-only")
def test_an_order_is_on_the_card_of_its_own_patient(
    epj: Epj,
    patient: PatientRef,
    bystander: PatientRef,
    person: Person,
    daily: Prescription,
    weekly: Prescription,
    fmk: Fmk,
) -> None:
    """Two patients, two cards; merged, the order of the one that goes is an error there, active with the survivor."""
    other = epj.read_patient(bystander).cpr
    order, others = epj.prescribe(patient, daily), epj.prescribe(bystander, weekly)
    assert fmk.on_card(patient, person.cpr).keys() == {order.id}
    assert fmk.on_card(bystander, other).keys() == {others.id}
    before = fmk.on_card(patient, person.cpr)[order.id]
    epj.merge_patients(patient, into=bystander)
    survivor = fmk.on_card(bystander, other)
    assert survivor.keys() == {order.id, others.id}
    assert survivor[order.id] == before
    assert fmk.on_card(bystander, person.cpr)[order.id]["Status"] == "EnteredInError"
