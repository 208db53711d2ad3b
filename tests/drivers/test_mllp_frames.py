"""The frame around a message, and the character set of what is in it."""

from __future__ import annotations

import pytest

from epjgate.drivers.mllp_frames import decoded, framed


def test_a_frame_begins_with_one_byte_and_ends_with_two() -> None:
    """0x0B, the message, 0x1C 0x0D."""
    assert framed(b"MSH|") == b"\x0bMSH|\x1c\x0d"


@pytest.mark.parametrize(
    ("charset", "content", "expected"),
    [(b"UNICODE UTF-8", "æ".encode(), "æ"), (b"8859/1", "æ".encode("latin-1"), "æ"), (b"", b"\xe6", "\ufffd")],
)
def test_the_character_set_is_the_messages_own(charset: bytes, content: bytes, expected: str) -> None:
    """MSH-18 decides; UTF-8 where it says nothing."""
    message = b"MSH|^~\\&|A||B||1||ACK|1|P|2.5||||||" + charset + b"\rNTE|1||" + content
    assert decoded(message).endswith(f"NTE|1||{expected}")
