"""What the sessions that run tests for a measurement are told, and what they write down, line by line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from epjgate.model.base import Value
from epjgate.model.mutant import Mutant
from epjgate.model.outcome import Outcome

RED = frozenset({Outcome.FAILED, Outcome.UNREACHABLE})
"""The outcomes by which a test says that the candidate is at fault."""


class Sighting(Value):
    """One test on the candidate as it is: how it ended, and the mutants that it would have met."""

    line: Literal["sighting"] = "sighting"
    test: str
    suite: str
    outcome: Outcome
    duration_s: float
    reason: str = ""
    mutants: tuple[Mutant, ...] = ()


class Meeting(Value):
    """One test with a mutant on: how it ended, and how many answers the mutant changed. `number` is the mutant's."""

    line: Literal["meeting"] = "meeting"
    number: int
    test: str
    suite: str
    outcome: Outcome
    duration_s: float
    struck: int
    reason: str = ""


class Tried(Value):
    """All that is to be done with a mutant has been done."""

    line: Literal["tried"] = "tried"
    number: int


class Control(Value):
    """A test that has killed mutants, on the candidate as it is: where it is no longer green, its kills do not count.

    `numbers` are the mutants that it killed since it was last controlled.
    """

    line: Literal["control"] = "control"
    test: str
    outcome: Outcome
    numbers: tuple[int, ...]


class Ended(Value):
    """The session came to its end: without this line it did not."""

    line: Literal["ended"] = "ended"


Line = Annotated[Sighting | Meeting | Tried | Control | Ended, Field(discriminator="line")]
LINE: TypeAdapter[Line] = TypeAdapter(Line)


class Work(Value):
    """A mutant and the tests that are to meet it, by suite, in the order in which they are asked."""

    mutant: Mutant
    tests: dict[str, tuple[str, ...]]


class Order(Value):
    """What the sessions of one pass are to do together; each takes what no other has taken, from the first on.

    Without `work` they watch every test once. `until` is when to take no more, in seconds of the machine's monotonic
    clock, 0 for never. `folder` takes who has taken what, `lock` is held while a test has the candidate.
    """

    folder: Path
    lock: Path
    work: tuple[Work, ...] = ()
    until: float = 0.0

    def take(self, number: int) -> bool:
        """Return whether the piece of work `number` is now the caller's; no two callers are ever told so."""
        try:
            os.close(os.open(self.folder / f"taken-{number}", os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            return False
        return True


class Writer:
    """Appends lines to a file; each is whole on disk before the next thing is done."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", encoding="utf-8")

    def write(self, line: Line) -> None:
        """Write `line`; raises OSError."""
        self._file.write(f"{line.model_dump_json()}\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Reader:
    """Follows such a file while it is written."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._position = 0

    def read_on(self) -> Iterator[Line]:
        """Yield the whole lines that came since the last call; raises ValueError for one that is none of these."""
        with suppress(FileNotFoundError), self._file.open("rb") as file:
            file.seek(self._position)
            data = file.read()
            whole = data[: data.rfind(b"\n") + 1]
            self._position += len(whole)
            for line in whole.splitlines():
                yield LINE.validate_json(line)
