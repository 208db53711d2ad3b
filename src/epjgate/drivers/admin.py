"""Asks the interfaces of a system that are its own, in plain JSON: administration and the downtime copy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from epjgate.drivers.answer import Answer
from epjgate.drivers.http import Params, RecordedSession, bearer
from epjgate.errors import CandidateFault
from epjgate.evidence.recorder import Recorder
from epjgate.model.alteration import Alteration


class JsonClient:
    """One HTTP interface that answers JSON objects, asked as the user of `token`; nothing is asked twice."""

    def __init__(
        self,
        base_url: str,
        recorder: Recorder,
        *,
        timeout_s: float = 10.0,
        token: str | None = None,
        alterations: Sequence[Alteration] = (),
    ) -> None:
        headers = {"Accept": "application/json", **bearer(token)}
        self._session = RecordedSession(
            base_url, recorder, timeout_s=timeout_s, headers=headers, alterations=alterations
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the idle connections."""
        self._session.close()

    def request(self, method: str, path: str, *, params: Params | None = None, json: object = None) -> Answer:
        """Ask once and return the answer whatever its status."""
        return self._session.request(method, path, params=params, json=json)

    def get(self, path: str, *, params: Params | None = None) -> dict[str, Any]:
        """Return the object at `path`; CandidateFault where the answer is not a 200 with one, or says no.

        An answer that does not say that it is JSON is none (RFC 9110, 8.3).
        """
        answer = self.request("GET", path, params=params).expect(200)
        if "json" not in answer.headers.get("Content-Type", ""):
            raise CandidateFault(f"the answer does not say that it is JSON: {answer.describe()}")
        body = answer.json()
        if not isinstance(body, dict):
            raise CandidateFault(f"the body is no JSON object: {answer.describe()}")
        return body


def moment(text: str, what: str) -> datetime:
    """Return the point in time that `text` names; CandidateFault, naming it as `what`, where it has no zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as err:
        raise CandidateFault(f"{what} is {text!r}: {err}") from err
    if at.utcoffset() is None:
        raise CandidateFault(f"{what} is {text!r}, without a time zone")
    return at
