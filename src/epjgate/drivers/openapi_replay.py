"""Sends again what a finding was seen by, and says whether the candidate still answers the same."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from epjgate.drivers.http import RecordedSession, bearer
from epjgate.drivers.openapi_findings import Exploration, Finding, Step, json_text
from epjgate.model.exchange import Exchange

ALL_RIGHTS = "integration"
"""The role as which an exploration signs in: it may do everything."""
_PSEUDONYM = re.compile(r"\[cpr ([0-9a-f]{6})\]")
_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


@dataclass(frozen=True)
class Replayed:
    """What a finding looks like today: each step as it was and as it is now."""

    finding: Finding
    steps: tuple[tuple[Step, Step], ...]

    @property
    def is_the_same(self) -> bool:
        """Whether the last step is answered with the same status and content type as when it was found."""
        then, now = self.steps[-1]
        return (then.status, then.content_type) == (now.status, now.content_type)


def replay(finding: Finding, session: RecordedSession, token: str | None) -> Replayed:
    """Send the steps of `finding` again, signed in by `token` where they were; raises CandidateUnreachable.

    An id that the candidate gave to something new is replaced by the one that it gives now, and the pseudonym of a CPR
    number by a number that belongs to nobody: always the same one for the same pseudonym.
    """
    ids: dict[str, str] = {}
    steps = []
    for then in finding.steps:
        now = _send(then, session, token, ids)
        if then.made and now.made:
            ids[then.made] = now.made
        steps.append((then, now))
    return Replayed(finding, tuple(steps))


def exchanges_of(exploration: Exploration, check: str) -> Iterator[Exchange]:
    """Yield what a reader has to see of `check`: the steps of its findings, or one request that it was asked about."""
    steps = [step for finding in exploration.of(check) for step in finding.steps]
    sample = exploration.summary.samples.get(check)
    for step in steps or ([sample] if sample is not None else []):
        yield Exchange(
            method=step.method,
            url=step.path,
            request_headers=step.headers,
            request_body=step.body,
            status=step.status,
            response_headers={"content-type": step.content_type},
            response_body=step.answer or None,
            duration_s=0.0,
            error=None if step.status is not None else "no answer",
        )


def _send(then: Step, session: RecordedSession, token: str | None, ids: dict[str, str]) -> Step:
    path, sent = _today(then.path, ids), None if then.body is None else _today(then.body, ids)
    kept = {name: _today(value, ids) for name, value in then.headers.items() if name.lower() != "content-length"}
    headers = {name: value for name, value in kept.items() if value != "[secret]"}
    if len(headers) < len(kept):
        headers |= bearer(token)
    body = None if sent is None else sent.encode("latin-1" if then.binary else "utf-8")
    got = session.request(then.method, path, body=body, headers=headers)
    answer = json_text(got.content)
    made = answer.get("id") if isinstance(answer, dict) and then.made else ""
    return then.model_copy(
        update={
            "path": path,
            "status": got.status,
            "content_type": got.headers.get("content-type", ""),
            "answer": got.content.decode("utf-8", "replace"),
            "made": str(made or ""),
        }
    )


def _today(text: str, ids: dict[str, str]) -> str:
    for then, now in ids.items():
        text = text.replace(then, now)
    return _PSEUDONYM.sub(lambda match: nobodys_number(match[1]), text)


def nobodys_number(pseudonym: str) -> str:
    """Return a CPR number that can belong to nobody: born 2 to 28 February 1960, with a check digit that is wrong."""
    seed = int(hashlib.sha256(pseudonym.encode()).hexdigest(), 16)
    for serial in count(seed % 3000 + 100):
        number = f"{seed % 27 + 2:02}0260{serial:04}"
        if sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=True)) % 11:
            return number
    raise AssertionError  # the serial numbers never end
