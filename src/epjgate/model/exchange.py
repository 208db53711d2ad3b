"""One request to the candidate and what it answered."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Exchange:
    """One exchange, already redacted; `status` is None when no answer came, `error` then says why.

    `code` is the answer of a protocol that has no status numbers: AA, AE or AR of HL7 v2.
    """

    method: str
    url: str
    request_headers: dict[str, str]
    request_body: str | None
    status: int | None
    response_headers: dict[str, str]
    response_body: str | None
    duration_s: float
    error: str | None = None
    code: str = ""

    def as_dict(self) -> dict[str, object]:
        """Return the exchange as plain values for JSON."""
        return asdict(self)

    def summary(self) -> str:
        """One line: method, URL, status, code or error, duration in milliseconds."""
        answer = self.code or (str(self.status) if self.status is not None else f"no answer ({self.error})")
        return f"{self.method} {self.url} -> {answer} in {self.duration_s * 1000:.0f} ms"
