"""Receiving systems for the tests of environments: one socket for each, which only accepts."""

from __future__ import annotations

import socket
from contextlib import suppress

from epjgate.errors import EnvironmentFailed


class Receivers:
    """A PartnerSite that listens where it was opened; `unfit` is what it then finds out about itself."""

    def __init__(self, *names: str, unfit: str = "") -> None:
        self.opened_at = ""
        self.closed = 0
        self._names = names
        self._unfit = unfit
        self._sockets: list[socket.socket] = []

    @property
    def urls(self) -> dict[str, str]:
        """The URL of each socket."""
        pairs = zip(self._names, self._sockets, strict=False)
        return {name: f"http://{self.opened_at}:{one.getsockname()[1]}" for name, one in pairs}

    @property
    def control_url(self) -> str:
        """Something to be told apart from nothing."""
        return "http://127.0.0.1:1/control" if self.opened_at else ""

    def open(self, address: str) -> None:
        """Listen at `address`, and say so if that is no good."""
        self._sockets = [socket.create_server((address, 0)) for _name in self._names]
        self.opened_at = address
        self.raise_if_unfit()

    def raise_if_unfit(self) -> None:
        """Say what is to be found out, also later."""
        if self._unfit:
            raise EnvironmentFailed("the receiver fmk is unfit", self._unfit, "mend it")

    def close(self) -> None:
        """Stop listening; kept count of."""
        self.closed += 1
        for one in self._sockets:
            with suppress(OSError):
                one.close()
