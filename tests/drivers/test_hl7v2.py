"""HL7 v2 messages, written and read."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.drivers.hl7v2 import (
    Charset,
    Header,
    Raw,
    acknowledged,
    field_of,
    message,
    parsed,
    segments_of,
    timestamp,
)
from epjgate.errors import CandidateFault

AT = datetime(2026, 3, 29, 3, 30, 5, tzinfo=timezone(timedelta(hours=2)))
HEADER = Header("LAB", "ORU^R01", "17", AT)
# The library strips the end of a message, so in every test a segment follows. No field holds what ends a segment.
LETTERS = st.characters(codec="utf-8", exclude_characters="\r\0", exclude_categories=("Cs", "Cc"))
LATIN_LETTERS = st.characters(codec="iso-8859-1", exclude_categories=["Cc"])


def test_the_header_says_who_what_when_and_how() -> None:
    """MSH-3, 7, 9, 10, 11, 12 and 18 stand where HL7 v2.5 has them."""
    (msh,) = parsed(message(HEADER).decode(), "the message")
    assert [field_of(msh, number) for number in (3, 7, 9, 10, 11, 12, 18)] == [
        "LAB",
        "20260329033005+0200",
        "ORU",
        "17",
        "P",
        "2.5",
        "UNICODE UTF-8",
    ]
    assert field_of(msh, 9, 2) == "R01"


@given(text=st.text(LETTERS, min_size=1), charset=st.just(Charset.UTF_8))
def test_any_text_survives_a_field(text: str, charset: Charset) -> None:
    """Separators, escapes, line breaks and a second MSH are text like any other."""
    sent = message(Header("LAB", "ORU^R01", "1", AT, charset), ["OBX", "1", "TX", ("a", text)], ["NTE"])
    obx = parsed(sent.decode(charset.encoding), "the message").segment("OBX")
    assert (field_of(obx, 3), field_of(obx, 3, 2)) == ("a", text)


@given(text=st.text(LATIN_LETTERS, min_size=1))
def test_latin_letters_survive_their_own_character_set(text: str) -> None:
    """The bytes are those of ISO 8859-1, and the header says so."""
    sent = message(Header("LAB", "ORU^R01", "1", AT, Charset.LATIN_1), ["OBX", "1", "TX", text], ["NTE"])
    read = parsed(sent.decode("iso-8859-1"), "the message")
    assert (field_of(read.segment("OBX"), 3), field_of(read.segment("MSH"), 18)) == (text, "8859/1")


def test_line_breaks_and_separators_are_escaped() -> None:
    """No line of the text can be taken for a segment (python-hl7#39)."""
    sent = message(HEADER, ["OBX", "1", "TX", "ingen blødning\nMSH|^~\\&|"]).decode()
    assert sent.count("\r") == 2
    assert field_of(parsed(sent, "the message").segment("OBX"), 3) == "ingen blødning\nMSH|^~\\&|"


def test_a_letter_that_the_character_set_lacks_is_a_mistake_of_the_test() -> None:
    """It is not replaced in silence."""
    with pytest.raises(UnicodeEncodeError):
        message(Header("LAB", "ORU^R01", "1", AT, Charset.LATIN_1), ["OBX", "1", "TX", "Łódź"])


def test_what_is_left_out_is_empty() -> None:
    """A field or component beyond the end holds nothing."""
    obx = parsed(message(HEADER, ["OBX", "1"]).decode(), "the message").segment("OBX")
    assert (field_of(obx, 1), field_of(obx, 1, 2), field_of(obx, 9)) == ("1", "", "")


@pytest.mark.parametrize("text", ["", "hello", "PID|1", "\r", "MSH|^~^~|EPJ\rMSA|AA^x"])
def test_what_is_no_message_is_the_candidates_fault(text: str) -> None:
    """The error names what was to be read."""
    with pytest.raises(CandidateFault, match="the answer is no HL7 v2 message"):
        parsed(text, "the answer")


def test_a_blank_line_between_segments_is_none() -> None:
    """The first segment of each name is found, whatever stands around it."""
    found = segments_of("MSH|^~\\&|EPJ\r\rMSA|AA|1\rMSA|AE|2\r", "the answer")
    assert {name: field_of(segment, 1) for name, segment in found.items() if name != "MSH"} == {"MSA": "AA"}


READS_WHAT_CANNOT_BE_UNESCAPED = """
from epjgate.drivers.hl7v2 import field_of, segments_of
segment = segments_of("MSH|^~\\\\&|EPJ\\rPID|1||0203754321\\\\Xzz\\\\\\r", "the answer")["PID"]
print(field_of(segment, 3))
"""


def test_what_cannot_be_unescaped_is_not_shown_in_any_log() -> None:
    """The parser logs the whole field, which may be a person's (asked in a fresh process)."""
    command = [sys.executable, "-c", READS_WHAT_CANNOT_BE_UNESCAPED]
    done = subprocess.run(command, text=True, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == ("0203754321\n", "")


def test_a_time_needs_a_zone() -> None:
    """Without one it would name no moment."""
    assert timestamp(datetime(2026, 1, 1, tzinfo=UTC)) == "20260101000000+0000"
    with pytest.raises(ValueError, match="no time zone"):
        timestamp(datetime(2026, 1, 1))  # noqa: DTZ001  (the missing zone is the point)


def test_a_raw_field_stands_as_it_is() -> None:
    """Separators in it separate, and escape sequences are not escaped again."""
    sent = message(HEADER, ["OBX", "1", Raw(r"a^b~c\T\d&e"), ("f", "^")]).decode()
    assert sent.endswith("OBX|1|a^b~c\\T\\d&e|f^\\S\\\r")


def test_the_header_names_both_parties() -> None:
    """MSH-3 to MSH-6; who receives is the EPJ unless a test says otherwise."""
    header = Header("LAB", "ORU^R01", "17", AT, facility="KBA", receiver="EPJ2", receiving_facility="HOSPITAL")
    (msh,) = parsed(message(header).decode(), "the message")
    assert [field_of(msh, number) for number in (3, 4, 5, 6)] == ["LAB", "KBA", "EPJ2", "HOSPITAL"]
    (plain,) = parsed(message(HEADER).decode(), "the message")
    assert [field_of(plain, number) for number in (4, 5, 6)] == ["", "EPJ", ""]


def test_an_acknowledgement_is_read() -> None:
    """MSA-1 and MSA-2, and the whole of it as it came."""
    text = "MSH|^~\\&|EPJ||LAB||1||ACK|9|P|2.5\rMSA|AE|17|fordi\r"
    answer = acknowledged(text)
    assert (answer.code, answer.message_id, answer.text) == ("AE", "17", text)
    assert answer.er7.first("MSA").value(3) == "fordi"


@pytest.mark.parametrize("text", ["", "hello", "MSH|^~\\&|EPJ\rERR|1", "MSA|AA|1"])
def test_what_is_no_acknowledgement_is_the_candidates_fault(text: str) -> None:
    """A message without MSA answers nothing."""
    with pytest.raises(CandidateFault, match="the answer is no acknowledgement"):
        acknowledged(text)
