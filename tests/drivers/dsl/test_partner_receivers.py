"""Receiving systems read as what their messages mean; whole messages come from the reference EPJ in words/."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from epjgate.drivers.dsl.medication import OrderState
from epjgate.drivers.dsl.partner_receivers import FmkReceiver, Hl7Receivers, Lpr3Receiver, MedcomReceiver
from epjgate.drivers.dsl.receivers import SharedMedicationRecord
from epjgate.errors import CandidateFault
from epjgate.model.partner import Fault, Received

CPR = "0203754321"
DRUG: dict[str, Any] = {
    "Identifier": "9",
    "Drug": {"AtcCode": "H03AA01", "Name": "Eltroxin"},
    "Strength": {"Value": "0.10", "Unit": "mg"},
    "Dosage": {"Quantity": "1", "Unit": "{tablet}", "IntervalSeconds": 86400, "Text": "1 tablet"},
    "BeginDate": "2026-03-01T08:00:00+01:00",
    "Status": "Active",
}
REPORT: dict[str, Any] = {
    "DocumentId": "d",
    "Version": 1,
    "Type": "Contact",
    "PersonIdentifier": CPR,
    "Sex": "female",
    "BirthDate": "1975-03-02",
    "Contact": {"Identifier": "c", "Begin": "2026-03-01T08:00:00+01:00"},
}


@dataclass
class Shelf:
    """Receiving systems that received just this."""

    card: dict[str, Any] | None = None
    messages: list[Received] = field(default_factory=list)

    def received(self, partner: str, about: str) -> tuple[Received, ...]:
        """Return what the partner got that holds `about`."""
        return tuple(one for one in self.messages if one.partner == partner and about in one.text)

    def medicine_card(self, partner: str, cpr: str) -> str | None:
        """Return the one card, for whoever it is of."""
        return None if self.card is None or (partner, cpr) != ("fmk", CPR) else json.dumps(self.card)

    def add_fault(self, partner: str, fault: Fault) -> str:
        """Refuse: nothing misbehaves here."""
        raise NotImplementedError(partner, fault)

    def remove_fault(self, partner: str, fault_id: str) -> None:
        """Refuse: nothing misbehaves here."""
        raise NotImplementedError(partner, fault_id)

    def fault_uses(self, partner: str, fault_id: str) -> int:
        """Refuse: nothing misbehaves here."""
        raise NotImplementedError(partner, fault_id)


def received(partner: str, text: str, **changes: Any) -> Received:
    whole = {"partner": partner, "number": 1, "at": datetime.now(UTC), "kind": "POST reports", "accepted": True}
    return Received.model_validate({**whole, "text": text, **changes})


def card(**changes: Any) -> dict[str, Any]:
    return {"PersonIdentifier": CPR, "MedicineCardVersion": 3, "DrugMedications": [{**DRUG, **changes}]}


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, OrderState.ACTIVE),
        ({"Pause": {"BeginDate": "2026-03-02"}}, OrderState.PAUSED),
        ({"Status": "Stopped", "Pause": {"BeginDate": "2026-03-02"}}, OrderState.STOPPED),
        ({"Status": "EnteredInError"}, OrderState.ENTERED_IN_ERROR),
    ],
)
def test_a_card_is_read(changes: dict[str, Any], state: OrderState) -> None:
    """A pause shows on what is active; digits stay; a date alone is its midnight."""
    record = FmkReceiver(Shelf(card(**changes))).card_of(CPR)
    (medication,) = record.medications
    assert (record.version, medication.state, str(medication.prescription.strength_mg)) == (3, state, "0.10")
    expected = datetime(2026, 3, 2, tzinfo=UTC) if "Pause" in changes else None
    assert (medication.paused_from, medication.prescription.end) == (expected, None)


def test_no_card_is_an_empty_one() -> None:
    """Nothing arrived for this person."""
    assert FmkReceiver(Shelf()).card_of(CPR) == SharedMedicationRecord()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"Status": "Gone"}, "'Gone'"),
        ({"Strength": {"Value": "much"}}, "Strength.Value was sent as 'much'"),
        ({"Dosage": {**DRUG["Dosage"], "IntervalSeconds": 0}}, "cannot be ordered"),
        ({"BeginDate": "yesterday"}, "BeginDate was sent as 'yesterday'"),
    ],
)
def test_what_cannot_be_ordered_is_the_candidates_fault(changes: dict[str, Any], told: str) -> None:
    """It was sent, and it means nothing."""
    with pytest.raises(CandidateFault, match=told):
        FmkReceiver(Shelf(card(**changes))).card_of(CPR)


def test_only_what_was_accepted_counts_and_each_once() -> None:
    """Refused and repeated messages changed nothing at the receiver."""
    text = json.dumps(REPORT)
    kept = [received("lpr3", text), received("lpr3", text, repeated=True), received("lpr3", text, accepted=False)]
    (report,) = Lpr3Receiver(Shelf(messages=kept)).reports_of(CPR)
    assert (report.document, report.nullified, report.end, report.diagnosis) == ("d", False, None, "")


def test_a_sex_that_nobody_has_is_the_candidates_fault() -> None:
    """The register takes two."""
    shelf = Shelf(messages=[received("lpr3", json.dumps({**REPORT, "Sex": "K"}))])
    with pytest.raises(CandidateFault, match="the sex 'K'"):
        Lpr3Receiver(shelf).reports_of(CPR)


def test_a_notification_without_its_parts_is_the_candidates_fault() -> None:
    """What is missing is named."""
    empty = json.dumps({"resourceType": "Bundle", "entry": [], "about": CPR})
    shelf = Shelf(messages=[received("medcom", empty)])
    with pytest.raises(CandidateFault, match="holds no Encounter and no Patient"):
        MedcomReceiver(shelf).notifications_of(CPR)


@pytest.mark.parametrize("control", ["CA", "XX", ""])
def test_only_a_new_order_asks_for_work(control: str) -> None:
    """An order that is called off, or sent as something else, is no requisition: nobody would carry it out."""
    header = "MSH|^~\\&|EPJ||LAB||20260301||X|1|P|2.5\r"
    order = received("laboratory", f"{header}PID|1||{CPR}||Holm\rORC|{control}|9\rOBR|1|9||X^Y\r", kind="ORM^O01")
    assert Hl7Receivers(Shelf(messages=[order])).requisitions_of(CPR) == []


def test_orders_and_notices_are_told_apart() -> None:
    """By the type of the message; a segment that is not there is empty."""
    header = "MSH|^~\\&|EPJ||LAB||20260301||X|1|P|2.5\r"
    order = received("imaging", f"{header}PID|1||{CPR}||Holm^Åse\rORC|NW|9\rOBR|1|9||X^Røntgen\r", kind="ORM^O01")
    notice = received("laboratory", f"{header}PID|1||{CPR}||Holm^Åse^Ida Maja\r", kind="ADT^A08")
    receivers = Hl7Receivers(Shelf(messages=[notice, order]))
    (requisition,), (told,) = receivers.requisitions_of(CPR), receivers.notices_of(CPR)
    assert (requisition.receiver.value, requisition.order.id, requisition.name) == ("imaging", "9", "Røntgen")
    assert (told.kind.value, told.given_names, told.ward) == ("updated", ("Åse", "Ida", "Maja"), "")
