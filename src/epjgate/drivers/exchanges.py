"""Turns what went over the wire into exchanges that may be kept: readable, bounded, without patient data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from epjgate.model.exchange import Exchange
from epjgate.model.redaction import Redactor

KEPT_CHARACTERS = 64 * 1024
# A number cut in two would no longer be recognised; escaped as \uXXXX it has at most 66 characters.
_CUT_MARGIN = 80
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_PLUS_AS_SPACE = re.compile(r"(?<=\d{6})\+(?=\d)")


def exchange_of(
    redactor: Redactor,
    request: tuple[str, str, Mapping[str, str], bytes],
    answer: tuple[int | None, Mapping[str, str], bytes] | None,
    *,
    duration_s: float,
    error: str | None = None,
    code: str = "",
) -> Exchange:
    """Return the exchange of `request` (method, URL, headers, body) and `answer` (status, headers, body), redacted.

    Bodies longer than 64 Ki characters are cut, with a note of the full length; binary ones are described. `error`
    says why `answer` is None, or what was wrong with it; `code` is the answer where a protocol has no status.
    """
    method, url, request_headers, request_body = request
    status, response_headers, response_body = answer if answer is not None else (None, {}, b"")
    return Exchange(
        method=method,
        url=redacted(redactor, url),
        request_headers=_redacted_headers(redactor, request_headers),
        request_body=_redacted_body(redactor, request_body),
        status=status,
        response_headers=_redacted_headers(redactor, response_headers),
        response_body=_redacted_body(redactor, response_body),
        duration_s=duration_s,
        error=None if error is None else redacted(redactor, error),
        code=redacted(redactor, code),
    )


def redacted(redactor: Redactor, text: str) -> str:
    """Return `text` without CPR numbers, also where an escape of URLs or of JSON hides one.

    The text is kept as it was sent unless unescaping it brings a further number to light.
    """
    once = redactor.text(text)
    plain = _JSON_ESCAPE.sub(lambda match: chr(int(match[1], 16)), once) if "\\u" in once else once
    plain = _PLUS_AS_SPACE.sub(" ", unquote(plain, errors="replace"))
    twice = redactor.text(plain)
    return once if twice == plain else twice


def _redacted_headers(redactor: Redactor, headers: Mapping[str, str]) -> dict[str, str]:
    return {name: redacted(redactor, value) for name, value in redactor.headers(dict(headers)).items()}


def _redacted_body(redactor: Redactor, body: bytes) -> str | None:
    if not body:
        return None
    if b"\0" in body:
        return f"[binary, {len(body)} bytes]"
    text = body.decode("utf-8", errors="replace")
    if len(text) <= KEPT_CHARACTERS:
        return redacted(redactor, text)
    return f"{redacted(redactor, text[:KEPT_CHARACTERS])[:-_CUT_MARGIN]} [cut: {len(body)} bytes in all]"
