"""A person at a terminal: sees live progress on stderr, and may interrupt."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from epjgate.errors import Interruption

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Terminal:
    """Shows what goes on; the first SIGINT, SIGTERM or SIGHUP raises Interruption, later ones wait till all is stopped.

    Without a terminal on stderr every step is one plain line, so that a build log tells the same story.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[found]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("", total=None, found="")
        self._held = False
        self._late = ""

    def __enter__(self) -> Self:
        # What the caller had ignored stays ignored: nohup means it.
        heard = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._on_signal) for number in heard}
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def step(self, text: str) -> None:
        """Show that `text` has begun."""
        self._progress.update(self._task, description=text, total=None, completed=0, found="")
        if not self._console.is_terminal:
            self._console.print(f"epjgate: {text}", markup=False, highlight=False, soft_wrap=True)

    def tests(self, *, done: int, total: int, not_passed: int) -> None:
        """Show how far the tests have come."""
        found = f"{not_passed} not passed" if not_passed else ""
        self._progress.update(self._task, description="testing", completed=done, total=total, found=found)
        if not self._console.is_terminal and done and (done == total or done % 50 == 0):
            self._console.print(f"epjgate: {done} of {total} tests {found}".rstrip(), markup=False, highlight=False)

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
