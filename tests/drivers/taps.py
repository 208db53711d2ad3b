"""A tap that does what a test says."""

from __future__ import annotations

from collections.abc import Callable

from epjgate.model.wire import Asked, Got


class Tap:
    """Hands every answer to `change`, and keeps what was asked."""

    def __init__(self, change: Callable[[Got], Got]) -> None:
        self._change = change
        self.asked: list[Asked] = []

    def exchange(self, asked: Asked, send: Callable[[], Got]) -> Got:
        """See epjgate.model.wire.Tap."""
        self.asked.append(asked)
        return self._change(send())
