"""The shared medication record keeps what it was told last, whole, and refuses who has not seen it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.partners.messages import (
    IMPOSSIBLE,
    LOCAL,
    NATIONAL,
    ONE,
    OTHER,
    Content,
    card_message,
    medication,
    post,
    put,
)

from epjgate.partners.fmk import MedicationRecord
from epjgate.partners.http_messages import HttpJudgement, HttpRequest

NOW = datetime(2024, 3, 14, 12, tzinfo=UTC)


@pytest.fixture
def record() -> MedicationRecord:
    """A record without cards."""
    return MedicationRecord()


def create(record: MedicationRecord, message: Content) -> HttpJudgement:
    return record.judge(post("/drug-medications", message), NOW)


def overwrite(record: MedicationRecord, message: Content, identifier: str = "order-1") -> HttpJudgement:
    return record.judge(put(f"/drug-medications/{identifier}", message), NOW)


def card(record: MedicationRecord, cpr: str = ONE.cpr) -> Any:
    return record.judge(HttpRequest("GET", f"/medicine-cards/{cpr}", b""), NOW).answer.content


def test_a_creation_is_on_the_card_digit_by_digit(record: MedicationRecord) -> None:
    """What was sent is what the card holds; its version moves by one."""
    judgement = create(record, card_message())
    assert (judgement.accepted, judgement.answer.status) == (True, 201)
    assert judgement.answer.content == {"MedicineCardVersion": 1, "Identifier": "order-1"}
    assert card(record) == {
        "PersonIdentifier": ONE.cpr,
        "MedicineCardVersion": 1,
        "DrugMedications": [medication()],
    }


def test_a_card_that_nobody_wrote_to_is_empty(record: MedicationRecord) -> None:
    """Its version is 0, and it is no card of the record yet."""
    assert card(record) == {"PersonIdentifier": ONE.cpr, "MedicineCardVersion": 0, "DrugMedications": []}
    assert record.card(ONE.cpr) is None


def test_leaving_out_the_pause_ends_it(record: MedicationRecord) -> None:
    """An update overwrites and never merges."""
    paused = medication(Pause={"BeginDate": "2024-03-15"}, EndDate="2024-04-01")
    create(record, card_message(drug=paused))
    assert card(record)["DrugMedications"] == [paused]
    assert overwrite(record, card_message(version=1)).answer.status == 200
    assert card(record)["DrugMedications"] == [medication()]


def test_who_saw_an_older_card_is_refused(record: MedicationRecord) -> None:
    """The refusal names the version that is; the same message with that version is accepted."""
    create(record, card_message())
    stale = card_message(version=0, drug=medication("order-2"))
    judgement = create(record, stale)
    assert judgement.answer.status == 409
    assert judgement.answer.content == {"Error": "MEDICINE_CARD_VERSION_CONFLICT", "MedicineCardVersion": 1}
    assert "saw version 0, it is 1" in judgement.reason
    assert create(record, stale | {"MedicineCardVersion": 1}).accepted


def test_the_same_message_again_does_nothing(record: MedicationRecord) -> None:
    """It gets its first answer, whatever has happened since."""
    message = card_message()
    first = create(record, message)
    create(record, card_message(version=1, drug=medication("order-2")))
    again = create(record, message)
    assert (again.answer, again.accepted, again.repeated) == (first.answer, True, True)
    assert card(record)["MedicineCardVersion"] == 2


def test_identifiers_belong_to_one_card(record: MedicationRecord) -> None:
    """Twice on one card is refused; an unknown one cannot be overwritten; another person's card is another one."""
    create(record, card_message())
    assert create(record, card_message(version=1)).answer.content["Error"] == "IDENTIFIER_EXISTS"
    unknown = overwrite(record, card_message(version=1, drug=medication("order-2")), "order-2")
    assert (unknown.answer.status, unknown.answer.content["Error"]) == (404, "UNKNOWN_IDENTIFIER")
    assert overwrite(record, card_message(cpr=OTHER.cpr)).answer.status == 404
    assert create(record, card_message(cpr=OTHER.cpr)).accepted


@pytest.mark.parametrize("number", [NATIONAL, LOCAL])
def test_replacement_numbers_have_cards(record: MedicationRecord, number: str) -> None:
    """A person without a CPR number is treated as well."""
    assert create(record, card_message(cpr=number)).accepted


MALFORMED = {
    "a day that never was": (card_message(cpr=IMPOSSIBLE), "PersonIdentifier"),
    "a key too many": (card_message(Surplus=1), "Surplus"),
    "no UUID": (card_message(MessageId="1"), "MessageId"),
    "true is no version": (card_message(MedicineCardVersion=True), "MedicineCardVersion"),
    "a version below 0": (card_message(MedicineCardVersion=-1), "MedicineCardVersion"),
    "no strength": (card_message(drug=medication(Strength=None)), "Strength"),
    "gram": (card_message(drug=medication(Strength={"Value": "0.5", "Unit": "g"})), "Strength.Unit"),
    "a strength without its digits": (card_message(drug=medication(Strength={"Value": 500, "Unit": "mg"})), "Value"),
    "a strength that is no number": (card_message(drug=medication(Strength={"Value": "NaN", "Unit": "mg"})), "Value"),
    "a strength of 0": (card_message(drug=medication(Strength={"Value": "0", "Unit": "mg"})), "Strength.Value"),
    "an end before the beginning": (card_message(drug=medication(EndDate="2024-03-13")), "EndDate"),
    "a time without its offset": (card_message(drug=medication(BeginDate="2024-03-14T08:00:00")), "BeginDate"),
    "null as an end": (card_message(drug=medication() | {"EndDate": None}), "EndDate"),
    "null as a pause": (card_message(drug=medication() | {"Pause": None}), "Pause"),
    "an unknown status": (card_message(drug=medication(Status="Paused")), "Status"),
    "no ATC code": (card_message(drug=medication(Drug={"AtcCode": "paracetamol", "Name": "x"})), "AtcCode"),
    "a list": ([], "no JSON object"),
}


@pytest.mark.parametrize(("message", "told"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_messages_are_refused_by_name(record: MedicationRecord, message: object, told: str) -> None:
    """The refusal names what is wrong, never the person's number, and nothing is stored."""
    judgement = record.judge(post("/drug-medications", message), NOW)
    assert (judgement.accepted, judgement.answer.status) == (False, 400)
    assert told in judgement.reason
    assert IMPOSSIBLE not in judgement.reason
    assert record.card(ONE.cpr) is None


@pytest.mark.parametrize("body", [b"", b"{", b"\xff{}", b'{"a": NaN}', b"[" * 100_000, b'{"a": "\\ud800"}'])
def test_what_is_no_json_is_refused(record: MedicationRecord, body: bytes) -> None:
    """Whatever arrives gets an answer."""
    assert record.judge(HttpRequest("POST", "/drug-medications", body), NOW).answer.status == 400


def test_the_address_and_the_content_name_the_same_order(record: MedicationRecord) -> None:
    """An update of one order that speaks of another is refused."""
    create(record, card_message())
    assert overwrite(record, card_message(version=1), "order-2").answer.status == 400


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/drug-medications/order-1"), ("POST", "/"), ("GET", "/x")])
def test_other_operations_do_not_exist(record: MedicationRecord, method: str, path: str) -> None:
    """They are refused, not ignored."""
    assert record.judge(HttpRequest(method, path, b""), NOW).answer.status == 404


def test_an_impossible_person_has_no_card(record: MedicationRecord) -> None:
    """Asking for it is a mistake, not an empty answer."""
    assert record.judge(HttpRequest("GET", f"/medicine-cards/{IMPOSSIBLE}", b""), NOW).answer.status == 400


identifiers = st.sampled_from(["a", "b", "c"])
pauses = st.sampled_from([None, {"BeginDate": "2024-03-15"}])
quantities = st.decimals("0.01", "99.99", places=2).map(str)


class CardsAgree(RuleBasedStateMachine):
    """The record against a model of one line: a version, and for each identifier what was written last."""

    def __init__(self) -> None:
        super().__init__()
        self.version = 0
        self.held: dict[str, Content] = {}

    @initialize()
    def begin(self) -> None:
        """Begin without cards."""
        self.record = MedicationRecord()

    @rule(identifier=identifiers, pause=pauses, quantity=quantities, behind=st.integers(0, 2), creates=st.booleans())
    def write(self, identifier: str, pause: Content | None, quantity: str, behind: int, *, creates: bool) -> None:
        """Create or overwrite, having seen the card as it is or as it was: accepted if and only if it fits."""
        dosage = {"Quantity": quantity, "Unit": "tablet", "IntervalSeconds": 3600, "Text": "æøå"}
        drug = medication(identifier, Pause=pause, Dosage=dosage)
        seen = max(0, self.version - behind)
        message = card_message(version=seen, drug=drug, MessageId=str(uuid4()))
        judgement = create(self.record, message) if creates else overwrite(self.record, message, identifier)
        fits = seen == self.version and creates == (identifier not in self.held)
        assert judgement.accepted is fits
        if fits:
            self.version += 1
            self.held[identifier] = drug
            assert judgement.answer.content["MedicineCardVersion"] == self.version

    @invariant()
    def the_card_is_what_was_written_last(self) -> None:
        """Nothing of an earlier writing shines through."""
        content = json.loads(json.dumps(card(self.record)))
        assert content["MedicineCardVersion"] == self.version
        assert content["DrugMedications"] == list(self.held.values())


TestCardsAgree = CardsAgree.TestCase
TestCardsAgree.settings = settings(max_examples=30, stateful_step_count=20)
