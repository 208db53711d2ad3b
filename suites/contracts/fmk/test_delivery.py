"""What becomes of a change that FMK refuses, cannot be reached with, or that others were quicker than."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.drivers.dsl import DeliveryState, Epj, OrderRef, PatientRef, Prescription
from epjgate.drivers.fhir import FhirClient
from epjgate.drivers.sent import as_sent
from epjgate.model.person import Person

if TYPE_CHECKING:
    from suites.contracts.fmk.conftest import Fmk

    from epjgate.partners.other_system import OtherSystem

pytestmark = [
    pytest.mark.needs("patients", "medication", "shared_medication_record", "delivery_ledger"),
    pytest.mark.severity("blocker"),
]

FMK = "shared medication record"
FROM_THE_PRACTICE = {
    "Identifier": "fra-egen-laege",
    "Drug": {"AtcCode": "N02BE01", "Name": "Panodil"},
    "Strength": {"Value": "500", "Unit": "mg"},
    "Dosage": {"Quantity": "2", "Unit": "tablet", "IntervalSeconds": 21600, "Text": "2 tabletter hver 6. time"},
    "BeginDate": "2026-01-14T08:00:00+01:00",
    "Status": "Active",
}


@pytest.mark.rule("fmk-stale-version-reread")
def test_a_change_by_others_costs_neither_side_anything(
    epj: Epj, patient: PatientRef, person: Person, daily: Prescription, fmk: Fmk, practice: OtherSystem
) -> None:
    """Between two changes here a general practice adds a drug: the second one arrives as well, and the drug stays."""
    order = epj.prescribe(patient, daily)
    assert fmk.on_card(patient, person.cpr).keys() == {order.id}
    practice.adds(person.cpr, FROM_THE_PRACTICE)
    epj.change_dose(order, Decimal(1), text="1 tablet hver aften")
    card = fmk.on_card(patient, person.cpr)
    assert card.keys() == {order.id, "fra-egen-laege"}, "a change was lost where the card had a newer version"
    assert (card[order.id]["Dosage"]["Quantity"], card[order.id]["Dosage"]["Text"]) == ("1", "1 tablet hver aften")
    assert card["fra-egen-laege"] == FROM_THE_PRACTICE
    assert {one.state for one in fmk.ledger(patient)} == {DeliveryState.ACKNOWLEDGED}


@pytest.mark.rule("fmk-stale-version-reread")
def test_a_first_order_finds_a_card_that_others_have_begun(
    epj: Epj, patient: PatientRef, person: Person, daily: Prescription, fmk: Fmk, practice: OtherSystem
) -> None:
    """Where the practice has written first, the hospital's first order joins what is on the card."""
    practice.adds(person.cpr, FROM_THE_PRACTICE)
    order = epj.prescribe(patient, daily)
    card = fmk.on_card(patient, person.cpr)
    assert card.keys() == {order.id, "fra-egen-laege"}
    assert card["fra-egen-laege"] == FROM_THE_PRACTICE


@pytest.mark.rule("fmk-never-overwrites-blindly")
@pytest.mark.parametrize("here", ["changes the dose", "adds another drug first"])
def test_what_others_decided_is_not_overwritten_unseen(
    epj: Epj,
    patient: PatientRef,
    person: Person,
    daily: Prescription,
    weekly: Prescription,
    fmk: Fmk,
    practice: OtherSystem,
    here: str,
) -> None:
    """The practice stops a drug; a change of it here does not make it active again, and somebody is alarmed."""
    order = epj.prescribe(patient, daily)
    on_card: dict[str, Any] = fmk.on_card(patient, person.cpr)[order.id]
    stopped = {**on_card, "Status": "Stopped", "EndDate": "2026-03-01T08:00:00+01:00"}
    practice.overwrites(person.cpr, stopped)
    expected = {order.id: stopped}
    if here == "adds another drug first":
        other = epj.prescribe(patient, weekly)
        card = fmk.on_card(patient, person.cpr)
        assert card.keys() == {order.id, other.id}
        expected[other.id] = card[other.id]
    epj.change_dose(order, Decimal(1), text="1 tablet hver aften")
    last = fmk.ledger(patient)[-1]
    assert fmk.on_card(patient, person.cpr) == expected, "what another system decided was overwritten unseen"
    assert (last.state, last.alarm) == (DeliveryState.REFUSED, True), "nobody is told that a change did not arrive"


@pytest.mark.rule("fmk-resend-no-duplicate")
@pytest.mark.parametrize("how", ["loses_the_acknowledgement", "is_busy", "breaks_the_connection", "answers_twice"])
def test_an_order_is_on_the_card_once_whatever_happens_on_the_way(
    epj: Epj, patient: PatientRef, person: Person, daily: Prescription, fmk: Fmk, how: str
) -> None:
    """An order and a change whose way there or back is disturbed arrive once each, as the same messages."""
    with getattr(epj.receiver(FMK), how)(patient):
        order = epj.prescribe(patient, daily)
    with getattr(epj.receiver(FMK), how)(patient):
        epj.change_dose(order, Decimal(1), text="1 tablet hver aften")
    card = fmk.on_card(patient, person.cpr)
    assert card.keys() == {order.id}, f"the card holds {len(card)} drugs of one order"
    assert card[order.id]["Dosage"]["Quantity"] == "1"
    identities = [as_sent(one.parsed)["MessageId"] for one in fmk.received(patient, person.cpr)]
    assert len(set(identities)) == 2, "a message that was sent again had another identity"
    assert [one.state for one in fmk.ledger(patient)] == [DeliveryState.ACKNOWLEDGED] * 2


@pytest.mark.rule("fmk-order-of-changes-kept", "fmk-card-version-rises")
def test_changes_wait_in_their_order(
    epj: Epj, patient: PatientRef, person: Person, daily: Prescription, weekly: Prescription, fmk: Fmk
) -> None:
    """What is ordered, changed and paused while FMK is out of reach arrives afterwards, in that order, each once."""
    first = epj.prescribe(patient, daily)
    assert first.id in fmk.on_card(patient, person.cpr)
    with epj.receiver(FMK).is_unreachable(patient):
        epj.change_dose(first, Decimal(1), text="1 tablet hver aften")
        second = epj.prescribe(patient, weekly)
        epj.change_dose(first, Decimal(3), text="3 tabletter hver aften")
        epj.pause_medication(second)
    accepted = [one for one in fmk.received(patient, person.cpr) if one.accepted and not one.repeated]
    arrived = [told_by(as_sent(one.parsed)) for one in accepted]
    assert arrived == [
        (first.id, "2", False),
        (first.id, "1", False),
        (second.id, "3", False),
        (first.id, "3", False),
        (second.id, "3", True),
    ]
    assert {one.state for one in fmk.ledger(patient)} == {DeliveryState.ACKNOWLEDGED}


def told_by(message: dict[str, Any]) -> tuple[str, str, bool]:
    """Return what a message is about: which order, how much of it, and whether it is paused."""
    medication = message["DrugMedication"]
    return medication["Identifier"], medication["Dosage"]["Quantity"], "Pause" in medication


@pytest.mark.rule("fmk-refusal-alarms", "fmk-refused-not-lost")
def test_a_refused_change_alarms_and_the_next_one_brings_all(
    epj: Epj, patient: PatientRef, person: Person, daily: Prescription, fmk: Fmk
) -> None:
    """A refused change of dose is an alarm; the pause after it arrives with that dose, for it says all."""
    order = epj.prescribe(patient, daily)
    fmk.on_card(patient, person.cpr)
    with epj.receiver(FMK).refuses(patient):
        epj.change_dose(order, Decimal(1), text="1 tablet hver aften")
    refused = fmk.ledger(patient)[-1]
    assert (refused.state, refused.alarm) == (DeliveryState.REFUSED, True), "nobody is told of a refusal"
    assert refused.error != ""
    epj.pause_medication(order)
    on_card = fmk.on_card(patient, person.cpr)[order.id]
    assert (on_card["Dosage"]["Quantity"], "Pause" in on_card) == ("1", True)


@pytest.mark.rule("fmk-refusal-alarms", "fmk-refused-not-lost")
def test_a_refused_order_is_created_by_its_next_change(
    epj: Epj, patient: PatientRef, person: Person, daily: Prescription, fmk: Fmk
) -> None:
    """An order that FMK refused alarms; changed, it is put on the card as a new one."""
    with epj.receiver(FMK).refuses(patient):
        order = epj.prescribe(patient, daily)
    assert fmk.ledger(patient)[-1].alarm, "nobody is told of a refusal"
    assert fmk.on_card(patient, person.cpr) == {}
    epj.change_dose(order, Decimal(1), text="1 tablet hver aften")
    card = fmk.on_card(patient, person.cpr)
    assert card.keys() == {order.id}
    assert card[order.id]["Dosage"]["Quantity"] == "1"


@pytest.mark.rule("fmk-refusal-alarms")
def test_what_cannot_be_told_alarms(
    epj: Epj, fhir: FhirClient, patient: PatientRef, person: Person, daily: Prescription, fmk: Fmk
) -> None:
    """An order without an interval cannot be on the card; it is not there by halves, and somebody is alarmed."""
    order: OrderRef = epj.prescribe(patient, daily)
    chart = fhir.read("MedicationRequest", order.id).expect(200).resource
    content = {name: value for name, value in chart.items() if name not in ("id", "meta")}
    dosage = {name: value for name, value in content["dosageInstruction"][0].items() if name != "timing"}
    vague = fhir.create({**content, "dosageInstruction": [dosage]}).expect(201).id
    assert fmk.on_card(patient, person.cpr).keys() == {order.id}
    (alarmed,) = [one for one in fmk.ledger(patient) if one.alarm]
    assert alarmed.state is DeliveryState.REFUSED
    assert alarmed.error != ""
    assert [one for one in fmk.received(patient, person.cpr) if vague in one.text] == []
