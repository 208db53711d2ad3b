"""HL7 v2 is read letter by letter, in the character set that it names."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.partners.messages import hl7_message, order_message, verdict

from epjgate.partners.hl7_message import Unreadable, acknowledgement, character_set, read_message, read_text

danish = st.text(st.characters(codec="latin-1", exclude_categories=["C"], exclude_characters="|^~&\\"), min_size=1)


character_sets = st.sampled_from([("UNICODE UTF-8", "utf-8"), ("8859/1", "latin-1"), ("", "utf-8")])


@given(danish, character_sets)
def test_letters_survive_in_each_character_set(name: str, named: tuple[str, str]) -> None:
    """æøå come out as they went in, whatever MSH-18 names."""
    charset, encoding = named
    text = hl7_message("ADT^A08", charset=charset).replace("Ærøskjøld", name)
    message = read_message(text.encode(encoding))
    assert (message["PID-5.1"], message["PID-5"], message.text) == (name, f"{name}^Åse", text)


def test_fields_are_found_by_name() -> None:
    """The field as written, its components unescaped, those of the first repetition, and segments that repeat."""
    text = hl7_message("ADT^A08", "OBX|1|TX|x^y||a\\T\\b\\S\\c~second", "OBX|2|ST", "ZZZ")
    message = read_text(text)
    assert (message["MSH-1"], message["MSH-2"], message["MSH-9.2"]) == ("|", "^~\\&", "A08")
    assert (message["OBX-3"], message["OBX-3.2"]) == ("x^y", "y")
    assert (message["OBX-5"], message["OBX-5.1"]) == ("a\\T\\b\\S\\c~second", "a&b^c")
    assert (message["OBX[2]-2"], message["OBX[2]-9"], message["PV1-3"]) == ("ST", "", "")
    assert message.segments == ("MSH", "PID", "OBX", "OBX", "ZZZ")


def test_other_separators_are_honoured() -> None:
    """MSH-1 and MSH-2 say what separates."""
    message = read_text("MSH#*~\\&#EPJ####1##ADT*A08#7#P#2.5\rPID#1##x*y")
    assert (message["MSH-9.2"], message["PID-3.2"]) == ("A08", "y")


@pytest.mark.parametrize(
    "frame",
    [b"", b"MSH", b"MSH|", b"PID|1", b"MSHA^~", b"hello\rMSH|^~\\&|", "MSH|^~\\&|Å".encode("latin-1"),
     b"MSH|^~\\&||||||||||||||||KOI8-R", b"MSH|^~\\^&|EPJ\rPID|1||x^y"],
)  # fmt: skip
def test_what_is_no_message_is_unreadable(frame: bytes) -> None:
    """No header, a broken one, a character set that is not known or not kept to."""
    with pytest.raises(Unreadable):
        read_message(frame)
    assert verdict(acknowledgement(frame, "AR", "no").decode("latin-1"))[0] == "AR"


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda tail: b"MSH|^~\\&" + tail))
def test_no_bytes_bring_it_down(frame: bytes) -> None:
    """Whatever arrives is read or unreadable, and can be answered."""
    with suppress(Unreadable):
        read_message(frame)
    assert b"MSA" in acknowledgement(frame, "AE", "rule")


def test_an_acknowledgement_answers_its_message() -> None:
    """The parties change places, MSA-2 is MSH-10, the character set is the message's, the reason is escaped."""
    sent = order_message(control="42", charset="8859/1").encode("latin-1")
    answer = read_message(acknowledgement(sent, "AE", "PID-3: a|b^æ\r"))
    assert [answer[f"MSH-{number}"] for number in (3, 4, 5, 6)] == ["LAB", "LAB", "EPJ", "HOSPITAL"]
    assert (answer["MSH-9"], answer["MSH-18"], answer.charset) == ("ACK^O01^ACK", "8859/1", "latin-1")
    assert (answer["MSA-1"], answer["MSA-2"], answer["MSA-3.1"]) == ("AE", "42", "PID-3: a|b^æ ")


def test_no_character_set_means_utf8() -> None:
    """MSH-18 may be left out, altogether or empty; of several the first counts."""
    assert character_set(b"MSH|^~\\&|EPJ") == "utf-8"
    assert character_set(order_message().encode()) == "utf-8"
    assert character_set(order_message(charset="8859/1~UNICODE UTF-8").encode()) == "latin-1"


READS_WHAT_CANNOT_BE_UNESCAPED = """
from epjgate.partners.hl7_message import read_text
print(read_text("MSH|^~\\\\&|EPJ\\rPID|1||0203754321\\\\Xzz\\\\")["PID-3.1"])
"""


def test_what_cannot_be_unescaped_is_not_shown_in_any_log() -> None:
    """The parser logs the whole field, which may be a person's (asked in a fresh process)."""
    command = [sys.executable, "-c", READS_WHAT_CANNOT_BE_UNESCAPED]
    done = subprocess.run(command, text=True, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == ("0203754321\n", "")
