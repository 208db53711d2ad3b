"""Keeps the exchanges and steps of the test that runs now."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from epjgate.model.exchange import Exchange
from epjgate.model.redaction import Redactor
from epjgate.model.wire import Asked, Got, Tap

StepHook = Callable[[str], AbstractContextManager[None]]


def _unheard(_title: str) -> AbstractContextManager[None]:
    return nullcontext()


class Recorder:
    """Collects redacted exchanges from any thread; `keep` bounds how many of one test are held, the count goes on.

    `step_hook` is entered around every step, so that a reporter can show it. `tap` stands between the candidate and
    every driver that records here, None where nobody does: what it changes, the tests see and the record holds.
    """

    def __init__(self, redactor: Redactor, *, keep: int = 500, step_hook: StepHook = _unheard) -> None:
        self.redactor = redactor
        self._keep = keep
        self._lock = threading.Lock()
        self._exchanges: list[Callable[[], Exchange]] = []
        self._count = 0
        self._step_hook = step_hook
        self.tap: Tap | None = None

    @property
    def count(self) -> int:
        """How many exchanges were made since the last `reset`."""
        return self._count

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The exchanges held since the last `reset`, oldest first; they are made now, so ask once."""
        with self._lock:
            held = tuple(self._exchanges)
        return tuple(make() for make in held)

    def record(self, make: Callable[[], Exchange]) -> None:
        """Take in one exchange by what makes it, redacted: only those of tests that did not pass are ever made."""
        with self._lock:
            self._count += 1
            if len(self._exchanges) < self._keep:
                self._exchanges.append(make)

    def tapped(self, asked: Asked, send: Callable[[], Got]) -> Got:
        """Return the answer to `asked` as the tap hands it on; without a tap it is what `send` returns."""
        return send() if self.tap is None else self.tap.exchange(asked, send)

    def reset(self) -> None:
        """Forget everything: a new test begins."""
        with self._lock:
            self._exchanges.clear()
            self._count = 0

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Mark what happens inside as one step, in the clinic's words."""
        with self._step_hook(self.redactor.text(title)):
            yield
