"""Refusals: what was wrong is told in full, to senders of every version and about every kind of message (2.15.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from epjgate.contracts.checks.hl7v2_times import moment
from epjgate.drivers.hl7v2 import Acknowledged, Charset
from epjgate.model.person import Person
from population.hl7v2 import MORNING, Correspondent, measured, pid, visit

Tell = Callable[[bytes], Acknowledged]
Violations = Callable[[str, str], list[str]]

TOLD = (
    "hl7v2-ack-says-why",
    "hl7v2-ack-error-text",
    "hl7v2-ack-reason-for-older-senders",
    "hl7v2-times-with-offset",
)


@dataclass(frozen=True)
class Senders:
    """Who writes about `person`, whom the EPJ does not know."""

    person: Person
    admissions: Correspondent
    laboratory: Correspondent

    def result(self, old: bytes = b"", new: bytes = b"") -> bytes:
        """Return a result in which `old` is `new`."""
        return self.laboratory.results(self.person, measured("140")).replace(old, new)


REFUSED: dict[str, Callable[[Senders], bytes]] = {
    "ADT^A01 without number": lambda by: by.admissions.event("A01", pid(by.person, f3=""), visit("M1")),
    "ADT^A03 of nobody": lambda by: by.admissions.discharge(by.person, at=MORNING),
    "ADT^A08 of nobody": lambda by: by.admissions.correction(by.person),
    "ADT^A40 into itself": lambda by: by.admissions.merge(by.person, by.person),
    "ADT^A99": lambda by: by.admissions.event("A99", pid(by.person)),
    "ORU^R01 of nobody": lambda by: by.result(),
    "ORU^R99": lambda by: by.result(b"^R01^", b"^R99^"),
    "QRY^A19": lambda by: by.result(b"ORU^R01^ORU_R01", b"QRY^A19"),
    "ZZZ^Z99": lambda by: by.laboratory.write("ZZZ^Z99"),
    "ZÆØ^Å99 in UTF-8": lambda by: by.laboratory.write("ZÆØ^Å99", charset=Charset.UTF_8),
    "ZÆØ^Å99 in ISO 8859-1": lambda by: by.laboratory.write("ZÆØ^Å99", charset=Charset.LATIN_1),
    "ORU@R01 of nobody": lambda by: by.result(b"^", b"@"),
    "no message": lambda _by: b"HELLO",
    "no header": lambda by: by.result(b"MSH|", b"PID|"),
}


@pytest.mark.rule(*TOLD)
@pytest.mark.severity("normal")
@pytest.mark.parametrize("kind", REFUSED)
def test_a_refusal_tells_what_was_wrong(
    tell: Tell,
    person: Person,
    admissions: Correspondent,
    laboratory: Correspondent,
    violations: Violations,
    kind: str,
) -> None:
    """MSA-3 and ERR-8 say why, ERR-3.1, ERR-3.2 and ERR-3.3 by a code of table 0357, ERR-4 how severe it is."""
    answer = tell(REFUSED[kind](Senders(person, admissions, laboratory)))
    assert answer.code in ("AE", "AR")
    assert answer.er7.header.value(3) != "", "nobody says who refuses"
    assert {rule: found for rule in TOLD if (found := violations(rule, answer.text))} == {}


@pytest.mark.rule("hl7v2-ack-processing-id")
@pytest.mark.severity("critical")
@pytest.mark.parametrize("processing", ["P", "T", "D"])
def test_an_answer_is_processed_like_its_message(tell: Tell, laboratory: Correspondent, processing: str) -> None:
    """MSH-11: what answers production, training and debugging is of the same kind."""
    message = laboratory.write("ZZZ^Z99")
    assert message.count(b"|P|2.5|") == 1
    answer = tell(message.replace(b"|P|2.5|", f"|{processing}|2.5|".encode()))
    assert (answer.code, answer.er7.header.value(11)) == ("AR", processing)


@pytest.mark.rule("hl7v2-ack-time")
@pytest.mark.severity("normal")
def test_an_answer_has_a_time_of_its_own(tell: Tell, laboratory: Correspondent) -> None:
    """MSH-7 is now, whenever the message was written: a sender measures by it how late it is answered."""
    answer = tell(laboratory.write("ZZZ^Z99", at=MORNING))
    said = moment(answer.er7.header.value(7))
    assert abs(datetime.now(UTC) - said) < timedelta(minutes=5), f"it says that it was made at {said.isoformat()}"
