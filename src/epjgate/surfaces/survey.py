"""Starts a release for its surface alone, or remembers what was taken of the same bits before."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from epjgate.environments.interface import Environment, Listener, Order, Running
from epjgate.environments.reach import target_of
from epjgate.model.redaction import Redactor
from epjgate.model.system import System
from epjgate.model.target import Target
from epjgate.surfaces.shelf import Shelf
from epjgate.surfaces.taking import Standing, Taken, parts_missing, take_surface


@dataclass(frozen=True)
class Survey:
    """Takes surfaces of releases in `environment`; what is on the `shelf` is not asked again, where there is one."""

    environment: Environment
    shelf: Shelf | None = None

    def surface(self, order: Order, listener: Listener, until_stopped: ExitStack) -> Taken:
        """Return the surface of what `order` names; if it has to be started, `until_stopped` stops it.

        Raises EnvironmentDown where it cannot be had.
        """
        if self.shelf is None:
            return self._asked(order, listener, until_stopped)[0]
        identities = self.environment.identify(order, listener)
        kept = self.shelf.find(order.system, self.environment.name, identities)
        if kept is not None:
            listener.step(f"the surface of {order.system.name} {order.version} is known from before")
            return kept
        taken, standing = self._asked(order, listener, until_stopped)
        missing = tuple(parts_missing(order.system, standing.target, disposable=standing.running.disposable))
        self.shelf.keep(order.system, self.environment.name, standing.running.identities, taken, missing)
        return taken

    def _asked(self, order: Order, listener: Listener, until_stopped: ExitStack) -> tuple[Taken, Standing]:
        if order.partners is not None:
            until_stopped.callback(order.partners.close)
        listener.step(f"starting {order.system.name} {order.version} for its surface ({self.environment.name})")
        running = until_stopped.enter_context(self.environment.start(order, listener))
        target = target_of(order, self.environment.name, running)
        standing = standing_of(target, running, order.system, order.redactor)
        listener.step(f"taking the surface of {order.system.name} {order.version}")
        taken = take_surface(standing)
        running.raise_if_silent()
        return taken, standing


def standing_of(target: Target, running: Running, system: System, redactor: Redactor) -> Standing:
    """Return a release that stands, with what its receivers heard at hand."""
    from epjgate.partners.client import Partners

    partners = Partners(target.partners) if target.partners else None
    return Standing(target, running, system, redactor, partners)
