"""What every site promises: a place in which releases of one system follow one another on the same data."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from epjgate.environments.interface import EnvironmentDown, Listener, Order, Running
from epjgate.errors import UsageError
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.upgrade import SideCommand


@dataclass(frozen=True)
class Limits:
    """How long a command may run: `stall_s` without any sign of progress, `limit_s` in any case.

    A sign of progress is a line of output, processor time used, or data written, by the command or by a service that is
    kept. After `kill_after_s` it is killed on purpose: a drill.
    """

    stall_s: float
    limit_s: float
    kill_after_s: float | None = None


@dataclass(frozen=True)
class Done:
    """What came of a command: `duration_s` is the time that it took itself, `output` all that it wrote to its output.

    `fault` is empty exactly when it ended with exit code 0, and otherwise says why not, with its last lines, redacted.
    `stalled`: it was ended for want of progress or at its limit; `killed`: it was killed on purpose, and by that only.
    """

    duration_s: float
    output: str
    fault: str = ""
    stalled: bool = False
    killed: bool = False


class Site(Protocol):
    """A place with data that outlasts releases. One thing happens in it at a time; a release may stand meanwhile."""

    def run(
        self, order: Order, command: SideCommand, values: Mapping[str, str], limits: Limits, listener: Listener
    ) -> Done:
        """Run `command` to its end in the surroundings of its service, with the bits of the release `order`.

        `values` are further placeholders. A kept service runs it itself; for another one it need not stand. What the
        command says goes to `<service>-commands.log`, redacted, and its newest line to `listener` now and then.
        Raises EnvironmentDown where the surroundings fail: the bits are not to be had, somebody else killed it, a kept
        service is down. UsageError for a placeholder that is not known.
        """

    def serve(self, order: Order, listener: Listener) -> AbstractContextManager[Running]:
        """Start the release `order` on the data, as `Environment.start` does; all URLs are the same every time."""

    def empty(self) -> None:
        """Bring the data back to what it was when the site was opened; no release may stand."""

    def save(self, key: str) -> None:
        """Keep a snapshot of the data, which outlasts the site, under `key`; no release may stand.

        Whatever was kept under `key` already stays: a key names one content. Raises EnvironmentDown where it fails.
        """

    def load(self, key: str) -> bool:
        """Bring back the data that is kept under `key`, `${backup}` empty; return False where nothing is kept."""


class Sites(Protocol):
    """Opens sites, as processes or as containers."""

    @property
    def name(self) -> str:
        """`process` or `container`."""

    def open(self, order: Order, listener: Listener) -> AbstractContextManager[Site]:
        """Open a site for releases of `order.system`; partners, and the services that are kept, stand while it lasts.

        What dead runs left is cleared away first. The kept services run the bits of `order`. At the end everything is
        removed, whatever happened. Raises EnvironmentDown as `Environment.start` does.
        """


def kept_in(order: Order, services: Mapping[str, object]) -> tuple[str, ...]:
    """Return which of `services` stay up from release to release."""
    keeps = order.system.upgrade.keeps if order.system.upgrade else ()
    return tuple(name for name in services if name in keeps)


def scripts_of(order: Order, systems: Path) -> Path | None:
    """Return the folder that `${scripts}` stands for, None where the system names none; UsageError for one missing."""
    if order.system.upgrade is None or not order.system.upgrade.scripts:
        return None
    folder = (systems / order.system.name / order.system.upgrade.scripts).resolve()
    if folder.is_dir():
        return folder
    raise UsageError(
        f"{order.system.name} cannot be upgraded as described",
        f"upgrade.scripts names {order.system.upgrade.scripts!r}, and {folder} is no folder",
        "correct the name, or add the folder beside system.toml",
    )


def unknown_service(order: Order, command: SideCommand, environment: str) -> EnvironmentDown:
    """Return the error that `command` names a service that does not exist in `environment`."""
    return EnvironmentDown(
        f"`{' '.join(command.command)}` cannot be run",
        f"{order.system.name} has no service {command.service} in the environment {environment}",
        f"name one of its services there under upgrade.{environment}",
        stage=EnvironmentStage.PREPARE,
        root=EnvironmentCause.SET_UP,
        service=command.service,
    )


def raise_if_served(*, served: bool) -> None:
    """Data on which a release stands must neither be copied nor taken away from under it."""
    if served:
        raise RuntimeError("the data of a site was to be changed or copied while a release stood on it")
