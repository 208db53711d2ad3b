"""What the EPJ sends arrives once and in order, whatever becomes of the connection and of its acknowledgement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from epjgate.drivers.dsl import DeliveryState, Epj, Investigation, PatientRef
from epjgate.drivers.dsl.waiting import wait_until
from epjgate.drivers.fhir import FhirClient, Resource, value_at
from epjgate.drivers.hl7v2 import acknowledged
from epjgate.drivers.mllp import MllpClient
from epjgate.model.partner import Fault, FaultKind, Received
from epjgate.model.person import Person
from epjgate.partners.client import Partners
from population.hl7v2 import MORNING, Correspondent, control_id, measured

Arrived = Callable[..., list[Received]]
At = Callable[[str], datetime]
Field = Callable[[Received, str], str]
Known = Callable[[Person], str]
ResultsOf = Callable[[str], list[Resource]]

SENDS = pytest.mark.needs("laboratory_requisitions", "orders", "delivery_ledger")
MANY = 1001
"""One more than a round number: queues that lose something lose it there."""
PATIENCE_S = 60.0
"""How long the last of them is waited for; how fast a queue is, is no rule of this interface."""
AT_ONCE = 77
"""How many of them stand in one message, or one transaction."""
ANALYSES = (("NPU03230", "P-Kalium"), ("NPU18016", "P-Kreatinin"), ("NPU19748", "P-C-reaktivt protein"))


@contextmanager
def disturbed(
    partners: Partners, person: Person, kind: FaultKind, *, times: int = 1, seconds: float = 0
) -> Iterator[str]:
    """Let the laboratory misbehave at messages about `person` while the block lasts; yields the fault's id."""
    fault = partners.add_fault("laboratory", Fault(kind=kind, about=person.cpr, times=times, seconds=seconds))
    try:
        yield fault
    finally:
        partners.remove_fault("laboratory", fault)


def order_all(epj: Epj, patient: PatientRef, at: At) -> list[str]:
    """Order three analyses; returns the numbers of the orders."""
    return [
        epj.order_lab(patient, Investigation(name, at(f"2026-02-03 08:0{minute}"), code)).id
        for minute, (code, name) in enumerate(ANALYSES)
    ]


def effective(got: list[Received]) -> list[Received]:
    """Return what the receiver carried out: accepted, and not accepted before."""
    return [one for one in got if one.accepted and not one.repeated]


@SENDS
@pytest.mark.rule("hl7v2-out-late-acknowledgement", "hl7v2-out-sent-again-unchanged", "hl7v2-out-one-at-a-time")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize(
    ("kind", "seconds"),
    [(FaultKind.LATE_ACKNOWLEDGEMENT, 3.0), (FaultKind.LOST_ACKNOWLEDGEMENT, 0.0)],
    ids=["late", "lost"],
)
def test_an_order_whose_acknowledgement_is_missing_is_carried_out_once(
    epj: Epj,
    partners: Partners,
    person: Person,
    at: At,
    arrived: Arrived,
    field: Field,
    kind: FaultKind,
    seconds: float,
) -> None:
    """It goes out again as the same message, letter by letter, and nothing about the person overtakes it."""
    patient = epj.register_patient(person)
    with disturbed(partners, person, kind, seconds=seconds) as fault:
        orders = order_all(epj, patient, at)
        got = arrived("laboratory", person, 3)
        assert partners.fault_uses("laboratory", fault) == 1, "nothing was disturbed"
    assert [field(one, "ORC-2.1") for one in effective(got)] == orders
    first = [one for one in got if field(one, "ORC-2.1") == orders[0]]
    assert len(first) >= 2, "it was not sent again"
    assert len({one.text for one in first}) == 1, "what was sent again is another message"
    numbers = [orders.index(field(one, "ORC-2.1")) for one in got]
    assert numbers == sorted(numbers), "an order overtook the one before it"
    assert epj.undelivered_of(patient) == []


@SENDS
@pytest.mark.rule("hl7v2-out-sent-again-unchanged")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.TIMEOUT], ids=["reset", "no answer"])
def test_an_order_that_did_not_get_through_is_sent_again(
    epj: Epj, partners: Partners, person: Person, at: At, arrived: Arrived, field: Field, kind: FaultKind
) -> None:
    """The connection breaks, or nobody answers: the same message once more, and the others behind it in order."""
    patient = epj.register_patient(person)
    with disturbed(partners, person, kind) as fault:
        orders = order_all(epj, patient, at)
        got = arrived("laboratory", person, 3)
        assert partners.fault_uses("laboratory", fault) == 1, "nothing was disturbed"
    assert [field(one, "ORC-2.1") for one in effective(got)] == orders
    assert len({one.text for one in got}) == len(orders), "what was sent again is another message"
    assert epj.undelivered_of(patient) == []


@SENDS
@pytest.mark.rule("hl7v2-out-refusal-alarms", "hl7v2-out-refusal-holds-nobody-up")
@pytest.mark.severity("blocker")
def test_a_refusal_alarms_and_is_no_loop(
    epj: Epj, partners: Partners, person: Person, at: At, arrived: Arrived, field: Field
) -> None:
    """AE: sent once and not again, somebody is alarmed, and the orders behind it are carried out."""
    patient = epj.register_patient(person)
    with disturbed(partners, person, FaultKind.REFUSAL):
        orders = order_all(epj, patient, at)
        got = arrived("laboratory", person, 2)
    assert [field(one, "ORC-2.1") for one in effective(got)] == orders[1:]
    (left,) = epj.undelivered_of(patient)
    assert (left.state, left.alarm) == (DeliveryState.REFUSED, True)
    assert left.error != ""
    wait_until(lambda: len(sent_about(partners, person, orders[0], field)) > 1, 1.0)
    assert len(sent_about(partners, person, orders[0], field)) == 1, "what was refused is sent again"


@SENDS
@pytest.mark.rule("hl7v2-out-queue-keeps-all")
@pytest.mark.severity("blocker")
def test_a_queue_of_a_thousand_and_one_orders_loses_none(
    epj: Epj, partners: Partners, person: Person, fhir: FhirClient, field: Field
) -> None:
    """Ordered while the laboratory is out of reach: afterwards each arrives once, in the order in which it was made."""
    patient = epj.register_patient(person)
    with disturbed(partners, person, FaultKind.VANISH, times=0):
        orders = order_many(fhir, patient.id)
        assert partners.received("laboratory", person.cpr) == ()
    wait_until(lambda: len(partners.received("laboratory", orders[-1])) > 0, PATIENCE_S)
    got = partners.received("laboratory", person.cpr)
    assert [field(one, "ORC-2.1") for one in got] == orders
    assert all(one.accepted and not one.repeated for one in got)
    assert epj.undelivered_of(patient) == []


@pytest.mark.rule("hl7v2-oru-a-thousand-and-one")
@pytest.mark.severity("blocker")
def test_a_thousand_and_one_results_in_one_go(
    mllp: MllpClient, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf
) -> None:
    """What a laboratory sends after an outage, in one packet: all is answered, in order, and each value is stored."""
    patient = known(person)
    taken = [MORNING + timedelta(minutes=number) for number in range(MANY)]
    messages = [
        laboratory.results(person, *(measured(f"{n}.0", at=taken[n]) for n in range(first, first + AT_ONCE)))
        for first in range(0, MANY, AT_ONCE)
    ]
    answers = [acknowledged(answer) for answer in mllp.send(*messages)]
    assert [answer.code for answer in answers] == ["AA"] * len(messages)
    assert [answer.message_id for answer in answers] == [control_id(message) for message in messages]
    stored = [str(value_at(one, "valueQuantity", "value")) for one in results_of(patient)]
    assert stored == [f"{number}.0" for number in range(MANY)]


def order_many(fhir: FhirClient, patient: str) -> list[str]:
    """Order MANY analyses, AT_ONCE in each transaction; returns the numbers of the orders."""
    orders: list[str] = []
    for first in range(0, MANY, AT_ONCE):
        entries = [
            {"request": {"method": "POST", "url": "ServiceRequest"}, "resource": ordered(patient, f"Analyse {number}")}
            for number in range(first, first + AT_ONCE)
        ]
        answer = fhir.transaction({"resourceType": "Bundle", "type": "transaction", "entry": entries}).expect(200)
        orders += [
            str(entry["response"]["location"]).partition("/_history")[0].split("/")[-1] for entry in answer.entries
        ]
    return orders


def ordered(patient: str, name: str) -> Resource:
    """Return an order of the laboratory."""
    return {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"text": name},
        "subject": {"reference": f"Patient/{patient}"},
        "authoredOn": "2026-02-03T08:00:00+01:00",
    }


def sent_about(partners: Partners, person: Person, order: str, field: Field) -> list[Received]:
    """Return what the laboratory got about one order."""
    return [one for one in partners.received("laboratory", person.cpr) if field(one, "ORC-2.1") == order]
