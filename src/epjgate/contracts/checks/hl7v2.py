"""Checks of HL7 v2 messages that a candidate sends: header, event, person, visit and order (HL7 v2.5.1, 2 to 4)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from epjgate.contracts.checks.hl7v2_tables import (
    CHARACTER_SETS,
    ORDER_CONTROLS,
    PATIENT_CLASSES,
    PROCESSING_IDS,
    SEXES,
    STRUCTURES,
    VERSIONS,
)
from epjgate.contracts.checks.hl7v2_times import is_moment, moment
from epjgate.contracts.checks.interface import check
from epjgate.contracts.er7 import Er7, Er7Segment, read_er7

_DAY = re.compile(r"\d{8}", re.ASCII)
_ESCAPES = re.compile(r"\\(?:[FSTREHN]|\.[a-z]{2}[+-]?\d*|[XCMZ][0-9A-Za-z]*)\\")
# UTF-8 read as ISO 8859-1: the first byte of a Danish letter, then one that is no letter.
_GARBLED = re.compile("\u00c3[\u0080-\u00bf]|\u00c2[\u0080-\u00bf]|\ufffd")
_LONGEST_ID = 20
_ORDER = {"ADT": ("MSH", "EVN", "PID"), "ORM": ("MSH", "PID", "ORC", "OBR")}
_TIMES = {"MSH": (7,), "EVN": (2,), "PV1": (44, 45), "OBR": (6, 7)}


@check("hl7v2-msh-once-and-first")
def msh_once_and_first(document: str) -> Iterator[str]:
    """A frame holds one message: MSH stands first and nowhere else."""
    count = read_er7(document).names.count("MSH")
    if count != 1:
        yield f"the message has {count} segments MSH"


@check("hl7v2-segments-end-with-cr")
def segments_end_with_cr(document: str) -> Iterator[str]:
    """Every segment ends with a carriage return, the last one included, and no line feed stands anywhere."""
    if not document.endswith("\r"):
        yield "the last segment does not end with a carriage return"
    if "\n" in document:
        yield "a line feed stands in the message"
    if "\r\r" in document:
        yield "a segment is empty"


@check("hl7v2-msh-parties")
def parties(document: str) -> Iterator[str]:
    """The header names who sends and who receives."""
    header = read_er7(document).header
    yield from (f"MSH-{field} is empty" for field in (3, 5) if not header.value(field))


@check("hl7v2-msh-time")
def time_of_the_message(document: str) -> Iterator[str]:
    """MSH-7 is a moment, to the second."""
    said = read_er7(document).header.value(7)
    if not is_moment(said) or len(said) < len("20260101120000"):
        yield f"MSH-7 {said!r} is no point in time"


@check("hl7v2-times-with-offset")
def times_with_offset(document: str) -> Iterator[str]:
    """Every time of day is one that exists, with its offset: the hour before 03:00 comes twice in October."""
    for segment, field in _fields_with_times(read_er7(document)):
        said = segment.value(field)
        if said and not (is_moment(said) and said[-5] in "+-"):
            yield f"{segment.name}-{field} {said!r} is no point in time with an offset"


@check("hl7v2-msh-type-trigger-structure")
def type_trigger_structure(document: str) -> Iterator[str]:
    """MSH-9 names type, trigger and the structure that belongs to them."""
    header = read_er7(document).header
    kind, trigger, structure = (header.value(9, component) for component in (1, 2, 3))
    if not kind or not trigger:
        yield f"MSH-9 {header.raw(9)!r} lacks its type or trigger"
    expected = STRUCTURES.get(f"{kind}^{trigger}", structure or "a structure")
    if structure != expected:
        yield f"MSH-9.3 is {structure!r}, not {expected!r}"


@check("hl7v2-msh-control-id")
def control_id(document: str) -> Iterator[str]:
    """MSH-10 names the message in at most 20 characters."""
    said = read_er7(document).header.value(10)
    if not 1 <= len(said) <= _LONGEST_ID:
        yield f"MSH-10 has {len(said)} characters"


@check("hl7v2-msh-processing-id")
def processing_id(document: str) -> Iterator[str]:
    """MSH-11 is P, T or D."""
    yield from _outside(read_er7(document).header, 11, PROCESSING_IDS)


@check("hl7v2-msh-version")
def version(document: str) -> Iterator[str]:
    """MSH-12 names a version of HL7 v2 up to 2.5.1, whose rules these are."""
    yield from _outside(read_er7(document).header, 12, VERSIONS)


@check("hl7v2-msh-charset-declared")
def charset_declared(document: str) -> Iterator[str]:
    """MSH-18 names a character set, without which only ASCII may be used."""
    said = read_er7(document).header.value(18)
    if said and said not in CHARACTER_SETS:
        yield f"MSH-18 {said!r} is not in table 0211"
    if not said and not document.isascii():
        yield "MSH-18 is empty, and the message holds letters beyond ASCII"


@check("hl7v2-charset-used-is-declared")
def charset_used(document: str) -> Iterator[str]:
    """Decoded by its MSH-18, the text holds no letter that could not be decoded or was encoded twice."""
    yield from (f"{found[0]!r} at character {found.start()} is garbled" for found in _GARBLED.finditer(document))


@check("hl7v2-escapes-are-whole")
def escapes_are_whole(document: str) -> Iterator[str]:
    """A backslash only begins or ends an escape sequence of 2.7."""
    body = document.replace("MSH|^~\\&|", "", 1)
    rest = _ESCAPES.sub("", body)
    if "\\" in rest:
        at = rest.index("\\")
        yield f"a backslash at character {at}, escape sequences left out, belongs to none"


@check("hl7v2-segment-order")
def segment_order(document: str) -> Iterator[str]:
    """ADT holds MSH, EVN and PID, ORM holds MSH, PID, ORC and OBR, in this order."""
    message = read_er7(document)
    wanted = _ORDER.get(message.header.value(9), ("MSH",))
    found = tuple(name for name in message.names if name in wanted)
    if found != wanted:
        yield f"{message.kind} has {' '.join(found)} where {' '.join(wanted)} belong"


@check("hl7v2-evn-recorded")
def event_recorded(document: str) -> Iterator[str]:
    """EVN-2 says when the event was recorded; EVN-1, where it is filled, is the trigger of MSH-9."""
    message = read_er7(document)
    event = message.first("EVN")
    if not is_moment(event.value(2)):
        yield f"EVN-2 {event.value(2)!r} is no point in time"
    if event.value(1) not in ("", message.header.value(9, 2)):
        yield f"EVN-1 is {event.value(1)!r}, MSH-9.2 is {message.header.value(9, 2)!r}"


@check("hl7v2-pid-number-with-authority")
def number_with_authority(document: str) -> Iterator[str]:
    """Every number in PID-3 comes with the authority that assigned it."""
    yield from _numbers(read_er7(document).first("PID"), 3)


@check("hl7v2-pid-name")
def person_name(document: str) -> Iterator[str]:
    """PID-5 names the person, at least by a family name."""
    if not read_er7(document).first("PID").value(5):
        yield "PID-5.1 is empty"


@check("hl7v2-pid-birth-date-and-sex")
def birth_date_and_sex(document: str) -> Iterator[str]:
    """PID-7, where it is filled, is a day that existed; PID-8 is of table 0001."""
    person = read_er7(document).first("PID")
    born = person.value(7)
    if born and not (_DAY.fullmatch(born) and is_moment(f"{born}0000")):
        yield "PID-7 is no day"
    if person.value(8):
        yield from _outside(person, 8, SEXES)


@check("hl7v2-pv1-class")
def patient_class(document: str) -> Iterator[str]:
    """PV1-2 says what kind of patient this is."""
    yield from _outside(read_er7(document).first("PV1"), 2, PATIENT_CLASSES)


@check("hl7v2-pv1-ward-and-times")
def ward_and_times(document: str) -> Iterator[str]:
    """An admission says where and since when, a discharge says until when, and no stay ends before it begins."""
    message = read_er7(document)
    visit = message.first("PV1")
    required = {"ADT^A01": (3, 44), "ADT^A03": (45,)}.get(message.kind, ())
    yield from (f"{message.kind} has no PV1-{field}" for field in required if not visit.value(field))
    begun, ended = visit.value(44), visit.value(45)
    if is_moment(begun) and is_moment(ended) and moment(ended) < moment(begun):
        yield "PV1-45 is before PV1-44"


@check("hl7v2-mrg-number")
def merged_number(document: str) -> Iterator[str]:
    """MRG-1 is the number that goes, with its authority, and another one than that of PID-3."""
    message = read_er7(document)
    gone = message.first("MRG")
    yield from _numbers(gone, 1)
    if gone.value(1) == message.first("PID").value(3):
        yield "MRG-1 is the number of PID-3"


@check("hl7v2-orc-control")
def order_control(document: str) -> Iterator[str]:
    """ORC-1 says what is to be done with the order."""
    yield from _outside(read_er7(document).first("ORC"), 1, ORDER_CONTROLS)


@check("hl7v2-order-number")
def order_number(document: str) -> Iterator[str]:
    """ORC-2 and OBR-2 are the same number of the order."""
    message = read_er7(document)
    order, request = message.first("ORC").value(2), message.first("OBR").value(2)
    if not order:
        yield "ORC-2 is empty"
    if order != request:
        yield "OBR-2 is not the number of ORC-2"


@check("hl7v2-obr-service")
def ordered_service(document: str) -> Iterator[str]:
    """OBR-4 says what is ordered, by a code with its text."""
    request = read_er7(document).first("OBR")
    yield from (f"OBR-4.{part} is empty" for part in (1, 2) if not request.value(4, part))


def _outside(segment: Er7Segment, field: int, table: frozenset[str]) -> Iterator[str]:
    if segment.value(field) not in table:
        yield f"{segment.name}-{field} {segment.value(field)!r} is none of {', '.join(sorted(table))}"


def _numbers(segment: Er7Segment, field: int) -> Iterator[str]:
    """Yield what is wrong with the CX of a field; component 4 is the assigning authority (2.A.14)."""
    count = len(segment.repetitions(field))
    if not count:
        yield f"{segment.name}-{field} is empty"
    for number in range(1, count + 1):
        if not segment.value(field, 1, repetition=number):
            yield f"{segment.name}-{field} holds no number in repetition {number}"
        if not segment.value(field, 4, repetition=number).strip("&"):
            yield f"{segment.name}-{field}.4 names no authority in repetition {number}"


def _fields_with_times(message: Er7) -> Iterator[tuple[Er7Segment, int]]:
    return ((segment, field) for segment in message.segments for field in _TIMES.get(segment.name, ()))
