"""One sample of one track, and how it goes from the sampler's process to the one that asked for it."""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass, replace
from enum import StrEnum
from typing import Any, ClassVar

from epjgate.probing.request import ProbeRequest


class Result(StrEnum):
    """What became of a sample, worst first; `lost` where it was the harness that could not ask or hear."""

    BAD = "bad"
    LOST = "lost"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample number `n` of a track: when it was sent and when it was over, in seconds since probing began.

    `why` is empty for a good one. `reconnected` tells that the server had closed the kept connection meanwhile.
    """

    track: int
    n: int
    sent_s: float
    done_s: float
    result: Result
    why: str = ""
    reconnected: bool = False
    kind: ClassVar[str] = "sample"


@dataclass(frozen=True, slots=True)
class Missed:
    """The samples `first` to `last` of every track were due while the sampler was `late_s` behind: none was sent."""

    first: int
    last: int
    late_s: float
    kind: ClassVar[str] = "missed"


@dataclass(frozen=True, slots=True)
class Stood:
    """The sampler's own heart did not beat for this time, in seconds since probing began."""

    begin_s: float
    end_s: float
    kind: ClassVar[str] = "stood"


@dataclass(frozen=True, slots=True)
class Ready:
    """Probing begins at `begin` by the monotonic clock of the machine; `control` is the process that answers always."""

    begin: float
    control: int
    kind: ClassVar[str] = "ready"


@dataclass(frozen=True, slots=True)
class Refused:
    """Probing cannot begin."""

    why: str
    kind: ClassVar[str] = "refused"


@dataclass(frozen=True, slots=True)
class End:
    """No sample was due from `duration_s` on, and all that were sent are accounted for."""

    duration_s: float
    kind: ClassVar[str] = "end"


Message = Sample | Missed | Stood | Ready | Refused | End
_KINDS: dict[str, type[Message]] = {one.kind: one for one in (Sample, Missed, Stood, Ready, Refused, End)}


def line_of(message: Message) -> bytes:
    """Return a message as a line."""
    return json.dumps([message.kind, *astuple(message)]).encode() + b"\n"


def message_of(line: bytes) -> Message:
    """Return the message of a line; raises ValueError where it is none, as where it was cut off."""
    try:
        kind, *parts = json.loads(line)
        message = _KINDS[kind](*parts)
        if isinstance(message, Sample):
            return replace(message, result=Result(message.result))
    except (KeyError, TypeError, ValueError) as err:
        raise ValueError(f"no message: {line!r}") from err
    return message


@dataclass(frozen=True)
class Task:
    """What the sampler is to do: each of `requests` on both kinds of connection, every `every_s` seconds."""

    requests: tuple[ProbeRequest, ...]
    every_s: float
    timeout_s: float

    def line(self) -> bytes:
        """Return it as a line."""
        told = {
            "requests": [vars(one) | {"headers": dict(one.headers), "body": one.body.hex()} for one in self.requests],
            "every_s": self.every_s,
            "timeout_s": self.timeout_s,
        }
        return json.dumps(told).encode() + b"\n"

    @classmethod
    def of(cls, line: bytes) -> Task:
        """Return the task of a line that `line` wrote."""
        told: Any = json.loads(line)
        requests = [ProbeRequest(**one | {"body": bytes.fromhex(one["body"])}) for one in told["requests"]]
        return cls(tuple(requests), told["every_s"], told["timeout_s"])
