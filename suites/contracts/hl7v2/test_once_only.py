"""A message is the same one when sender and MSH-10 are, and is taken in once (2.15.9.10)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from epjgate.drivers.fhir import Resource, value_at
from epjgate.drivers.hl7v2 import Acknowledged
from epjgate.drivers.mllp import MllpClient
from epjgate.model.person import Person
from population.hl7v2 import SODIUM, Correspondent, measured

Answered = Callable[[bytes, str], Acknowledged]
Known = Callable[[Person], str]
OfPatient = Callable[[str, str], list[Resource]]
ResultsOf = Callable[[str], list[Resource]]
Tell = Callable[[bytes], Acknowledged]
TellAll = Callable[..., list[Acknowledged]]

SENDERS = 6


def values(results: list[Resource]) -> list[str]:
    """Return the numbers of `results`, smallest first."""
    return sorted(str(value_at(one, "valueQuantity", "value")) for one in results)


@pytest.mark.rule("hl7v2-same-id-is-the-same-message")
@pytest.mark.severity("blocker")
def test_a_message_that_comes_again_is_stored_once(
    tell_all: TellAll, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf
) -> None:
    """On the same connection and on another one: one result, and the same answer each time."""
    patient = known(person)
    message = laboratory.results(person, measured("140"))
    said = [*tell_all(message, message), *tell_all(message)]
    assert [answer.code for answer in said] == ["AA"] * 3
    assert len({answer.message_id for answer in said}) == 1
    assert values(results_of(patient)) == ["140"]


@pytest.mark.rule("hl7v2-same-id-is-the-same-message")
@pytest.mark.severity("critical")
def test_a_resent_message_may_tell_another_time_of_sending(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf
) -> None:
    """A sender that makes its message anew changes MSH-7: it is still the same message."""
    patient = known(person)
    message = laboratory.results(person, measured("140"))
    sent_at = message.split(b"|")[6]
    later = message.replace(sent_at, b"20991231235959+0100", 1)
    assert later != message
    assert [tell(one).code for one in (message, later)] == ["AA", "AA"]
    assert values(results_of(patient)) == ["140"]


@pytest.mark.rule("hl7v2-same-id-is-the-same-message")
@pytest.mark.severity("blocker")
def test_an_admission_that_comes_again_is_one_stay(
    tell: Tell,
    admissions: Correspondent,
    person: Person,
    found: Callable[[Person], list[Resource]],
    of_patient: OfPatient,
) -> None:
    """One patient, one stay, and AA each time: the sender cannot know whether its message was lost."""
    message = admissions.admission(person)
    assert [tell(message).code for _ in range(2)] == ["AA", "AA"]
    (patient,) = found(person)
    assert len(of_patient("Encounter", value_at(patient, "id"))) == 1


@pytest.mark.rule("hl7v2-same-id-at-once")
@pytest.mark.severity("critical")
def test_a_message_over_several_connections_at_once_is_stored_once(
    mllp: MllpClient, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf, answered: Answered
) -> None:
    """Six connections at the same moment: one result, six times AA."""
    patient = known(person)
    message = laboratory.results(person, measured("140"))
    with ThreadPoolExecutor(SENDERS) as senders:
        answers = list(senders.map(lambda one: mllp.send(one)[0], [message] * SENDERS))
    assert [answered(message, answer).code for answer in answers] == ["AA"] * SENDERS
    assert values(results_of(patient)) == ["140"]


@pytest.mark.rule("hl7v2-same-id-of-another-sender")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("other", [{"sender": "LAB2"}, {"facility": "ANOTHER HOSPITAL"}], ids=["system", "facility"])
def test_another_sender_may_count_alike(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf, other: dict[str, str]
) -> None:
    """The same MSH-10 of another system, or of the same one at another place, is another message."""
    patient = known(person)
    same = f"1{person.cpr[:8]}"
    answers = [
        tell(laboratory.results(person, measured("140"), message_id=same)),
        tell(laboratory.results(person, measured("3.9"), message_id=same, **other)),
    ]
    assert [answer.code for answer in answers] == ["AA", "AA"]
    assert values(results_of(patient)) == ["140", "3.9"]


@pytest.mark.rule("hl7v2-same-id-with-other-content")
@pytest.mark.severity("blocker")
def test_other_content_under_a_known_id_is_never_swallowed(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf
) -> None:
    """A sender that began to count anew: its result is stored or refused, and never acknowledged and dropped."""
    patient = known(person)
    same = f"2{person.cpr[:8]}"
    assert tell(laboratory.results(person, measured("140"), message_id=same)).code == "AA"
    answer = tell(laboratory.results(person, measured("118"), message_id=same))
    stored = values(results_of(patient))
    assert "140" in stored, "the first result was overwritten"
    assert (answer.code == "AA") == ("118" in stored), f"{answer.code} was said, and stored is {stored}"


@pytest.mark.rule("hl7v2-refused-may-come-again")
@pytest.mark.severity("critical")
def test_a_refused_message_is_taken_in_when_its_cause_is_gone(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf
) -> None:
    """A result that came before its patient was registered is sent again afterwards, as the same message."""
    message = laboratory.results(person, measured("140", code=SODIUM))
    assert tell(message).code == "AE"
    patient = known(person)
    assert tell(message).code == "AA"
    assert values(results_of(patient)) == ["140"]
