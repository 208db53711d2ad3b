"""Every message that FMK is sent keeps its rules; each rule is checked by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.contracts.checks import Document
from epjgate.drivers.admin import moment
from epjgate.drivers.dsl import Epj, PatientRef, Prescription
from epjgate.model.person import Person
from epjgate.plugin.rules import each_rule

if TYPE_CHECKING:
    from suites.contracts.fmk.conftest import Fmk

pytestmark = [
    pytest.mark.needs("patients", "medication", "shared_medication_record", "delivery_ledger"),
    pytest.mark.severity("critical"),
]

CLOCKS_DIFFER = timedelta(minutes=5)
Violations = Callable[[str, Document], list[str]]


@pytest.fixture
def changes(
    epj: Epj, patient: PatientRef, person: Person, daily: Prescription, at: Callable[[str], datetime], fmk: Fmk
) -> list[dict[str, Any]]:
    """Return the messages about an order that was given an end, paused, changed, resumed and stopped."""
    order = epj.prescribe(patient, replace(daily, end=at("2026-08-03 18:00")))
    epj.pause_medication(order)
    epj.change_dose(order, Decimal("1.5"), text="1½ tablet hver aften, når pausen er forbi")
    epj.resume_medication(order)
    epj.stop_medication(order, at("2026-03-01 08:00"))
    messages = fmk.changes(patient, person.cpr, order)
    assert len(messages) == 5, f"{len(messages)} messages arrived about five changes"
    return messages


@each_rule(
    "fmk-message-well-formed",
    "fmk-message-id-uuid",
    "fmk-card-version-named",
    "fmk-drug-identified",
    "fmk-amounts-exact-decimals",
    "fmk-units-named",
    "fmk-interval-named",
    "fmk-dose-text-equals-structure",
    "fmk-text-letters-kept",
    "fmk-times-with-offset",
    "fmk-end-not-before-begin",
    "fmk-status-known",
    "fmk-pause-of-active-only",
)
def test_every_message_keeps_the_rule(violations: Violations, changes: list[dict[str, Any]], rule: str) -> None:
    """No message about an order through its whole life breaks the rule."""
    assert [broken for message in changes for broken in violations(rule, message)] == []


@each_rule("fmk-message-id-of-its-own", "fmk-card-version-rises", "fmk-identifier-stable")
def test_all_changes_together_keep_the_rule(violations: Violations, changes: list[dict[str, Any]], rule: str) -> None:
    """The messages about one order, in the order of their arrival, keep the rule."""
    assert violations(rule, changes) == []


@pytest.mark.rule("fmk-message-as-ordered", "fmk-card-version-named")
def test_every_message_and_the_card_say_what_was_ordered_and_no_more(
    epj: Epj, patient: PatientRef, person: Person, daily: Prescription, at: Callable[[str], datetime], fmk: Fmk
) -> None:
    """DrugMedication, whole, in each message and on the MedicineCard: ordered, paused, changed, resumed, stopped."""
    now, order = datetime.now(UTC), epj.prescribe(patient, replace(daily, end=at("2026-08-03 18:00")))
    epj.pause_medication(order)
    epj.change_dose(order, Decimal("1.5"), text="1½ tablet hver aften, når pausen er forbi")
    epj.resume_medication(order)
    epj.stop_medication(order, at("2026-03-01 08:00"))
    ordered = {
        "Identifier": order.id,
        "Drug": {"AtcCode": "B01AA03", "Name": "Warfarin"},
        "Strength": {"Value": "2.5", "Unit": "mg"},
        "Dosage": {"Quantity": "2", "Unit": "{tablet}", "IntervalSeconds": 86400, "Text": daily.text},
        "BeginDate": at("2026-02-03 18:00"),
        "EndDate": at("2026-08-03 18:00"),
        "Status": "Active",
    }
    dose = {"Quantity": "1.5", "Unit": "{tablet}", "IntervalSeconds": 86400}
    changed = ordered | {"Dosage": {**dose, "Text": "1½ tablet hver aften, når pausen er forbi"}}
    stopped = changed | {"EndDate": at("2026-03-01 08:00"), "Status": "Stopped"}
    messages = fmk.changes(patient, person.cpr, order)
    told = [in_moments(message["DrugMedication"]) for message in messages]
    pauses = [one.pop("Pause", None) for one in told]
    assert told == [ordered, ordered, changed, changed, stopped]
    assert pauses == [None, pauses[1], pauses[1], None, None]
    (paused_since,) = (pauses[1] or {}).values()
    assert abs(paused_since - now) < CLOCKS_DIFFER, "the pause begins at another time"
    whose = [(message["PersonIdentifier"], message["MedicineCardVersion"]) for message in messages]
    card = fmk.card(patient, person.cpr)
    assert card is not None, "there is no card"
    assert whose == [(person.cpr, card["MedicineCardVersion"] - number) for number in (5, 4, 3, 2, 1)]
    assert [in_moments(one) for one in card["DrugMedications"]] == [stopped]
    assert card["PersonIdentifier"] == person.cpr, "FMK hands out the card of another person"


def in_moments(medication: dict[str, Any]) -> dict[str, Any]:
    """Return a drug medication with its times as moments, whichever zone they are written in."""
    read: dict[str, Any] = {
        name: moment(medication[name], name) for name in ("BeginDate", "EndDate") if name in medication
    }
    if "Pause" in medication:
        read["Pause"] = {name: moment(value, name) for name, value in medication["Pause"].items()}
    return {**medication, **read}
