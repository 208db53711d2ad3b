"""Receiving systems that misbehave, and a system that sends to them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from epjgate.drivers.dsl import DeliveryState, Epj, Prescription
from epjgate.errors import CandidateFault
from epjgate.model.person import Person

FMK = "shared medication record"


@pytest.mark.parametrize(
    ("word", "arguments", "accepted", "attempts"),
    [
        ("is_slow", {"seconds": 0.2}, [True], 1),
        ("acknowledges_late", {"seconds": 3}, [True, True], 2),
        ("loses_the_acknowledgement", {}, [True, True], 2),
        ("answers_twice", {}, [True, True], 1),
        ("is_busy", {"times": 2}, [False, False, True], 3),
        ("never_answers", {}, [False, True], 2),
        ("breaks_the_connection", {}, [False, True], 2),
        ("is_unreachable", {}, [True], None),
    ],
)
def test_a_good_sender_gets_each_message_there_once(
    clinic: Epj,
    somebody: Callable[[], Person],
    amoxicillin: Prescription,
    word: str,
    arguments: dict[str, float],
    accepted: list[bool],
    attempts: int | None,
) -> None:
    """Whatever is done to it: in the end one drug stands on the card, and the sender knows that it does."""
    person = somebody()
    patient = clinic.register_patient(person)
    receiver = clinic.receiver(FMK)
    with getattr(receiver, word)(person, **arguments):
        clinic.prescribe(patient, amoxicillin)
    assert len(clinic.shared_medication_record_of(patient).medications) == 1
    (delivery,) = clinic.deliveries_of(patient)
    assert delivery.state is DeliveryState.ACKNOWLEDGED
    assert delivery.attempts == attempts if attempts else delivery.attempts > 1
    messages = receiver.messages_about(patient)
    assert [message.accepted for message in messages] == accepted
    assert sum(message.accepted and not message.repeated for message in messages) == 1


def test_a_refusal_is_for_good(
    clinic: Epj, somebody: Callable[[], Person], amoxicillin: Prescription, steps: list[str]
) -> None:
    """The sender is told why, and alarms; the evidence shows it too."""
    patient = clinic.register_patient(somebody())
    receiver = clinic.receiver(FMK)
    with receiver.refuses(patient):
        clinic.prescribe(patient, amoxicillin)
    clinic.wait_for_deliveries(patient)
    (delivery,) = clinic.deliveries_of(patient)
    assert (delivery.state, delivery.alarm, bool(delivery.error)) == (DeliveryState.REFUSED, True, True)
    (message,) = receiver.messages_about(patient)
    assert steps[-1] == f"POST drug-medications, refused: {message.reason}"
    assert (message.accepted, bool(message.reason), message.kind) == (False, True, "POST drug-medications")


def test_only_the_named_person_is_struck(
    clinic: Epj, somebody: Callable[[], Person], amoxicillin: Prescription
) -> None:
    """The neighbour's message goes through at once."""
    struck, neighbour = (clinic.register_patient(somebody()) for _ in range(2))
    with clinic.receiver(FMK).is_unreachable(struck):
        clinic.prescribe(struck, amoxicillin)
        order = clinic.prescribe(neighbour, amoxicillin)
        assert clinic.shared_medication_record_of(neighbour).of(order) is not None


def test_a_system_that_sends_nothing_is_at_fault(clinic: Epj, somebody: Callable[[], Person]) -> None:
    """A disturbance that meets no message proves nothing about the sender, and says so."""
    patient = clinic.register_patient(somebody())
    receiver = replace(clinic.receiver(FMK), limit_s=0.1)
    started = time.monotonic()
    with pytest.raises(CandidateFault, match="was sent to shared medication record"), receiver.is_busy(patient):
        """Nothing is prescribed."""
    assert time.monotonic() - started < 2


def test_an_error_in_the_block_is_the_one_that_is_told(clinic: Epj, somebody: Callable[[], Person]) -> None:
    """It is not hidden by a wait, and the receiver behaves again."""
    patient = clinic.register_patient(somebody())
    with pytest.raises(ZeroDivisionError), clinic.receiver(FMK).is_unreachable(patient):
        _ = 1 / 0
    assert clinic.wait_for_deliveries(patient, within_s=1)
