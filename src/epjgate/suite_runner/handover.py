"""How the suites and a rehearsal hand the system to each other: each part of a crossing test has its release."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from uuid import uuid4

from pydantic import ValidationError

from epjgate.errors import SuitesFailed
from epjgate.evidence.bundle import write_whole
from epjgate.model.base import Value

_POLL_S = 0.05


class Part(StrEnum):
    """The parts of a crossing test, in their order: on the old release, on the candidate, on the old release again."""

    BEFORE = "before"
    AFTER = "after"
    BACK = "back"

    @property
    def release(self) -> str:
        """In words, which release stands while the part runs."""
        return _RELEASES[self]


_RELEASES = {
    Part.BEFORE: "the release before the upgrade",
    Part.AFTER: "the candidate after the upgrade",
    Part.BACK: "the old release after the rollback",
}


class Answer(Value):
    """Whether the release of a part stands, and where it does not, why."""

    go: bool
    why: str = ""


class _Question(Value):
    id: str


class _Reply(Value):
    question: str
    answer: Answer


class Handover:
    """A folder through which two processes take turns: the suites ask for the release of a part, a rehearsal answers.

    The suites are a child of the rehearsal. An answer belongs to its question: none can be given, or lie there from
    an earlier run, before the suites have asked.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parent = os.getppid()

    def ask(self, part: Part) -> Answer:
        """Say that all tests of the parts before `part` have ended, and return what is answered, however late.

        A rehearsal that is gone, a folder that is gone and an answer that cannot be read are a no. An interruption
        ends the waiting at once. Raises SuitesFailed where the question cannot be written.
        """
        question = _Question(id=uuid4().hex)
        try:
            write_whole(self._asked(part), question.model_dump_json(), durable=False)
        except OSError as err:
            raise SuitesFailed(
                f"nobody can be asked for {part.release}", f"{err}", "free disk space, then rehearse"
            ) from err
        answered = self._answered(part)
        while not answered.is_file():
            if os.getppid() != self._parent or not self._folder.is_dir():
                return Answer(go=False, why=f"the rehearsal ended before {part.release} stood")
            time.sleep(_POLL_S)
        try:
            reply = _Reply.model_validate_json(answered.read_bytes())
        except (OSError, ValidationError) as err:
            return Answer(go=False, why=f"what the rehearsal answered cannot be read: {err}")
        if reply.question != question.id:
            return Answer(go=False, why="what the rehearsal answered belongs to another question")
        return reply.answer

    def answer(self, part: Part, *, go: bool, why: str = "") -> None:
        """Let the tests of `part` begin, or say why they cannot; after a no, nothing more is asked.

        Raises SuitesFailed where nobody has asked, and where the answer cannot be written.
        """
        try:
            question = _Question.model_validate_json(self._asked(part).read_bytes())
            reply = _Reply(question=question.id, answer=Answer(go=go, why=why))
            write_whole(self._answered(part), reply.model_dump_json(), durable=False)
        except (OSError, ValidationError) as err:
            raise SuitesFailed(
                f"the suites cannot be told of {part.release}",
                f"{type(err).__name__}: {err}",
                "wait until they have asked; free disk space, then rehearse again",
            ) from err

    def wait_asked(self, part: Part, raise_if_over: Callable[[], None]) -> None:
        """Return once the suites ask for `part`; `raise_if_over` is asked several times a second, and may end the wait.

        It must raise once the suites have ended: suites that never get to run, as ones that cannot be collected, never
        ask. All others ask for every part, whether a test has it or not, until one is refused.
        """
        while not self._asked(part).is_file():
            raise_if_over()
            time.sleep(_POLL_S)

    def _asked(self, part: Part) -> Path:
        return self._folder / f"{part}.asked.json"

    def _answered(self, part: Part) -> Path:
        return self._folder / f"{part}.answered.json"
