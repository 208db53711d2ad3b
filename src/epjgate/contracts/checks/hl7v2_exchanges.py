"""Checks of an acknowledgement beside the message that it answers (HL7 v2.5.1, 2.9.2 and 2.15).

The document is `{"message": text, "answer": text, "heard": moment}`: both texts without frames, and when the answer
came, in ISO 8601. A message that has no header names nobody and nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from epjgate.contracts.checks.hl7v2_tables import PROCESSING_IDS
from epjgate.contracts.checks.hl7v2_times import moment
from epjgate.contracts.checks.interface import check
from epjgate.contracts.er7 import Er7Segment, read_er7, unescaped

Exchange = Mapping[str, str]

NEAR = timedelta(minutes=5)
"""How far the clocks of two systems of one hospital may be apart."""

WRITTEN_HERE = ("UNICODE UTF-8", "8859/1")
"""The character sets that every system has to answer in."""

_CHANGED_PLACES = ((5, 3), (6, 4), (3, 5), (4, 6))


@check("hl7v2-ack-parties-swapped")
def parties_swapped(document: Exchange) -> Iterator[str]:
    """The answer goes from whom the message was addressed to, to whom it came from."""
    asked, said = _asked(document), _said(document)
    for place, other in _CHANGED_PLACES:
        if asked.raw(place) and said.raw(other) != asked.raw(place):
            yield f"MSH-{other} is {said.raw(other)!r}, MSH-{place} of the message is {asked.raw(place)!r}"


@check("hl7v2-ack-names-message-id")
def names_message_id(document: Exchange) -> Iterator[str]:
    """MSA-2 is MSH-10 of the message, letter by letter."""
    named = unescaped(read_er7(document["answer"]).first("MSA").raw(2))
    if named != unescaped(_asked(document).raw(10)):
        yield f"MSA-2 is {named!r}, MSH-10 of the message is {_asked(document).raw(10)!r}"


@check("hl7v2-ack-names-trigger")
def names_trigger(document: Exchange) -> Iterator[str]:
    """MSH-9.2 is the trigger of the message."""
    if (named := _said(document).value(9, 2)) != (trigger := _asked(document).value(9, 2)):
        yield f"MSH-9.2 is {named!r}, that of the message is {trigger!r}"


@check("hl7v2-ack-in-senders-charset")
def in_senders_charset(document: Exchange) -> Iterator[str]:
    """MSH-18 is that of the message, where every system knows it."""
    named = _said(document).value(18)
    if (wanted := _asked(document).value(18)) in WRITTEN_HERE and named != wanted:
        yield f"MSH-18 is {named!r}, that of the message is {wanted!r}"


@check("hl7v2-ack-processing-id")
def processing_id(document: Exchange) -> Iterator[str]:
    """MSH-11 is that of the message: what answers a message in training is no production."""
    named = _said(document).value(11)
    if (wanted := _asked(document).value(11)) in PROCESSING_IDS and named != wanted:
        yield f"MSH-11 is {named!r}, that of the message is {wanted!r}"


@check("hl7v2-ack-time")
def time_of_the_answer(document: Exchange) -> Iterator[str]:
    """MSH-7 is when the answer was made, which is about when it came."""
    made, heard = moment(_said(document).value(7)), datetime.fromisoformat(document["heard"])
    if abs(heard - made) > NEAR:
        yield f"MSH-7 is {made.isoformat()}, and the answer came at {heard.isoformat()}"


def _said(document: Exchange) -> Er7Segment:
    return read_er7(document["answer"]).header


def _asked(document: Exchange) -> Er7Segment:
    """Return the header of the message as if it had been written with the usual separators (2.15.9.1 and 2.15.9.2)."""
    line = document["message"].partition("\r")[0]
    if not line.startswith("MSH"):
        return Er7Segment("MSH", ())
    _name, encoding, *rest = [*line.split(line[3:4] or "|"), ""]
    return Er7Segment("MSH", ("|", encoding, *(field.replace(encoding[:1] or "^", "^") for field in rest)))
