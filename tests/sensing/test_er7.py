"""HL7 v2 messages as fields that can be changed and written back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.sensing.conftest import ACK

from epjgate.sensing import er7

FIELDS = st.lists(st.lists(st.text("abcæ0 \\&~.", max_size=5), min_size=1, max_size=3).map("^".join), max_size=6)
SEGMENTS = st.lists(st.tuples(st.sampled_from(["PID", "OBX", "NTE"]), FIELDS), max_size=6)


@given(SEGMENTS)
def test_what_is_not_touched_stays_letter_by_letter(segments: list[tuple[str, list[str]]]) -> None:
    """Repetitions, escapes, empty fields and segments that come twice included."""
    lines = ["MSH|^~\\&|EPJ||LAB", *("|".join([name, *fields]) for name, fields in segments)]
    text = "".join(f"{line}\r" for line in lines)
    assert er7.write(er7.read(text)) == text


def test_fields_have_the_names_that_the_standard_gives_them() -> None:
    """MSH-1 is the separator itself, and a second segment of a name is told apart."""
    message = er7.read(f"{ACK}ERR|1\rERR|2\r")
    assert message.segments["MSH"]["MSH-9.2"] == "R01"
    assert message.segments["MSA"] == {"MSA-1": "AA", "MSA-2": "m1"}
    assert message.segments["ERR[2]"] == {"ERR[2]-1": "2"}
    assert er7.plain("ERR[2]-1") == "ERR-1"


def test_what_is_taken_away_is_empty() -> None:
    """The fields behind it keep their places."""
    message = er7.read(ACK)
    del message.segments["MSA"]["MSA-1"]
    assert er7.write(message).endswith("MSA||m1\r")
