"""Frames around HL7 v2 messages, and the character set of what is in them (HL7 v2 MLLP Release 1)."""

from __future__ import annotations

START = b"\x0b"
END = b"\x1c\r"


def framed(message: bytes) -> bytes:
    """Return `message` as one frame."""
    return START + message + END


def decoded(message: bytes) -> str:
    """Return `message` as text, in the character set that its MSH-18 names: 8859/1, or else UTF-8."""
    fields = message.partition(b"\r")[0].split(message[3:4] or b"|")
    latin = len(fields) > 17 and fields[17].strip() == b"8859/1"
    return message.decode("iso-8859-1" if latin else "utf-8", errors="replace")
