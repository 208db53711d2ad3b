"""Checks of HL7 v2 messages: what keeps the rule passes, and what breaks it is told with its place."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.contracts.canaries import BAD, GOOD, try_checks
from epjgate.contracts.checks import hl7v2_exchanges, violations
from epjgate.contracts.checks.interface import all_checks
from epjgate.contracts.rules import load_rules
from epjgate.drivers.hl7v2 import Header, message
from population.hl7v2 import MORNING

CONTRACTS = Path(__file__).parents[3] / "contracts"
OURS = {rule: check for rule, check in all_checks().items() if rule.startswith("hl7v2-")}
ABOUT_EXCHANGES = {rule for rule, check in OURS.items() if inspect.getmodule(check) is hl7v2_exchanges}
ABOUT_ACKS = {rule for rule in OURS if rule.startswith("hl7v2-ack-")} - ABOUT_EXCHANGES
GOOD_ONES = {file.stem: file.read_bytes().decode() for file in (CONTRACTS / "hl7v2" / GOOD).glob("*.hl7")}
# Checks of segments that only some messages have.
NEEDS = {
    "hl7v2-evn-recorded": "EVN",
    "hl7v2-pid-number-with-authority": "PID",
    "hl7v2-pid-name": "PID",
    "hl7v2-pid-birth-date-and-sex": "PID",
    "hl7v2-pv1-class": "PV1",
    "hl7v2-pv1-ward-and-times": "PV1",
    "hl7v2-mrg-number": "MRG",
    "hl7v2-orc-control": "ORC",
    "hl7v2-order-number": "ORC",
    "hl7v2-obr-service": "OBR",
}
NOT_OF_ACKS = {"hl7v2-msh-type-trigger-structure"}


def test_every_check_knows_good_from_bad() -> None:
    """Each has its rule and its canaries, and every canary has its check."""
    canaries = try_checks(CONTRACTS, load_rules(CONTRACTS), OURS)
    assert (len(canaries.tried), canaries.unfit) == (len(OURS), {})
    assert {file.stem for file in (CONTRACTS / "hl7v2" / BAD).iterdir()} == set(OURS)


@pytest.mark.parametrize("name", GOOD_ONES)
def test_a_known_good_message_keeps_every_rule_about_it(name: str) -> None:
    """A check that objects to what is right would convict the innocent."""
    text = GOOD_ONES[name]
    acknowledges = "\rMSA|" in text
    about = {rule for rule in OURS.keys() - ABOUT_EXCHANGES if f"\r{NEEDS.get(rule, '')}" in text}
    about -= NOT_OF_ACKS if acknowledges else ABOUT_ACKS
    assert {rule: found for rule in about if (found := violations(rule, text))} == {}
    assert len(about) > 12


@pytest.mark.parametrize("rule", OURS)
@pytest.mark.parametrize("text", ["", "garbage", "MSH", "PID|1\r", "\x0bMSH|^~\\&|"])
def test_what_is_no_message_never_passes(rule: str, text: str) -> None:
    """Nothing was checked where nothing could be read; a text alone can only be garbled or not."""
    of_text_alone = {"hl7v2-charset-used-is-declared", "hl7v2-escapes-are-whole", "hl7v2-segments-end-with-cr"}
    if rule not in of_text_alone:
        assert violations(rule, text) != []


def order(*changes: tuple[str, str], name: str = "order") -> str:
    """Return a known-good message with changes."""
    text = GOOD_ONES[name]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("hl7v2-segments-end-with-cr", GOOD_ONES["order"].removesuffix("\r")),
        ("hl7v2-segments-end-with-cr", order(("\rORC", "\r\rORC"))),
        ("hl7v2-msh-time", order(("20260301101500+0100", ""))),
        ("hl7v2-msh-time", order(("20260301101500+0100", "20260230101500+0100"))),
        ("hl7v2-msh-time", order(("20260301101500+0100", "202603011015"))),
        ("hl7v2-times-with-offset", order(("20260301101500+0100", "20260301101500"))),
        ("hl7v2-times-with-offset", order(("20260301101500+0100", "20260301101500+0101"))),
        ("hl7v2-msh-time", order(("20260301101500+0100", "20260301101500+0101"))),
        ("hl7v2-times-with-offset", order(("20260301101500+0100", "20260301251500+0100"))),
        ("hl7v2-times-with-offset", order(("EVN||20260301101500+0100", "EVN||20260301"), name="admission")),
        ("hl7v2-msh-type-trigger-structure", order(("ORM^O01^ORM_O01", "ORM^^ORM_O01"))),
        ("hl7v2-msh-type-trigger-structure", order(("ORM^O01^ORM_O01", "ORM^O01"))),
        ("hl7v2-msh-type-trigger-structure", order(("ORM^O01^ORM_O01", "OUL^R21"))),
        ("hl7v2-msh-control-id", order(("|M4|", "||"))),
        ("hl7v2-msh-version", order(("2.5.1", ""))),
        ("hl7v2-msh-charset-declared", order(("UNICODE UTF-8", "UTF-8"))),
        ("hl7v2-charset-used-is-declared", order(("Ærøskøbing", "\ufffdr\ufffdsk"))),
        ("hl7v2-charset-used-is-declared", order(("Ærøskøbing", "Ærøskøbing".encode().decode("latin-1")))),
        ("hl7v2-escapes-are-whole", order(("P\\T\\Kalium", "P\\Q\\Kalium"))),
        ("hl7v2-segment-order", order(("\rOBR|1|order-17||NPU03230^P\\T\\Kalium; Ø^NPU", ""))),
        ("hl7v2-segment-order", order(("\rEVN|", "\rEVX|"), name="admission")),
        ("hl7v2-evn-recorded", order(("EVN||", "EVN|A03|"), name="admission")),
        ("hl7v2-pid-number-with-authority", order(("1503905006^^^&1.2.208.176.1.2&ISO", ""))),
        ("hl7v2-pid-number-with-authority", order(("&1.2.208.176.1.2&ISO", "&&"))),
        ("hl7v2-pid-number-with-authority", order(("2&ISO||", "2&ISO~4711||"))),
        ("hl7v2-pid-number-with-authority", order(("2&ISO||", "2&ISO~^^^LAB||"))),
        ("hl7v2-pid-birth-date-and-sex", order(("|F|", "|K|"))),
        ("hl7v2-pid-birth-date-and-sex", order(("|19900315|", "|1990|"))),
        ("hl7v2-pv1-ward-and-times", order(("Afdeling Ø", ""), name="admission")),
        ("hl7v2-pv1-ward-and-times", order(("|20260301100000+0100", ""), name="discharge")),
        ("hl7v2-mrg-number", order(("&1.2.208.176.1.6.1.3&ISO", ""), name="merge")),
        ("hl7v2-mrg-number", order(("1503900AB2", ""), name="merge")),
        ("hl7v2-orc-control", order(("ORC|NW", "ORC|ZZ"))),
        ("hl7v2-order-number", order(("order-17", ""))),
        ("hl7v2-obr-service", order(("^P\\T\\Kalium; Ø^", "^^"))),
        ("hl7v2-ack-structure", order(("\rMSA|AA|M1", ""), name="accepted")),
        ("hl7v2-ack-message-type", order(("ACK^A01^ACK", "ACK^A01"), name="accepted")),
        ("hl7v2-ack-code", order(("MSA|AA", "MSA|CA"), name="accepted")),
        ("hl7v2-ack-error-named", order(("ERR|||204", "ERR|||999"), name="refused")),
        ("hl7v2-ack-error-named", order(("HL70357|E", "HL70357|X"), name="refused")),
        ("hl7v2-ack-error-named", order(("HL70357|E", "HL70357|F"), name="refused")),
        ("hl7v2-ack-error-named", order(("MSA|AE", "MSA|AA"), name="refused")),
        ("hl7v2-ack-error-text", order(("204^Unknown", "205^Unknown"), name="refused")),
        ("hl7v2-ack-error-text", order(("^Unknown key identifier", "^"), name="refused")),
        ("hl7v2-ack-error-text", order(("^HL70357", ""), name="refused")),
        ("hl7v2-ack-reason-for-older-senders", order(("født så sent\rERR", "født\rERR"), name="refused")),
        ("hl7v2-ack-reason-for-older-senders", order(("PID-3: ingen er født så sent", ""), name="refused")),
    ],
)
def test_what_breaks_a_rule_is_told(rule: str, text: str) -> None:
    """Left out, of another table, impossible, or not the one that it belongs to."""
    assert violations(rule, text) != []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("hl7v2-ack-message-type", order(("ACK^A01^ACK", "ACK"), name="accepted")),
        ("hl7v2-ack-says-why", order(("M5|PID-3: ingen er født så sent", "M5"), name="refused")),
        ("hl7v2-ack-error-text", order(("Unknown key", "unknown KEY"), name="refused")),
        ("hl7v2-ack-reason-for-older-senders", GOOD_ONES["accepted"]),
        ("hl7v2-msh-charset-declared", "MSH|^~\\&|A||B||1||ACK|1|P|2.5\rMSA|AA|1\r"),
        ("hl7v2-pid-birth-date-and-sex", order(("|19900315|F|", "|||"))),
        ("hl7v2-segment-order", order(("\rPID|", "\rPD1|1\rPID|"))),
        ("hl7v2-charset-used-is-declared", order(("Ærøskøbing", "ÅÂÃ"))),
    ],
)
def test_what_a_rule_allows_is_not_told(rule: str, text: str) -> None:
    """What may be left out, and letters that only look odd."""
    assert violations(rule, text) == []


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Co"), exclude_characters="\ufffd")))
def test_any_text_that_is_escaped_is_whole_and_not_garbled(text: str) -> None:
    """No letters of any script make a check suspicious, unless they are those of a text that was decoded wrongly."""
    sent = message(Header("LAB", "ORU^R01", "1", MORNING), ["OBX", "1", "TX", text]).decode()
    assert violations("hl7v2-escapes-are-whole", sent) == []
    if not any(letter in sent for letter in "\u00c3\u00c2"):
        assert violations("hl7v2-charset-used-is-declared", sent) == []
