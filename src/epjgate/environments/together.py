"""A release and the services that are kept beneath it, as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager

from epjgate.environments.interface import Listener, Order, Running
from epjgate.model.identity import Identity


class Together:
    """What is `kept` and the `release` that stands on it: a Running that is down as soon as one of both is."""

    def __init__(self, kept: Running, release: Running) -> None:
        self._kept = kept
        self._release = release

    @property
    def urls(self) -> Mapping[str, str]:
        """See Running.urls."""
        return {**self._kept.urls, **self._release.urls}

    @property
    def ports(self) -> Mapping[str, Mapping[str, str]]:
        """See Running.ports."""
        return {**self._kept.ports, **self._release.ports}

    @property
    def identities(self) -> tuple[Identity, ...]:
        """See Running.identities."""
        return (*self._kept.identities, *self._release.identities)

    @property
    def disposable(self) -> bool:
        """See Running.disposable."""
        return self._kept.disposable and self._release.disposable

    def run_beside(self, service: str, command: Sequence[str]) -> str:
        """Ask whichever has the service; see Running.run_beside."""
        kept = {identity.service for identity in self._kept.identities}
        return (self._kept if service in kept else self._release).run_beside(service, command)

    def start_earlier(self, order: Order, listener: Listener) -> AbstractContextManager[Running]:
        """Start it beside the release; see Running.start_earlier."""
        return self._release.start_earlier(order, listener)

    def raise_if_down(self) -> None:
        """See Running.raise_if_down."""
        self._kept.raise_if_down()
        self._release.raise_if_down()

    def raise_if_silent(self) -> None:
        """See Running.raise_if_silent."""
        self._kept.raise_if_silent()
        self._release.raise_if_silent()
