"""What a sampler says arrives as it was said, or is noticed not to have."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.probing.request import ProbeRequest
from epjgate.probing.sample import (
    End,
    Message,
    Missed,
    Ready,
    Refused,
    Result,
    Sample,
    Stood,
    Task,
    line_of,
    message_of,
)

SECONDS = st.floats(0, 1e6)
NUMBERS = st.integers(0, 10**9)
MESSAGES: st.SearchStrategy[Message] = st.one_of(
    st.builds(Sample, NUMBERS, NUMBERS, SECONDS, SECONDS, st.sampled_from(Result), st.text(), st.booleans()),
    st.builds(Missed, NUMBERS, NUMBERS, SECONDS),
    st.builds(Stood, SECONDS, SECONDS),
    st.builds(Ready, SECONDS, NUMBERS),
    st.builds(Refused, st.text()),
    st.builds(End, SECONDS),
)


@given(MESSAGES)
def test_a_message_survives_its_line(message: Message) -> None:
    """Whatever is in it, a line is one line and says the same."""
    line = line_of(message)
    assert line.count(b"\n") == 1
    assert message_of(line) == message


@given(MESSAGES, st.integers(1, 10))
def test_a_line_that_was_cut_off_is_no_message(message: Message, cut: int) -> None:
    """What a dying sampler leaves is not taken for a sample."""
    with pytest.raises(ValueError, match="no message"):
        message_of(line_of(message)[:-1][:-cut])


@pytest.mark.parametrize(
    "line", [b"[]", b"{}", b'["sample", 1]', b'["hello"]', b"3", b'["sample",0,0,0,0,"fine","",1]']
)
def test_what_nobody_says_is_no_message(line: bytes) -> None:
    """Another kind, or a kind without its parts, is an error."""
    with pytest.raises(ValueError, match="no message"):
        message_of(line)


def test_a_task_survives_its_line() -> None:
    """Bodies are bytes, and headers any mapping."""
    request = ProbeRequest("w", "POST", "http://a/b", MappingProxyType({"X": "\u00e6"}), bytes(range(256)), 201)
    assert Task.of(Task((request,), 0.05, 2.0).line()) == Task((request,), 0.05, 2.0)
