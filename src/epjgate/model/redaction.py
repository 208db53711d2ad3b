"""Takes CPR numbers and secrets out of text before it is kept (design.md: no patient data leaves)."""

from __future__ import annotations

import hashlib
import hmac
import re

# A whole UUID is no CPR number, even where six of its digits happen to be a date.
_UUID = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f])")
# Only a digit in front makes a number part of something longer, unless it ends an escape: %20, \u0020, \x20.
# Asked behind the first four digits, where it is asked seldom.
_NOT_LONGER = r"(?:(?<!\d{5})|(?<=%[0-9A-Fa-f]\d{5})|(?<=\\u[0-9A-Fa-f]{3}\d{5})|(?<=\\x[0-9A-Fa-f]\d{5}))"
# DDMMYY and four digits, or DDMMYY, a digit, two letters and a digit (replacement CPR, DDMMYYCAAG).
# Days 61 to 91 are test numbers.
_CPR = re.compile(
    rf"(?P<day>0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])(?P<month>0[1-9]|1[0-2]){_NOT_LONGER}(?P<year>\d\d)"
    r"(?P<gap>[-\u2010-\u2015 \u00a0]|%20|%2D|%2d)?(?P<serial>\d{4}|\d[A-Za-z]{2}\d)(?!\d)",
    re.ASCII,  # only 0 to 9 are digits of a CPR number, and only they may hide one
)
_SECRET_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "proxy-authorization", "x-api-key"})


def numbers_in(text: str) -> tuple[str, ...]:
    """Return every CPR number and replacement CPR number in `text`: ten characters each, in capitals, without a gap."""
    return tuple(_plain(match) for match in _CPR.finditer(text) if not _inside_uuid(match))


class Redactor:
    """Replaces each CPR number by a pseudonym that is stable within one run and cannot be reversed without its key.

    The key never reaches the disk: the same number reads the same throughout a bundle, and
    nobody who holds the bundle can try all numbers to find out which it was.
    """

    def __init__(self, key: bytes) -> None:
        if not key:
            raise ValueError("a redaction key must not be empty")
        self._key = key

    def key_for_workers(self) -> str:
        """Return the key as hex digits, to be handed to processes of the same run by their environment only."""
        return self._key.hex()

    def text(self, text: str) -> str:
        """Return `text` with every CPR number and replacement CPR number replaced by `[cpr xxxxxx]`."""
        return _CPR.sub(self._pseudonym, text)

    def headers(self, headers: dict[str, str]) -> dict[str, str]:
        """Return `headers` with secrets replaced and the other values redacted as text."""
        return {
            name: "[secret]" if name.lower() in _SECRET_HEADERS else self.text(value) for name, value in headers.items()
        }

    def _pseudonym(self, match: re.Match[str]) -> str:
        if _inside_uuid(match):
            return match[0]
        return f"[cpr {hmac.new(self._key, _plain(match).encode(), hashlib.sha256).hexdigest()[:6]}]"


def _plain(match: re.Match[str]) -> str:
    return match["day"] + match["month"] + match["year"] + match["serial"].upper()


def _inside_uuid(match: re.Match[str]) -> bool:
    start, end = match.span()
    around = _UUID.finditer(match.string, max(0, start - 36), end + 36)
    return any(uuid.start() <= start and end <= uuid.end() for uuid in around)
