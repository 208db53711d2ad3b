"""What the candidate answered to one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from epjgate.drivers import exact_json
from epjgate.drivers.refusals import denial
from epjgate.errors import CandidateFault

_SHOWN_CHARACTERS = 200


@dataclass(frozen=True)
class Answer:
    """What the candidate answered; the names in `headers` compare without regard to case.

    `url` is what was asked, redacted; `duration_s` runs until the last byte had arrived. `redact` takes patient data
    out of what the messages quote from the body.
    """

    method: str
    url: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    duration_s: float
    redact: Callable[[str], str] = field(repr=False, compare=False)

    @property
    def text(self) -> str:
        """The body as UTF-8; CandidateFault where it is not."""
        try:
            return self.content.decode("utf-8")
        except UnicodeDecodeError as err:
            raise CandidateFault(f"{self._asked()} -> {self.status}: the body is not UTF-8 ({err})") from err

    def json(self) -> Any:
        """The body as JSON, fractions as Decimal; CandidateFault with its first bytes where it is not UTF-8 JSON."""
        try:
            return exact_json.decode(self.content)
        except ValueError as err:
            shown = self._quoted()
            raise CandidateFault(f"{self._asked()} -> {self.status}: the body is no JSON ({err}): {shown}") from err

    def describe(self) -> str:
        """Return one line for an assertion message: what was asked, what came, and what it says."""
        return f"{self._asked()} -> {self.status} in {self.duration_s * 1000:.0f} ms: {self._gist()}"

    def expect(self, *statuses: int) -> Self:
        """Return self where the status is one of `statuses`; CandidateFault with `describe()` otherwise.

        What says no is a CandidateFault of its own kind: AccessDenied, Refused or NotThere.
        """
        if self.status not in statuses:
            wanted = " or ".join(map(str, statuses))
            raise denial(self.status, f"expected {wanted}: {self.describe()}", self.content, self.headers)
        return self

    def _asked(self) -> str:
        return f"{self.method} {self.url}"

    def _gist(self) -> str:
        return self._quoted()

    def _quoted(self) -> str:
        """Return the beginning of the body in one line; redacted first, for half a number would not be recognised."""
        if not self.content:
            return "no body"
        shown = self.redact(" ".join(self.content[:4096].decode("utf-8", errors="replace").split()))
        if len(shown) <= _SHOWN_CHARACTERS:
            return shown
        return f"{shown[:_SHOWN_CHARACTERS]} ... ({len(self.content)} bytes)"
