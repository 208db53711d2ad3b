"""Acknowledgements beside their messages: what answers this message is told from what answers another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from epjgate.contracts.checks import violations

GOOD = Path(__file__).parents[3] / "contracts/hl7v2/good/exchange.json"
EXCHANGE: dict[str, str] = json.loads(GOOD.read_text(encoding="utf-8"))
RULES = (
    "hl7v2-ack-parties-swapped",
    "hl7v2-ack-names-message-id",
    "hl7v2-ack-names-trigger",
    "hl7v2-ack-in-senders-charset",
    "hl7v2-ack-processing-id",
    "hl7v2-ack-time",
)


def broken(*, message: tuple[str, str] = ("", ""), answer: tuple[str, str] = ("", "")) -> set[str]:
    """Return the rules that the known-good exchange breaks with one text of each side replaced."""
    exchange = dict(EXCHANGE)
    for side, (old, new) in (("message", message), ("answer", answer)):
        assert old in exchange[side]
        exchange[side] = exchange[side].replace(old, new, 1)
    return {rule for rule in RULES if violations(rule, exchange)}


def test_a_good_answer_keeps_every_rule() -> None:
    """The one that all others here are made of."""
    assert broken() == set()


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("hl7v2-ack-parties-swapped", "|EPJ|", "|EQJ|"),
        ("hl7v2-ack-parties-swapped", "|EPJ|HOSPITAL|", "|EPJ||"),
        ("hl7v2-ack-parties-swapped", "|PAS|HOSPITAL|", "||HOSPITAL|"),
        ("hl7v2-ack-parties-swapped", "|PAS|HOSPITAL|", "|PAS|HOSPISAL|"),
        ("hl7v2-ack-names-message-id", "MSA|AA|M5", "MSA|AA|"),
        ("hl7v2-ack-names-message-id", "\rMSA|AA|M5\r", "\r"),
        ("hl7v2-ack-names-trigger", "ACK^A08^ACK", "ACK^^ACK"),
        ("hl7v2-ack-names-trigger", "ACK^A08^ACK", "ACK"),
        ("hl7v2-ack-in-senders-charset", "UNICODE UTF-8", ""),
        ("hl7v2-ack-processing-id", "|T|", "||"),
        ("hl7v2-ack-time", "20260301101500+0100", "20260301101500"[:8]),
        ("hl7v2-ack-time", "20260301101500+0100", "20260301101500+0101"),
        ("hl7v2-ack-time", "20260301101500+0100", "20260302101500+0100"),
        ("hl7v2-ack-time", "20260301101500+0100", ""),
    ],
)
def test_an_answer_to_another_message_is_told(rule: str, old: str, new: str) -> None:
    """Another party, id, trigger, character set, processing or time, or none."""
    assert broken(answer=(old, new)) == {rule}


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        # The clock of the other system, a time in our own zone without an offset.
        (("", ""), ("20260301101500+0100", "20260301101200")),
        (("", ""), ("20260301101500+0100", "20260301091300+0000")),
        # What the message leaves open, the answer may say.
        (("|EPJ|HOSPITAL|", "|||"), ("|EPJ|HOSPITAL|", "|REFERENCE|SOMEWHERE|")),
        (("|T|", "|X|"), ("|T|", "|P|")),
        (("UNICODE UTF-8", "EBCDIC"), ("UNICODE UTF-8", "")),
        # Escaped otherwise, and the same.
        (("|M5|", "|M5\\.br\\x|"), ("|M5", "|M5\\.br\\x")),
    ],
)
def test_what_a_message_leaves_open_is_not_told(message: tuple[str, str], answer: tuple[str, str]) -> None:
    """An answer may differ where nothing says how it should be."""
    assert broken(message=message, answer=answer) == set()


@pytest.mark.parametrize(("field", "component"), [("|", "@"), ("#", "^"), ("$", "*")])
def test_a_message_is_read_by_its_own_separators(field: str, component: str) -> None:
    """What it says of itself is the same, and a wrong answer is still told."""
    line = EXCHANGE["message"].replace("MSH|^~", "").replace("^", component).replace("|", field)
    written = {**EXCHANGE, "message": f"MSH{field}{component}~{line}"}
    other = {**written, "answer": EXCHANGE["answer"].replace("A08", "A01").replace("PAS", "PAT")}
    assert {rule for rule in RULES if violations(rule, written)} == set()
    assert {rule for rule in RULES if violations(rule, other)} == {
        "hl7v2-ack-names-trigger",
        "hl7v2-ack-parties-swapped",
    }


@pytest.mark.parametrize("message", ["", "HELLO", "PID|1||1\r", "MSH", "MSH|\r"])
def test_what_has_no_header_is_answered_without_an_id(message: str) -> None:
    """There is nobody and nothing to name, and an answer that names something is made up."""
    silent = "MSH|^~\\&|EPJ||||20260301101500+0100||ACK|A2|P|2.5.1\rMSA|AR||no message\r"
    exchange = {**EXCHANGE, "message": message, "answer": silent}
    made_up = {**exchange, "answer": silent.replace("|AR||", "|AR|M5|").replace("|ACK|", "|ACK^A01^ACK|")}
    assert {rule for rule in RULES if violations(rule, exchange)} == set()
    assert {rule for rule in RULES if violations(rule, made_up)} == {
        "hl7v2-ack-names-message-id",
        "hl7v2-ack-names-trigger",
    }
