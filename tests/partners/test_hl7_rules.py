"""A department accepts what it can work with, and says of the rest why not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.partners.messages import IMPOSSIBLE, LOCAL, NATIONAL, ONE, OTHER, hl7_message, order_message, verdict

from epjgate.partners.hl7_rules import Department
from epjgate.partners.interface import Judgement

NOW = datetime(2024, 3, 20, 12, tzinfo=UTC)
VISIT = "PV1|1|I|M1^1"
ARRIVED = VISIT + "|" * 41 + "20240314081500"
LEFT = ARRIVED + "|20240315081500"
ACCEPTABLE = {
    "admission": hl7_message("ADT^A01", ARRIVED),
    "discharge": hl7_message("ADT^A03", LEFT),
    "update": hl7_message("ADT^A08"),
    "merge": hl7_message("ADT^A40", f"MRG|{OTHER.cpr}^^^CPR"),
    "order": order_message(),
    "national replacement number": order_message(NATIONAL),
    "local replacement number": order_message(LOCAL),
}
BROKEN = {
    "impossible number": (order_message(IMPOSSIBLE), "AE", "PID-3"),
    "no name": (order_message().replace("Ærøskjøld^Åse", ""), "AE", "PID-5"),
    "no sender": (order_message().replace("|EPJ|", "||"), "AE", "MSH-3"),
    "no time": (order_message().replace("20240314081500+0100", "14 March"), "AE", "MSH-7"),
    "no identity": (order_message(control="the id").replace("the id", ""), "AE", "MSH-10"),
    "processing id": (order_message().replace("|P|2.5.1", "|X|2.5.1"), "AE", "MSH-11"),
    "version": (order_message().replace("|P|2.5.1", "|P|3"), "AE", "MSH-12"),
    "two headers": (order_message() + "MSH|^~\\&|EPJ\r", "AE", "MSH"),
    "another type": (hl7_message("SIU^S12"), "AR", "MSH-9"),
    "another character set": (order_message(charset="KOI8-R"), "AR", "MSH-18"),
    "admission without its time": (hl7_message("ADT^A01", VISIT), "AE", "PV1-44"),
    "admission without a ward": (hl7_message("ADT^A01", ARRIVED.replace("M1^1", "")), "AE", "PV1-3"),
    "discharge without its time": (hl7_message("ADT^A03", ARRIVED), "AE", "PV1-45"),
    "merge with itself": (hl7_message("ADT^A40", f"MRG|{ONE.cpr}"), "AE", "MRG-1"),
    "merge with nobody": (hl7_message("ADT^A40", f"MRG|{IMPOSSIBLE}"), "AE", "MRG-1"),
    "order without control": (order_message().replace("ORC|NW", "ORC|"), "AE", "ORC-1"),
    "order without number": (order_message(number=""), "AE", "ORC-2"),
    "order with two numbers": (order_message().replace("OBR|1|order-1", "OBR|1|order-2"), "AE", "OBR-2"),
    "order of nothing": (order_message().replace("NPU19651^P-CRP", ""), "AE", "OBR-4"),
    "line feeds": (order_message().replace("\r", "\n"), "AR", "MSH-18"),
    "no message": ("hello", "AR", "MSH"),
}


@pytest.fixture
def department() -> Department:
    """A department without messages."""
    return Department()


def judge(department: Department, message: str) -> Judgement[bytes]:
    return department.judge(message.encode(), NOW)


@pytest.mark.parametrize("message", ACCEPTABLE.values(), ids=ACCEPTABLE)
def test_what_can_be_worked_with_is_accepted(department: Department, message: str) -> None:
    """AA, for the identity of the message."""
    judgement = judge(department, message)
    assert judgement.accepted, judgement.reason
    assert verdict(judgement.answer.decode()) == ["AA", message.split("|")[9]]


@pytest.mark.parametrize(("message", "code", "told"), BROKEN.values(), ids=BROKEN)
def test_each_rule_is_told_by_name(department: Department, message: str, code: str, told: str) -> None:
    """AE for content, AR for what is not supported; MSA-3 says why, without the person's number."""
    judgement = judge(department, message)
    answer = verdict(judgement.answer.decode())
    assert (judgement.accepted, answer[0]) == (False, code)
    assert told in answer[2]
    assert judgement.reason.startswith(code)
    assert IMPOSSIBLE not in judgement.reason


def test_the_same_identity_is_processed_once(department: Department) -> None:
    """MSH-10 seen from this sender: the same answer, letter by letter; from another sender it is another message."""
    message = order_message(control="7")
    first = judge(department, message)
    again = judge(department, message)
    assert (again.answer, again.repeated) == (first.answer, True)
    assert not judge(department, message.replace("|EPJ|", "|OTHER|")).repeated


def test_a_refused_identity_may_come_again(department: Department) -> None:
    """Corrected, it is judged anew."""
    assert not judge(department, order_message(IMPOSSIBLE, control="7")).accepted
    corrected = judge(department, order_message(control="7"))
    assert (corrected.accepted, corrected.repeated) == (True, False)
