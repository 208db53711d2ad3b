"""Reading HL7 v2 as it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.contracts.er7 import read_er7, unescaped
from epjgate.drivers.hl7v2 import Header, message
from population.hl7v2 import MORNING

HEADER = "MSH|^~\\&|LAB||EPJ||20260301||ORU^R01^ORU_R01|17|P|2.5.1"
LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))


def test_fields_repetitions_and_components_count_from_one() -> None:
    """MSH-1 is the separator itself; what is left out is empty."""
    read = read_er7(f"{HEADER}\rPID|1||a^b~c^^d||Hansen\r")
    person = read.first("PID")
    assert (read.header.value(1), read.header.value(9, 3), read.header.value(10)) == ("|", "ORU_R01", "17")
    assert (person.value(3), person.value(3, 2), person.value(3, 3, repetition=2)) == ("a", "b", "d")
    assert (person.value(3, 9), person.value(99), person.value(3, 1, repetition=9)) == ("", "", "")
    assert (person.raw(3), person.repetitions(3), person.repetitions(4)) == ("a^b~c^^d", ("a^b", "c^^d"), ())


def test_segments_stand_in_their_order() -> None:
    """All of them, the second MSH too: nothing is smoothed over."""
    read = read_er7(f"{HEADER}\rOBX|1\rMSH|^~\\&|X\rOBX|2\r")
    assert (read.kind, read.names) == ("ORU^R01", ("MSH", "OBX", "MSH", "OBX"))
    assert [segment.value(1) for segment in read.all("OBX")] == ["1", "2"]
    with pytest.raises(ValueError, match=r"ORU\^R01 has no segment PID"):
        read.first("PID")


@pytest.mark.parametrize("text", ["", "PID|1", "MSH#^~\\&#", "\x0bMSH|^~\\&|", " MSH|^~\\&|"])
def test_what_does_not_begin_with_a_header_is_no_message(text: str) -> None:
    """The usual separators are part of it."""
    with pytest.raises(ValueError, match="does not begin with"):
        read_er7(text)


@given(st.text(LETTERS, min_size=1))
def test_any_text_that_was_written_is_read(text: str) -> None:
    """What the driver escapes is what is meant."""
    sent = message(Header("LAB", "ORU^R01", "1", MORNING), ["OBX", "1", "TX", text])
    assert read_er7(sent.decode()).first("OBX").value(3) == text


def test_an_unknown_escape_stays() -> None:
    """It may be a lone backslash, which a check has to see."""
    assert unescaped(r"\H\a\F\b\X0D\ \E\F\E\ c\ ") == r"\H\a|b\X0D\ \F\ c\ "
