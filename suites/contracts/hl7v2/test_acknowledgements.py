"""Acknowledgements: what is said is true, and it is said to the right sender about the right message (2.9.2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from epjgate.drivers.fhir import Resource
from epjgate.drivers.hl7v2 import Acknowledged, Charset, Raw
from epjgate.model.person import Person
from epjgate.plugin.rules import each_rule
from population.hl7v2 import MORNING, Correspondent, control_id, measured, pid, request

Known = Callable[[Person], str]
ResultsOf = Callable[[str], list[Resource]]
Tell = Callable[[bytes], Acknowledged]
Violations = Callable[[str, str], list[str]]

DOCUMENT_RULES = (
    "hl7v2-ack-structure",
    "hl7v2-ack-message-type",
    "hl7v2-ack-code",
    "hl7v2-ack-error-named",
    "hl7v2-ack-says-why",
    "hl7v2-msh-once-and-first",
    "hl7v2-segments-end-with-cr",
    "hl7v2-msh-parties",
    "hl7v2-msh-time",
    "hl7v2-times-with-offset",
    "hl7v2-msh-control-id",
    "hl7v2-msh-processing-id",
    "hl7v2-msh-version",
    "hl7v2-msh-charset-declared",
    "hl7v2-charset-used-is-declared",
    "hl7v2-escapes-are-whole",
)


@pytest.fixture
def answers(tell: Tell, laboratory: Correspondent, person: Person, known: Known) -> dict[str, Acknowledged]:
    """One acknowledgement of each kind, in each character set."""
    known(person)
    messages = {}
    for charset in Charset:
        messages[f"AA in {charset}"] = laboratory.results(person, measured("140"), charset=charset)
        messages[f"AE in {charset}"] = laboratory.results(person, measured("hæmolyse"), charset=charset)
        messages[f"AR in {charset}"] = laboratory.write("ZÆØ^Å99", pid(person), charset=charset)
    return {name: tell(message) for name, message in messages.items()}


@each_rule(*DOCUMENT_RULES)
@pytest.mark.severity("critical")
def test_every_acknowledgement_keeps_the_rule(
    answers: dict[str, Acknowledged], violations: Violations, rule: str
) -> None:
    """AA, AE and AR, in both character sets."""
    assert [name.split(maxsplit=1)[0] for name in answers] == [answer.code for answer in answers.values()]
    broken = {name: found for name, answer in answers.items() if (found := violations(rule, answer.text))}
    assert broken == {}


@pytest.mark.rule("hl7v2-ack-accepts-what-is-stored")
@pytest.mark.severity("blocker")
def test_what_was_accepted_is_stored(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf
) -> None:
    """Whoever reads when AA has come finds the result: it is not on its way to somewhere."""
    patient = known(person)
    for number in range(1, 6):
        assert tell(laboratory.results(person, measured(f"{number}"))).code == "AA"
        assert len(results_of(patient)) == number, "AA was said of a result that nobody finds"


@pytest.mark.rule("hl7v2-ack-error-for-content", "hl7v2-person-without-number")
@pytest.mark.severity("blocker")
@pytest.mark.parametrize("flaw", ["no number of the person", "no OBX", "no code", "no time", "an OBX before its OBR"])
def test_content_that_cannot_be_taken_in_is_refused(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf, flaw: str
) -> None:
    """AE, and nothing of the message is stored."""
    patient = known(person)
    good = measured("140")
    message = {
        "no number of the person": laboratory.write("ORU^R01^ORU_R01", pid(person, f3=""), request(), good),
        "no OBX": laboratory.write("ORU^R01^ORU_R01", pid(person), request()),
        "no code": laboratory.results(person, good, measured("3.9", f3="")),
        "no time": laboratory.results(person, good, measured("3.9", f14="i morges")),
        "an OBX before its OBR": laboratory.write("ORU^R01^ORU_R01", pid(person), good, request()),
    }[flaw]
    answer = tell(message)
    assert answer.code == "AE"
    assert answer.message_id == control_id(message)
    assert results_of(patient) == []


@pytest.mark.rule("hl7v2-ack-reject-for-kind-and-form")
@pytest.mark.severity("critical")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"|ORU^R01^ORU_R01|", b"|ORU^R99^ORU_R01|"),
        (b"|ORU^R01^ORU_R01|", b"|QRY^A19|"),
        (b"|P|2.5|", b"|X|2.5|"),
        (b"|P|2.5|", b"|P|9.9|"),
        (b"|P|2.5|", b"||2.5|"),
    ],
    ids=["event", "type", "processing id", "version", "no processing id"],
)
def test_a_header_that_is_not_supported_is_rejected(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf, old: bytes, new: bytes
) -> None:
    """AR, and nothing of the message is stored."""
    patient = known(person)
    message = laboratory.results(person, measured("140"))
    assert message.count(old) == 1
    answer = tell(message.replace(old, new))
    assert (answer.code, answer.message_id) == ("AR", control_id(message))
    assert results_of(patient) == []


@pytest.mark.rule("hl7v2-ack-reject-for-kind-and-form")
@pytest.mark.severity("critical")
def test_a_message_without_an_id_is_rejected(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, results_of: ResultsOf
) -> None:
    """Nobody could tell whether it came before; the answer names no id."""
    patient = known(person)
    message = laboratory.results(person, measured("140"))
    answer = tell(message.replace(control_id(message).encode(), b"", 1))
    assert (answer.code in ("AE", "AR"), answer.message_id) == (True, "")
    assert results_of(patient) == []


@pytest.mark.rule("hl7v2-ack-reject-for-kind-and-form")
@pytest.mark.severity("critical")
@pytest.mark.parametrize("content", [b"HELLO", b"\xff\xfe\x00", b"PID|1||1\r", b"MSH", b"MSH|\r"])
def test_what_is_no_message_is_rejected(tell: Tell, content: bytes) -> None:
    """Whatever is in a frame is answered, and not with AA."""
    assert tell(content).code in ("AE", "AR")


@pytest.mark.rule("hl7v2-ack-names-message-id", "hl7v2-ack-names-trigger")
@pytest.mark.severity("blocker")
def test_an_answer_names_its_message(
    tell: Tell, laboratory: Correspondent, admissions: Correspondent, person: Person, known: Known
) -> None:
    """MSA-2 is MSH-10, letter by letter, and MSH-9.2 the trigger, in AA and in a refusal."""
    known(person)
    ids = [f"{person.cpr[:6]}{rest}" for rest in (" x-Ö.1", "-00012", "0", "#_:")]
    sent = [
        (laboratory.results(person, measured("140"), message_id=ids[0]), "AA", "R01"),
        (laboratory.results(person, measured("ikke målt"), message_id=ids[1]), "AE", "R01"),
        (admissions.correction(person, message_id=ids[2]), "AA", "A08"),
        (admissions.event("A99", pid(person), message_id=ids[3]), "AR", "A99"),
    ]
    answers = [tell(message) for message, _code, _trigger in sent]
    assert [answer.message_id for answer in answers] == ids
    assert [(answer.code, answer.er7.header.value(9, 2)) for answer in answers] == [
        (code, trigger) for _message, code, trigger in sent
    ]


@pytest.mark.rule("hl7v2-ack-parties-swapped")
@pytest.mark.severity("critical")
@pytest.mark.parametrize("value", ["140", "ikke målt"], ids=["AA", "AE"])
def test_the_parties_change_places(
    tell: Tell, laboratory: Correspondent, person: Person, known: Known, value: str
) -> None:
    """MSH-5 and MSH-6 of the answer are MSH-3 and MSH-4 of the message, components included."""
    known(person)
    header = {"sender": Raw("LAB^1.2.208.17^ISO"), "facility": "KLINISK BIOKEMI"}
    answer = tell(laboratory.results(person, measured(value), **header)).er7.header
    assert (answer.raw(5), answer.raw(6)) == ("LAB^1.2.208.17^ISO", "KLINISK BIOKEMI")
    assert answer.value(3) not in ("", "LAB")


@pytest.mark.rule("hl7v2-ack-in-senders-charset")
@pytest.mark.severity("critical")
@pytest.mark.parametrize("charset", Charset)
@pytest.mark.parametrize("value", ["140", "ikke målt"], ids=["AA", "AE"])
def test_an_answer_is_in_the_character_set_of_its_message(
    raw_answer: Callable[[bytes], bytes],
    laboratory: Correspondent,
    person: Person,
    known: Known,
    charset: Charset,
    value: str,
    answered: Callable[[bytes, str], Acknowledged],
) -> None:
    """A sender with æøå in its name gets it back byte by byte, and MSH-18 says which set it is."""
    known(person)
    name = "LABØRATÆRIÅT"
    message = laboratory.results(person, measured(value), charset=charset, sender=name)
    answer = raw_answer(message)
    assert name.encode(charset.encoding) in answer, "the sender's name came back in another character set"
    said = answered(message, answer[1:-2].decode(charset.encoding))
    assert said.er7.header.value(18) == charset.value


@pytest.mark.rule("hl7v2-ack-own-id")
@pytest.mark.severity("normal")
def test_every_answer_has_an_id_of_its_own(
    tell: Tell, laboratory: Correspondent, admissions: Correspondent, person: Person, known: Known
) -> None:
    """No two answers to different messages have the same MSH-10, accepted or not."""
    known(person)
    messages = [laboratory.results(person, measured(value)) for value in ("140", "140", "x", "x")]
    messages += [admissions.correction(person), admissions.discharge(person, at=MORNING), laboratory.write("ZZZ^Z99")]
    ids = [tell(message).er7.header.value(10) for message in messages]
    assert all(ids)
    assert len(set(ids)) == len(messages)
