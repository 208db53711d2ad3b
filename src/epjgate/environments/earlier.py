"""The release before the candidate, beside it on the database that the candidate has migrated.

What comes of it is part of what is tested: a release that ends or stays silent there tells of the candidate's database.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from epjgate.environments.interface import EnvironmentDown, Listener, Order, Running
from epjgate.environments.reach import endpoints_of
from epjgate.errors import UsageError
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.identity import Identity
from epjgate.model.system import EarlierRelease
from epjgate.model.target import Earlier

_BY_ITSELF = frozenset({EnvironmentCause.CRASHED, EnvironmentCause.UNREACHABLE})


@dataclass(frozen=True)
class Beside:
    """What became of the earlier release: `running` is None where it did not come up, and `told` says why."""

    told: Earlier
    running: Running | None = None

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Which bits it runs, where it does."""
        return self.running.identities if self.running is not None else ()

    def raise_if_taken(self) -> None:
        """Return while nobody has taken it away; raises EnvironmentDown where it was killed, or its engine is gone.

        One that ended by itself is left to the tests: they find it gone, and that speaks of the candidate's database.
        """
        if self.running is None:
            return
        try:
            self.running.raise_if_down()
        except EnvironmentDown as err:
            if err.root not in _BY_ITSELF:
                raise


@contextmanager
def earlier_beside(candidate: Running, order: Order, listener: Listener) -> Iterator[Beside]:
    """The release `order` stands on the database of `candidate` while the context lasts, or did not come up there.

    Raises EnvironmentDown where that cannot be tried: the release is not to be had, or its surroundings failed.
    """
    listener.step(f"starting {order.system.name} {order.version} on the database of the candidate")
    log = str(order.logs / f"{earlier_release_of(order).service}.log")
    with ExitStack() as stack:
        try:
            running = stack.enter_context(candidate.start_earlier(order, listener))
        except EnvironmentDown as err:
            if not _speaks_of_the_database(err):
                raise
            fault = order.redactor.text(f"{err.problem}\n{err.cause}")
            beside = Beside(Earlier(release=order.version, fault=fault, log=log))
        else:
            endpoints = endpoints_of(order.system, running)
            beside = Beside(Earlier(release=order.version, endpoints=endpoints, log=log), running)
        yield beside


def earlier_release_of(order: Order) -> EarlierRelease:
    """Return how the release `order` runs beside a later one; raises UsageError where its system does not say so."""
    if order.system.earlier_release is not None:
        return order.system.earlier_release
    raise UsageError(
        f"{order.system.name} {order.version} cannot be started on the database of another release",
        "the description of the system does not say how",
        "add a table earlier_release to its system.toml",
    )


def _speaks_of_the_database(err: EnvironmentDown) -> bool:
    """Whether the release was started and did not come up by itself; notes say that something of it was left behind."""
    came_up = err.stage is EnvironmentStage.START and err.root in _BY_ITSELF
    return came_up and not getattr(err, "__notes__", ())
