"""One exchange on its way between a test and the candidate, and whoever stands in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Asked:
    """What was asked; `base` is the URL of the interface, `path` what follows it, the query included.

    A message over MLLP has the method `MLLP` and no path; what receivers are asked about has the base of their control
    server and the body of its answer, with the messages as they came.
    """

    method: str
    path: str
    body: bytes
    base: str = ""


@dataclass(frozen=True)
class Got:
    """What came back: status (0 where the protocol has none), headers and the whole body."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Tap(Protocol):
    """Stands between the candidate and the tests. Threads may ask at once."""

    def exchange(self, asked: Asked, send: Callable[[], Got]) -> Got:
        """Return what the test is to see of the answer to `asked`.

        `send` asks the candidate, and may be called never, once or twice; what it raises is the test's to see, as is
        a CandidateUnreachable of the tap's own.
        """
