"""What the candidate says when it does not do what it was asked, and what it gives away while saying so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import unquote

from epjgate.errors import CandidateFault
from epjgate.model.person import Person
from epjgate.model.redaction import numbers_in


class Denial(CandidateFault):
    """The candidate did not do what it was asked; `reveals` tells what of a person its answer holds all the same.

    Nobody who expects a denial catches this class: the three kinds below say which one was meant.
    """

    def __init__(self, message: str, *, content: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        told = "\n".join((headers or {}).values())
        self._said = _unescaped(f"{told}\n{_readable(content)}")

    def reveals(self, person: Person, *more: str) -> list[str]:
        """Return which of the data of `person`, and which of the texts in `more`, are in the answer, body or headers.

        Empty where nothing of it is. A name counts by its family name, an address by its street, a CPR number also
        with a hyphen or a space in it.
        """
        record = {
            "CPR number": person.cpr,
            "family name": person.family_name,
            "birth date": person.birth_date.isoformat(),
            "street": person.address.line,
            **{text: text for text in more},
        }
        said = f"{self._said}\n{' '.join(numbers_in(self._said))}"
        return [part for part, value in record.items() if value and value in said]


class AccessDenied(Denial):
    """The user may not do this, or nobody is signed in (HTTP 401 and 403)."""


class Refused(Denial):
    """A rule of the record stands against it, whoever asks (HTTP 400, 405, 409, 412 and 422)."""


class NotThere(Denial):
    """There is no such record, or no longer (HTTP 404 and 410)."""


_KINDS: Mapping[int, type[Denial]] = {
    **dict.fromkeys((401, 403), AccessDenied),
    **dict.fromkeys((400, 405, 409, 412, 422), Refused),
    **dict.fromkeys((404, 410), NotThere),
}


def denial(status: int, message: str, content: bytes, headers: Mapping[str, str]) -> CandidateFault:
    """Return the error for an answer that was not expected: a Denial where the HTTP status is one."""
    kind = _KINDS.get(status)
    return CandidateFault(message) if kind is None else kind(message, content=content, headers=headers)


def _readable(content: bytes) -> str:
    """Return the body as it is and, where it is JSON, once more without escapes, which could hide an ø."""
    text = content.decode("utf-8", errors="replace")
    try:
        return f"{text}\n{json.dumps(json.loads(text), ensure_ascii=False)}"
    except (ValueError, RecursionError):
        return text


def _unescaped(text: str) -> str:
    """Return `text` as it is and, where it has escapes of URLs, once more without them."""
    plain = unquote(text, errors="replace")
    return text if plain == text else f"{text}\n{plain}"
