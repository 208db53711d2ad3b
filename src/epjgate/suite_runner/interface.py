"""What every way of running the suites promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from epjgate.evidence.layout import Layout
from epjgate.model.redaction import Redactor
from epjgate.model.target import Target
from epjgate.suite_runner.catalogue import Suite


class Progress(Protocol):
    """Is told how far the tests have come, for a person who waits."""

    def tests(self, *, done: int, total: int, not_passed: int) -> None:
        """Take note: `done` of `total` tests have ended, `not_passed` of them otherwise than passed.

        The first call says 0 of 0: the suites have been started, and how many tests there are is not yet known.
        """


class Book(Protocol):
    """Knows which processes were started, so that none is left behind even by a gate that is killed."""

    @property
    def mark(self) -> Mapping[str, str]:
        """Environment variables that every process must be given."""

    def record_process(self, pid: int) -> None:
        """Take note of a process that has just been started as leader of its own group."""

    def clear(self) -> tuple[str, ...]:
        """End every process that still runs; return in words what could not be ended."""


class SuiteRunner(Protocol):
    """Runs suites against a started candidate."""

    def run(
        self,
        suites: Sequence[Suite],
        target: Target,
        layout: Layout,
        *,
        redactor: Redactor,
        while_up: Callable[[], None],
        progress: Progress,
    ) -> None:
        """Run `suites` against `target` and return when all have ended; what they saw is in the bundle at `layout`.

        `while_up` is asked several times a second; whatever it raises ends the suites at once and is raised again,
        as is an interruption. Raises SuitesFailed when the suites could not come to their own end. Nothing that was
        started runs on afterwards.
        """
