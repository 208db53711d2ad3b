"""Makes text from tests and candidates safe to show: what cannot be seen is spelt out."""

from __future__ import annotations

import re

# Control characters (a terminal obeys them, XML forbids them), line separators, marks that turn
# the reading direction around, halves of surrogate pairs and the two non-characters XML forbids.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")

# What Markdown, GitHub's and GitLab's included, would read as more than text.
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~$&]")
_REFERENCE = re.compile(r"[@#]")


def legible(text: str) -> str:
    """Return `text` with every character that cannot be shown spelt out by its code; tabs and line ends stay."""
    return _UNSEEN.sub(_spelt_out, text.replace("\r\n", "\n"))


def one_line(text: str, most: int = 300) -> str:
    """Return `text` legible, on one line, and at most `most` characters long; a cut is marked by an ellipsis."""
    line = " ".join(legible(text).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def escaped(text: str, most: int = 300) -> str:
    """Return `text` on one line, such that Markdown shows it and obeys none of it; nobody is mentioned by it."""
    return _REFERENCE.sub(r"\g<0><!-- -->", _SPECIAL.sub(r"\\\g<0>", one_line(text, most)))


def _spelt_out(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
