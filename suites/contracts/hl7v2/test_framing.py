"""Frames: the message that was sent is the message that is taken in, however the bytes travel (MLLP Release 1)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from epjgate.drivers.fhir import Resource, value_at
from epjgate.drivers.hl7v2 import Acknowledged, acknowledged
from epjgate.drivers.mllp import END, START, MllpClient, framed
from epjgate.model.person import Person
from population.hl7v2 import MORNING, REPORT, Correspondent, control_id, measured, observation

Answered = Callable[[bytes, str], Acknowledged]
Known = Callable[[Person], str]
ResultsOf = Callable[[str], list[Resource]]
Tell = Callable[[bytes], Acknowledged]
TellAll = Callable[..., list[Acknowledged]]
People = Callable[[int], list[Person]]

SHORT_S = 0.03
"""A pause after which the network has delivered what was sent before."""
SILENCE_S = 0.3
"""How long nothing may be answered to what is no message."""
MEGABYTE = 1024 * 1024


def values(results: list[Resource]) -> list[str]:
    """Return the numbers of `results` with all their digits."""
    return [str(value_at(one, "valueQuantity", "value")) for one in results]


@pytest.mark.rule("hl7v2-frame-around-the-answer")
@pytest.mark.severity("blocker")
def test_an_answer_is_one_frame(
    raw_answer: Callable[[bytes], bytes], laboratory: Correspondent, person: Person, known: Known, answered: Answered
) -> None:
    """An answer is one frame, with no byte before it or behind it."""
    known(person)
    message = laboratory.results(person, measured("140"))
    heard = raw_answer(message)
    assert (heard[:1], heard[-2:]) == (START, END)
    assert (heard.count(START), heard.count(END)) == (1, 1)
    assert answered(message, heard[1:-2].decode()).code == "AA"


@pytest.mark.rule("hl7v2-frame-split-anywhere")
@pytest.mark.severity("blocker")
def test_a_frame_may_be_cut_at_every_boundary(
    mllp: MllpClient, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf, answered: Answered
) -> None:
    """Behind 0x0B, in the header, in a letter of two bytes, before 0x1C and between 0x1C and 0x0D: nothing is lost."""
    patient = known(person)
    messages = [
        laboratory.results(
            person, measured(f"14{number}", code=("N", "Ænatrium"), at=MORNING + timedelta(minutes=number))
        )
        for number in range(5)
    ]
    with mllp.conversation() as talk:
        for number, message in enumerate(messages):
            frame = framed(message)
            cut = [1, 5, frame.index("Æ".encode()) + 1, len(frame) - 2, len(frame) - 1][number]
            talk.send(frame[:cut], frame[cut:], pause_s=SHORT_S)
            assert answered(message, talk.answer()).message_id == control_id(message)
    arrived = results_of(patient)
    assert values(arrived) == ["140", "141", "142", "143", "144"]
    assert {value_at(one, "code", "coding", 0, "display") for one in arrived} == {"Ænatrium"}


@pytest.mark.rule("hl7v2-frame-split-anywhere")
@pytest.mark.severity("critical")
def test_a_frame_may_come_byte_by_byte(
    mllp: MllpClient, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf, answered: Answered
) -> None:
    """Each byte in a packet of its own: one message, one answer."""
    patient = known(person)
    message = laboratory.results(person, measured("140.50"))
    frame = framed(message)
    with mllp.conversation() as talk:
        talk.send(*(frame[at : at + 1] for at in range(len(frame))), pause_s=0.0005)
        assert answered(message, talk.answer()).code == "AA"
        assert talk.heard(SILENCE_S) == b""
    assert values(results_of(patient)) == ["140.50"]


@pytest.mark.rule("hl7v2-frames-joined")
@pytest.mark.severity("blocker")
def test_frames_in_one_packet_are_answered_in_order(
    tell_all: TellAll, laboratory: Correspondent, people: People, known: Known, results_of: ResultsOf
) -> None:
    """Ten messages about two persons in one packet: ten answers in that order, and each person has their five."""
    one, other = people(2)
    patients = [known(one), known(other)]
    messages = [
        laboratory.results([one, other][number % 2], measured(f"{number}.0", at=MORNING + timedelta(minutes=number)))
        for number in range(10)
    ]
    answers = tell_all(*messages)
    assert [answer.message_id for answer in answers] == [control_id(message) for message in messages]
    assert {answer.code for answer in answers} == {"AA"}
    assert values(results_of(patients[0])) == ["0.0", "2.0", "4.0", "6.0", "8.0"]
    assert values(results_of(patients[1])) == ["1.0", "3.0", "5.0", "7.0", "9.0"]


@pytest.mark.rule("hl7v2-frames-joined")
@pytest.mark.severity("critical")
def test_a_packet_may_hold_one_frame_and_a_half(
    mllp: MllpClient, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf, answered: Answered
) -> None:
    """The first is answered at once, the second when its rest has come."""
    patient = known(person)
    first, second = (
        laboratory.results(person, measured(value, at=MORNING + timedelta(hours=hour)))
        for hour, value in enumerate(("139", "141"))
    )
    with mllp.conversation() as talk:
        talk.send(framed(first) + framed(second)[:60])
        assert answered(first, talk.answer()).message_id == control_id(first)
        assert talk.heard(SILENCE_S) == b"", "half a message was answered"
        talk.send(framed(second)[60:])
        assert answered(second, talk.answer()).message_id == control_id(second)
    assert values(results_of(patient)) == ["139", "141"]


@pytest.mark.rule("hl7v2-frame-junk-between")
@pytest.mark.severity("critical")
@pytest.mark.parametrize("junk", [b"\r", b"\r\n\r\n", b"\x00", b"PID|1||junk\r"], ids=["cr", "crlf", "nul", "text"])
def test_bytes_between_frames_harm_nothing(
    mllp: MllpClient,
    laboratory: Correspondent,
    person: Person,
    known: Known,
    results_of: ResultsOf,
    answered: Answered,
    junk: bytes,
) -> None:
    """A line break, a zero byte or a text between two frames: both are taken in, and only they are answered."""
    patient = known(person)
    first, second = (
        laboratory.results(person, measured(value, at=MORNING + timedelta(hours=hour)))
        for hour, value in enumerate(("139", "141"))
    )
    with mllp.conversation() as talk:
        talk.send(junk + framed(first) + junk + framed(second) + junk)
        answers = [answered(message, talk.answer()) for message in (first, second)]
        assert talk.heard(SILENCE_S) == b""
    assert [(answer.code, answer.message_id) for answer in answers] == [
        ("AA", control_id(first)),
        ("AA", control_id(second)),
    ]
    assert values(results_of(patient)) == ["139", "141"]


@pytest.mark.rule("hl7v2-frame-without-start")
@pytest.mark.severity("critical")
def test_what_has_no_start_is_no_message(
    mllp: MllpClient, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf, answered: Answered
) -> None:
    """A message without 0x0B is neither stored nor called accepted, and the frame behind it is taken in."""
    patient = known(person)
    naked, whole = (
        laboratory.results(person, measured(value, at=MORNING + timedelta(hours=hour)))
        for hour, value in enumerate(("139", "141"))
    )
    with mllp.conversation() as talk:
        talk.send(naked + END, framed(whole), pause_s=SHORT_S)
        answer = talk.answer()
        if (first := acknowledged(answer)).message_id != control_id(whole):  # a refusal of what was no frame is allowed
            assert first.code in ("AE", "AR")
            answer = talk.answer()
        last = answered(whole, answer)
    assert (last.code, last.message_id) == ("AA", control_id(whole))
    assert values(results_of(patient)) == ["141"]


@pytest.mark.rule("hl7v2-frame-empty")
@pytest.mark.severity("critical")
@pytest.mark.parametrize("content", [b"", b"\r", b"   "], ids=["nothing", "cr", "blanks"])
def test_an_empty_frame_harms_nothing(
    mllp: MllpClient,
    laboratory: Correspondent,
    person: Person,
    known: Known,
    results_of: ResultsOf,
    answered: Answered,
    content: bytes,
) -> None:
    """It is passed over or refused, and the message behind it on the same connection is taken in."""
    patient = known(person)
    message = laboratory.results(person, measured("141"))
    with mllp.conversation() as talk:
        talk.send(framed(content), framed(message), pause_s=SHORT_S)
        answer = talk.answer()
        if (first := acknowledged(answer)).message_id != control_id(message):
            assert first.code in ("AE", "AR")
            answer = talk.answer()
        last = answered(message, answer)
    assert (last.code, last.message_id) == ("AA", control_id(message))
    assert values(results_of(patient)) == ["141"]


@pytest.mark.rule("hl7v2-frame-begun-anew")
@pytest.mark.severity("blocker")
def test_a_frame_that_begins_anew_takes_nothing_along(
    mllp: MllpClient, laboratory: Correspondent, people: People, known: Known, results_of: ResultsOf, answered: Answered
) -> None:
    """A sender breaks off before the result of one person and begins the next message: nobody gets the other's."""
    one, other = people(2)
    cut_off, next_one = known(one), known(other)
    message = laboratory.results(other, measured("141"))
    broken = laboratory.results(one, measured("99"))
    with mllp.conversation() as talk:
        talk.send(START + broken[: broken.index(b"OBX")] + framed(message))
        answer = answered(message, talk.answer())
    assert results_of(cut_off) == [], "a result reached the person of the message that was broken off"
    assert values(results_of(next_one)) == (["141"] if answer.code == "AA" else [])
    assert (answer.code, answer.message_id) == ("AA", control_id(message))


@pytest.mark.rule("hl7v2-frame-cut-off", "hl7v2-connection-kept")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("ending", ["reset", "closed"])
def test_a_message_that_was_cut_off_is_not_stored(
    mllp: MllpClient,
    laboratory: Correspondent,
    person: Person,
    known: Known,
    results_of: ResultsOf,
    tell: Tell,
    ending: str,
) -> None:
    """All of it came but the last byte, then the connection is gone: nothing is stored, and the next one works."""
    patient = known(person)
    message = laboratory.results(person, measured("139"), measured("7.1"))
    with mllp.conversation() as talk:
        talk.send(framed(message)[:-1], pause_s=SHORT_S)
        assert talk.heard(SILENCE_S) == b"", "a message without an end was answered"
        if ending == "reset":
            talk.drop()
    assert results_of(patient) == []
    assert tell(message).code == "AA"
    assert sorted(values(results_of(patient))) == ["139", "7.1"]


@pytest.mark.rule("hl7v2-connection-kept")
@pytest.mark.severity("critical")
def test_one_connection_bears_many_messages(
    mllp: MllpClient, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf, answered: Answered
) -> None:
    """One after the other, also behind a refusal and a pause, each answered before the next is sent."""
    patient = known(person)
    sent = [laboratory.results(person, measured(f"{n}", at=MORNING + timedelta(minutes=n))) for n in range(4)]
    sent.insert(2, laboratory.write("ZZZ^Z99"))
    with mllp.conversation() as talk:
        answers = []
        for message in sent:
            talk.send(framed(message))
            answers.append(answered(message, talk.answer()))
            talk.heard(0.05)
    assert [answer.message_id for answer in answers] == [control_id(message) for message in sent]
    assert [answer.code for answer in answers] == ["AA", "AA", "AR", "AA", "AA"]
    assert values(results_of(patient)) == ["0", "1", "2", "3"]


@pytest.mark.rule("hl7v2-connections-at-once")
@pytest.mark.severity("critical")
def test_senders_at_the_same_time_get_their_own_answers(
    mllp: MllpClient, laboratory: Correspondent, people: People, known: Known, results_of: ResultsOf, answered: Answered
) -> None:
    """Eight connections at once, one of them with half a frame that never ends: each person has their own results."""
    persons = people(8)
    patients = [known(person) for person in persons]
    batches = [
        [laboratory.results(person, measured(f"{number}.{n}", at=MORNING + timedelta(hours=n))) for n in range(3)]
        for number, person in enumerate(persons)
    ]
    with mllp.conversation() as stuck:
        stuck.send(framed(batches[0][0])[:-2])
        with ThreadPoolExecutor(len(batches)) as senders:
            answers = list(senders.map(lambda batch: mllp.send(*batch), batches))
    got = [
        [answered(*pair).message_id for pair in zip(batch, mine, strict=True)]
        for batch, mine in zip(batches, answers, strict=True)
    ]
    assert got == [[control_id(message) for message in batch] for batch in batches]
    assert [values(results_of(patient)) for patient in patients] == [
        [f"{number}.{n}" for n in range(3)] for number in range(len(persons))
    ]


@pytest.mark.rule("hl7v2-message-of-a-megabyte")
@pytest.mark.severity("critical")
def test_a_message_of_more_than_a_megabyte_arrives_whole(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, texts_of: Callable[[str], list[str]]
) -> None:
    """The answer of a pathologist with everything in it: not a letter is missing at its end."""
    patient = known(person)
    text = f"Begyndelse. {'Mikroskopi: ingen tegn på malignitet. ' * (MEGABYTE // 38)} Slut: ingen blødning."
    message = laboratory.results(person, observation("TX", text, code=REPORT))
    assert len(message) > MEGABYTE
    assert tell(message).code == "AA"
    (stored,) = texts_of(patient)
    assert (len(stored), stored[-40:]) == (len(text), text[-40:])
    assert stored == text


@pytest.mark.rule("hl7v2-one-message-in-a-frame")
@pytest.mark.severity("blocker")
def test_a_frame_with_two_messages_mixes_up_nobody(
    tell: Tell, laboratory: Correspondent, people: People, known: Known, results_of: ResultsOf
) -> None:
    """Two messages about two persons in one frame: refused, and neither has the other's result."""
    persons = people(2)
    patients = [known(person) for person in persons]
    one, other = (
        laboratory.results(person, measured(value)) for person, value in zip(persons, ("139", "99"), strict=True)
    )
    answer = tell(one + other)
    assert answer.code in ("AE", "AR")
    assert [results_of(patient) for patient in patients] == [[], []]
