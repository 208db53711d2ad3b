"""Shows progress in place: one line that changes, for a person at a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class ProgressBar:
    """What goes on, how much of it is done, and for how long; nothing of it stays when it is closed."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[found]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task("", total=None, found="")

    def open(self) -> None:
        """Begin to show it."""
        self._progress.start()

    def close(self) -> None:
        """Take it away."""
        self._progress.stop()

    def step(self, text: str) -> None:
        """Show that `text` has begun."""
        self._progress.update(self._task, description=text, total=None, completed=0, found="")

    def count(self, done: int, total: int, what: str, found: str) -> None:  # noqa: ARG002 - the bar says what
        """Show that `done` of `total` are done, and what was `found`."""
        self._progress.update(self._task, description="testing", completed=done, total=total, found=found)
