"""Reliable messaging, the candidate sends: the same message until it is acknowledged, or an alarm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.drivers.dsl import DeliveryState, Epj, PatientRef, Receiver
from epjgate.drivers.dsl.waiting import wait_until_quiet
from epjgate.drivers.fhir import value_at
from epjgate.model.person import Person

if TYPE_CHECKING:
    from suites.contracts.medcom.conftest import Mailbox

pytestmark = [
    pytest.mark.needs("patients", "encounters", "hospital_notifications", "delivery_ledger"),
    pytest.mark.severity("blocker"),
]

MUNICIPALITY = Receiver.HOSPITAL_NOTIFICATIONS
TOO_LATE_S = 2.6
NO_LOOP_FOR_S = 1.5

Send = Callable[[], object]


@pytest.fixture(params=["notification", pytest.param("letter", marks=pytest.mark.needs("care_communications"))])
def send(
    request: pytest.FixtureRequest,
    epj: Epj,
    write: Callable[..., str],
    patient: PatientRef,
    at: Callable[[str], datetime],
) -> Send:
    """Call it to have the municipality told something, by a notification or by a letter."""
    if request.param == "letter":
        return lambda: write(patient)
    return lambda: epj.admit(patient, at("2026-02-02 09:00"), "Afsnit Ø")


def attempts(mailbox: Mailbox, patient: PatientRef, person: Person) -> list[tuple[str, str, bool]]:
    """Return Bundle.id, MessageHeader.id and whether it was taken, for each time a message arrived."""
    return [
        (value_at(one.parsed, "id"), value_at(one.parsed, "entry", 0, "resource", "id"), one.accepted)
        for one in mailbox.received(patient, person.cpr)
    ]


@pytest.mark.rule("medcom-sender-repeats-after-lost-acknowledgement")
def test_a_lost_acknowledgement_brings_the_same_message_again(
    epj: Epj, mailbox: Mailbox, patient: PatientRef, person: Person, send: Send
) -> None:
    """The receiver can tell that it has it already, for both identities are the same."""
    with epj.receiver(MUNICIPALITY).loses_the_acknowledgement(patient):
        send()
    found = attempts(mailbox, patient, person)
    assert len(found) > 1, "a message whose acknowledgement was lost is not sent again"
    assert len({(bundle, header) for bundle, header, _ in found}) == 1, "the same message came with another identity"
    assert [one.state for one in mailbox.ledger(patient)] == [DeliveryState.ACKNOWLEDGED]


@pytest.mark.rule("medcom-sender-repeats-after-late-acknowledgement")
def test_a_late_acknowledgement_brings_the_same_message_again(
    epj: Epj, mailbox: Mailbox, patient: PatientRef, person: Person, at: Callable[[str], datetime]
) -> None:
    """However long the sender waits: what comes twice has the same identities, and is acknowledged in the end."""
    with epj.receiver(MUNICIPALITY).acknowledges_late(patient, seconds=TOO_LATE_S):
        epj.admit(patient, at("2026-02-02 09:00"), "Afsnit Ø")
    found = attempts(mailbox, patient, person)
    assert len({(bundle, header) for bundle, header, _ in found}) == 1, "the same message came with another identity"
    assert [one.state for one in mailbox.ledger(patient)] == [DeliveryState.ACKNOWLEDGED]


@pytest.mark.rule("medcom-sender-repeats-after-transient-error")
def test_a_transient_error_brings_the_same_message_again(
    epj: Epj, mailbox: Mailbox, patient: PatientRef, person: Person, send: Send
) -> None:
    """Asked to come again, the sender comes again, until the message is taken, and not once more."""
    with epj.receiver(MUNICIPALITY).is_busy(patient, times=2):
        send()
    found = attempts(mailbox, patient, person)
    assert [taken for _, _, taken in found] == [False, False, True], (
        "the message is not sent until it is taken, or again"
    )
    assert len({(bundle, header) for bundle, header, _ in found}) == 1, "the same message came with another identity"
    assert [one.state for one in mailbox.ledger(patient)] == [DeliveryState.ACKNOWLEDGED]


@pytest.mark.rule("medcom-sender-stops-after-fatal-error")
def test_a_fatal_error_ends_it_and_raises_the_alarm(
    epj: Epj, mailbox: Mailbox, patient: PatientRef, person: Person, send: Send
) -> None:
    """A message that will never be taken is not sent for ever, and somebody learns of it."""
    with epj.receiver(MUNICIPALITY).refuses(patient):
        send()
    epj.wait_for_deliveries(patient)
    wait_until_quiet(lambda: len(mailbox.now(person.cpr)), 3 * NO_LOOP_FOR_S, quiet_s=NO_LOOP_FOR_S)
    assert len(mailbox.now(person.cpr)) == 1, "a message that was refused for good is sent again"
    (delivery,) = mailbox.ledger(patient)
    assert (delivery.state, delivery.alarm) == (DeliveryState.REFUSED, True), "nobody learns of a refused message"


@pytest.mark.rule("medcom-sender-stops-after-fatal-error")
def test_a_refused_message_does_not_hold_back_the_next_one(
    epj: Epj,
    mailbox: Mailbox,
    patient: PatientRef,
    person: Person,
    at: Callable[[str], datetime],
) -> None:
    """What follows is delivered, as another message."""
    stay = epj.admit(patient, at("2026-02-02 09:00"), "Afsnit Ø")
    epj.wait_for_deliveries(patient)
    with epj.receiver(MUNICIPALITY).refuses(patient):
        stay = epj.send_on_leave(stay, at("2026-02-03 12:00"))
    epj.discharge(stay, at("2026-02-05 11:00"), "DI109")
    found = attempts(mailbox, patient, person)
    assert [taken for _, _, taken in found] == [True, False, True], "a refusal holds back what follows"
    assert len({bundle for bundle, _, _ in found}) == 3, "two messages have one identity"


@pytest.mark.rule("medcom-sender-believes-acknowledgements-only")
def test_what_was_not_acknowledged_counts_as_undelivered(
    epj: Epj, mailbox: Mailbox, patient: PatientRef, person: Person, send: Send
) -> None:
    """While nothing gets through the message waits; when it does, it arrives."""
    with epj.receiver(MUNICIPALITY).is_unreachable(patient):
        send()
    states: list[Any] = [one.state for one in mailbox.ledger(patient)]
    assert len(states) == 1, "the ledger does not tell of the message"
    assert [taken for _, _, taken in attempts(mailbox, patient, person)] == [True], "the message never arrived"
    assert [one.state for one in mailbox.ledger(patient)] == [DeliveryState.ACKNOWLEDGED]
