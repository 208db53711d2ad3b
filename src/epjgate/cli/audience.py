"""A person at a terminal: sees live progress on stderr, and may interrupt."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Protocol, Self

import typer

from epjgate.errors import Interruption

if TYPE_CHECKING:
    from rich.console import Console

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Display(Protocol):
    """How it is shown what goes on."""

    def open(self) -> None: ...
    def close(self) -> None: ...
    def step(self, text: str) -> None: ...
    def count(self, done: int, total: int, what: str, found: str) -> None: ...


class _BuildLog:
    """One plain line a step, and one for every fiftieth that is done."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def open(self) -> None:
        """There is nothing to begin."""

    def close(self) -> None:
        """What was said stays."""

    def step(self, text: str) -> None:
        self._say(f"epjgate: {text}")

    def count(self, done: int, total: int, what: str, found: str) -> None:
        if done and (done == total or done % 50 == 0):
            self._say(f"epjgate: {done} of {total} {what} {found}".rstrip())


def _display_on(console: Console | None) -> _Display:
    """Return what shows progress on `console`, stderr where it is None; rich is slow to import, and no log needs it."""
    if console is None and not sys.stderr.isatty():
        return _BuildLog(partial(typer.echo, err=True))
    from rich.console import Console

    from epjgate.cli.progress_bar import ProgressBar

    shown = console or Console(stderr=True)
    if shown.is_terminal:
        return ProgressBar(shown)
    return _BuildLog(partial(shown.print, markup=False, highlight=False, soft_wrap=True))


class Terminal:
    """Shows what goes on; the first SIGINT, SIGTERM or SIGHUP raises Interruption, later ones wait till all is stopped.

    Without a terminal on stderr every step is one plain line, so that a build log tells the same story.
    """

    def __init__(
        self,
        console: Console | None = None,
        *,
        when_testing: Callable[[], object] = lambda: None,
        counted: str = "tests",
        amiss: str = "not passed",
    ) -> None:
        """Without a `console` it is stderr. `when_testing` is called once the suites run, then often: it is quick.

        What is counted, and which of it stands out, may be something else than tests that did not pass.
        """
        self._counted, self._amiss = counted, amiss
        self._display = _display_on(console)
        self._when_testing = when_testing
        self._held = False
        self._late = ""

    def __enter__(self) -> Self:
        # What the caller had ignored stays ignored: nohup means it.
        heard = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._on_signal) for number in heard}
        self._display.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._display.close()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def step(self, text: str) -> None:
        """Show that `text` has begun."""
        self._display.step(text)

    def tests(self, *, done: int, total: int, not_passed: int) -> None:
        """Show how far the tests have come."""
        self._when_testing()
        found = f"{not_passed} {self._amiss}" if not_passed else ""
        self._display.count(done, total, self._counted, found)

    def hold(self) -> str:
        """Let no signal interrupt from now on; return the name of one that came since, or nothing."""
        self._held = True
        late, self._late = self._late, ""
        return late

    def _on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature is signal's
        name = signal.Signals(number).name
        if self._held:
            self._late = self._late or name
            return
        self._held = True
        raise Interruption(name)
