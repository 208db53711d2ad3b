"""Runs a release as processes of this machine: installed into its own environment, started in its own folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from epjgate.environments.interface import Listener, Order, Running
from epjgate.environments.process_standing import Processes, described
from epjgate.model.identity import Identity


class ProcessEnvironment:
    """Runs releases as processes that only this machine can reach.

    `cache` keeps what was installed, `state` the ledgers of what runs, `systems` holds the descriptions.
    """

    def __init__(self, cache: Path, state: Path, systems: Path) -> None:
        self._processes = Processes(cache, state, systems)

    @property
    def name(self) -> str:
        """The name of this kind of environment."""
        return "process"

    def identify(self, order: Order, listener: Listener) -> tuple[Identity, ...]:
        """Install `order` where that was not done yet, and return which bits each of its services would run."""
        release, services = described(order)
        with self._processes.ledger(order) as ledger:
            bits = self._processes.bits(order, release, ledger, listener)
        return tuple(map(bits.identity, services))

    def start(self, order: Order, listener: Listener) -> AbstractContextManager[Running]:
        """Start `order` as `Environment.start` promises, its services in the order of their description.

        What a killed run left behind on this machine is cleared away first.
        """
        return self._started(order, listener)

    @contextmanager
    def _started(self, order: Order, listener: Listener) -> Iterator[Running]:
        release, services = described(order)
        self._processes.sweep(order, listener)
        with self._processes.standing(order, release, services, listener) as running:
            yield running
