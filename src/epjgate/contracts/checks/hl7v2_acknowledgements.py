"""Checks of the acknowledgements that a candidate answers with (HL7 v2.5.1, 2.9.2 and 2.15)."""

from __future__ import annotations

from collections.abc import Iterator

from epjgate.contracts.checks.hl7v2_tables import ACKNOWLEDGEMENTS, ERROR_CODES, ERROR_SEVERITIES
from epjgate.contracts.checks.interface import check
from epjgate.contracts.er7 import read_er7

_HEAD = ("MSH", "MSA")


@check("hl7v2-ack-structure")
def structure(document: str) -> Iterator[str]:
    """An acknowledgement is MSH, MSA, and ERR segments where something went wrong."""
    names = tuple(name for name in read_er7(document).names if name != "SFT")
    if names[:2] != _HEAD or set(names[2:]) - {"ERR"}:
        yield f"the acknowledgement holds {' '.join(names)}"


@check("hl7v2-ack-message-type")
def message_type(document: str) -> Iterator[str]:
    """MSH-9 is ACK, alone or as ACK^trigger^ACK."""
    header = read_er7(document).header
    kind, trigger, named = (header.value(9, component) for component in (1, 2, 3))
    if kind != "ACK" or named not in (("ACK",) if trigger else ("", "ACK")):
        yield f"MSH-9 is {header.raw(9)!r}"


@check("hl7v2-ack-code")
def code(document: str) -> Iterator[str]:
    """MSA-1 is AA, AE or AR."""
    said = read_er7(document).first("MSA").value(1)
    if said not in ACKNOWLEDGEMENTS:
        yield f"MSA-1 is {said!r}"


@check("hl7v2-ack-error-named")
def error_named(document: str) -> Iterator[str]:
    """A refusal names its error and how severe it is; what is accepted names no error."""
    message = read_er7(document)
    refused = message.first("MSA").value(1) != "AA"
    errors = list(message.all("ERR"))
    if refused and not errors:
        yield "it refuses without a segment ERR"
    for error in errors:
        if error.value(3) not in ERROR_CODES:
            yield f"ERR-3 {error.value(3)!r} is not in table 0357"
        if error.value(4) not in ERROR_SEVERITIES:
            yield f"ERR-4 {error.value(4)!r} is not in table 0516"
        if not refused and error.value(4) == "E":
            yield "it accepts, and names an error"


@check("hl7v2-ack-says-why")
def says_why(document: str) -> Iterator[str]:
    """A refusal says in words what was wrong, in ERR-8 or MSA-3."""
    message = read_er7(document)
    texts = [message.first("MSA").value(3), *(error.value(8) for error in message.all("ERR"))]
    if message.first("MSA").value(1) != "AA" and not any(texts):
        yield "it refuses without a word"


@check("hl7v2-ack-error-text")
def error_text(document: str) -> Iterator[str]:
    """ERR-3 gives a code of table 0357 with its text and the name of the table."""
    for error in read_er7(document).all("ERR"):
        code, text, table = (error.value(3, component) for component in (1, 2, 3))
        if text.lower() != ERROR_CODES.get(code, "a text of table 0357").lower():
            yield f"ERR-3.2 {text!r} is not the text of {code!r}"
        if table != "HL70357":
            yield f"ERR-3.3 is {table!r}"


@check("hl7v2-ack-reason-for-older-senders")
def reason_for_older_senders(document: str) -> Iterator[str]:
    """What ERR-8 says of a refusal stands in MSA-3 too, where senders of versions before 2.5 look for it."""
    message = read_er7(document)
    said, reasons = message.first("MSA"), [error.value(8) for error in message.all("ERR")]
    if said.value(1) != "AA" and said.value(3) not in [reason for reason in reasons if reason]:
        yield f"MSA-3 is {said.value(3)!r}, and ERR-8 says something else"
