"""Frames survive whatever TCP does to them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.partners.mllp import END, START, Deframer, frame

messages = st.lists(st.binary().filter(lambda message: START not in message and END not in message))
noise = st.binary(max_size=5).filter(lambda between: START not in between)


@given(messages, st.data())
def test_pieces_of_any_size_make_the_same_messages(sent: list[bytes], data: st.DataObject) -> None:
    """Split, joined, with noise between them: every message arrives once, whole, and in order."""
    stream = b"".join(data.draw(noise) + frame(message) for message in sent)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)))))
    deframer = Deframer()
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert [message for piece in pieces for message in deframer.feed(piece)] == sent


def test_one_byte_at_a_time() -> None:
    """An end mark that is split between two packets ends the message."""
    deframer = Deframer()
    found = [message for byte in frame(b"MSH|") for message in deframer.feed(bytes([byte]))]
    assert found == [b"MSH|"]


def test_what_begins_anew_is_cut_off() -> None:
    """A beginning without an end does not swallow the message after it."""
    assert Deframer().feed(START + b"lost" + frame(b"whole")) == [b"whole"]


def test_nothing_grows_without_bound() -> None:
    """A message beyond the limit is an error; noise between messages is never kept."""
    deframer = Deframer(limit=100)
    for _ in range(50):
        assert deframer.feed(b"noise" * 10) == []
    deframer.feed(START)
    with pytest.raises(ValueError, match="100 bytes"):
        deframer.feed(b"x" * 101)


@pytest.mark.parametrize("message", [b"a\x0bb", b"a\x1c\x0db"])
def test_marks_inside_a_message_are_refused(message: bytes) -> None:
    """A message that would end early at the receiver is never sent."""
    with pytest.raises(ValueError, match="mark a frame"):
        frame(message)
