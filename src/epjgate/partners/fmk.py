"""The shared medication record (FMK): an update overwrites, never merges, and a stale card version is refused.

Source: FMK wiki 1.6.0 (MedicineCardVersion, update semantics); the JSON form is this project's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from epjgate.partners.documents import (
    Amount,
    Count,
    Document,
    Malformed,
    Moment,
    PersonIdentifier,
    Text,
    Uuid,
    is_before,
    parse,
)
from epjgate.partners.http_messages import HttpAnswer, HttpJudgement, HttpRequest, HttpRules, accepted, again, refused
from epjgate.partners.person_number import read_number

_ATC = r"^[A-Z]([0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?)?$"


class _Status(StrEnum):
    ACTIVE = "Active"
    COMPLETED = "Completed"
    STOPPED = "Stopped"
    ENTERED_IN_ERROR = "EnteredInError"


class _Drug(Document):
    atc_code: Annotated[Text, Field(pattern=_ATC)]
    name: Text


class _Strength(Document):
    value: Amount
    unit: Annotated[Text, Field(pattern="^mg$")]


class _Dosage(Document):
    quantity: Amount
    unit: Text
    interval_seconds: Annotated[Count, Field(gt=0)]
    text: Text


class _Pause(Document):
    begin_date: Moment


class _DrugMedication(Document):
    identifier: Text
    drug: _Drug
    strength: _Strength
    dosage: _Dosage
    begin_date: Moment
    end_date: Moment = ""
    pause: _Pause | None = None
    status: _Status


class _Order(Document):
    message_id: Uuid
    person_identifier: PersonIdentifier
    medicine_card_version: Annotated[Count, Field(ge=0)]
    drug_medication: _DrugMedication


@dataclass(frozen=True)
class _Card:
    """The medicine card of one person: the drug medications by identifier, in the order of their creation."""

    version: int = 0
    medications: Mapping[str, object] = field(default_factory=dict)


class MedicationRecord(HttpRules):
    """Plays FMK: one medicine card a person; identifiers are unique within one card."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget all cards."""
        self._cards: dict[str, _Card] = {}
        self._answers: dict[str, HttpAnswer] = {}

    def card(self, person: str) -> dict[str, object] | None:
        """Return the medicine card of `person` as its JSON content; None where nobody has written to one."""
        card = self._cards.get(person)
        return _content(person, card) if card else None

    def judge(self, message: HttpRequest, now: datetime) -> HttpJudgement:  # noqa: ARG002 - FMK looks at no clock
        """Judge a creation, an overwriting or a reading."""
        match message.method, message.steps:
            case "GET", ("medicine-cards", person):
                return self._read(person)
            case "POST", ("drug-medications",):
                return self._write(message.body, None)
            case "PUT", ("drug-medications", identifier):
                return self._write(message.body, identifier)
            case _:
                return _error(404, "UNKNOWN_OPERATION", "FMK has no such operation")

    def refusal(self, message: HttpRequest) -> HttpJudgement:  # noqa: ARG002 - whatever the content is
        """Return status 400."""
        return _error(400, "REFUSED", "the receiver refuses this message")

    def _read(self, person: str) -> HttpJudgement:
        try:
            read_number(person)
        except ValueError as err:
            return _error(400, "MALFORMED", f"PersonIdentifier: {err}")
        return accepted(200, _content(person, self._cards.get(person) or _Card()))

    def _write(self, body: bytes, identifier: str | None) -> HttpJudgement:
        try:
            order = parse(body, _Order)
            _check(order, identifier)
        except Malformed as err:
            return _error(400, "MALFORMED", str(err))
        if first := self._answers.get(order.message_id.lower()):
            return again(first)
        card = self._cards.get(order.person_identifier) or _Card()
        medication = order.drug_medication
        if (refusal := _conflict(card, order, creates=identifier is None)) is not None:
            return refusal
        # Overwritten as a whole: what the message leaves out is gone, a pause included.
        written = medication.model_dump(by_alias=True, exclude_unset=True, mode="json")
        card = _Card(card.version + 1, {**card.medications, medication.identifier: written})
        self._cards[order.person_identifier] = card
        judgement = accepted(
            201 if identifier is None else 200,
            {"MedicineCardVersion": card.version, "Identifier": medication.identifier},
        )
        self._answers[order.message_id.lower()] = judgement.answer
        return judgement


def _check(order: _Order, identifier: str | None) -> None:
    """Raise Malformed where the parts of `order` contradict each other."""
    medication = order.drug_medication
    if "pause" in medication.model_fields_set and medication.pause is None:
        raise Malformed("DrugMedication.Pause: null is no value; leave the key out")
    if identifier is not None and medication.identifier != identifier:
        raise Malformed("DrugMedication.Identifier: differs from the one in the address")
    if medication.end_date and is_before(medication.end_date, medication.begin_date):
        raise Malformed("DrugMedication.EndDate: lies before BeginDate")


def _conflict(card: _Card, order: _Order, *, creates: bool) -> HttpJudgement | None:
    """Return the refusal where `order` does not fit to what `card` holds."""
    if order.medicine_card_version != card.version:
        reason = f"MEDICINE_CARD_VERSION_CONFLICT: saw version {order.medicine_card_version}, it is {card.version}"
        content = {"Error": "MEDICINE_CARD_VERSION_CONFLICT", "MedicineCardVersion": card.version}
        return refused(409, content, reason)
    known = order.drug_medication.identifier in card.medications
    if creates and known:
        return _error(409, "IDENTIFIER_EXISTS", "the card holds a drug medication with this identifier")
    if not creates and not known:
        return _error(404, "UNKNOWN_IDENTIFIER", "the card holds no drug medication with this identifier")
    return None


def _content(person: str, card: _Card) -> dict[str, object]:
    return {
        "PersonIdentifier": person,
        "MedicineCardVersion": card.version,
        "DrugMedications": list(card.medications.values()),
    }


def _error(status: int, code: str, detail: str) -> HttpJudgement:
    return refused(status, {"Error": code, "Detail": detail}, f"{code}: {detail}")
