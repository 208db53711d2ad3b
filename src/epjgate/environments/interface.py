"""What every environment promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from epjgate.errors import EnvironmentFailed
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.identity import Identity
from epjgate.model.redaction import Redactor
from epjgate.model.system import Release, System

COMMAND_LIMIT_S = 30.0
"""How long a command that is run beside a service may take."""


class EnvironmentDown(EnvironmentFailed):
    """The environment could not be had or did not last: at which stage, for which root cause, at which service."""

    def __init__(
        self,
        problem: str,
        cause: str,
        fix: str,
        *,
        stage: EnvironmentStage,
        root: EnvironmentCause,
        service: str = "",
    ) -> None:
        super().__init__(problem, cause, fix)
        self.stage = stage
        self.root = root
        self.service = service


class Listener(Protocol):
    """Is told what goes on, for a person who waits."""

    def step(self, text: str) -> None:
        """Take note that `text` has begun, for example `installing sekmet 0.1.1`."""


class PartnerSite(Protocol):
    """The receiving systems that the candidate sends to, played by the gate; nothing runs before it is opened."""

    def open(self, address: str) -> None:
        """Serve every partner at the local IP `address`, after each has shown that it takes good and refuses bad.

        Raises an EnvironmentFailed where that cannot be had.
        """

    @property
    def urls(self) -> Mapping[str, str]:
        """The URL of each partner, by name, as the candidate is to use it; empty until it is open."""

    @property
    def control_url(self) -> str:
        """Where tests ask what partners received; empty until it is open."""

    def raise_if_unfit(self) -> None:
        """Return while all of them judged and kept what came to them; raises an EnvironmentFailed otherwise."""

    def close(self) -> None:
        """End all of it; one that was never opened, or is closed already, stays as it is."""


@dataclass(frozen=True)
class Order:
    """What is to be started: this release of this system, for this run.

    `logs` is the folder that receives `<service>.log`, redacted line by line while it is written. `partners`, where
    the system names any, are opened by the environment and closed by whoever made them.
    """

    run_id: str
    system: System
    version: str
    release: Release
    logs: Path
    redactor: Redactor
    partners: PartnerSite | None = None


class Running(Protocol):
    """A candidate that is up: every service has answered its readiness request."""

    @property
    def urls(self) -> Mapping[str, str]:
        """Base URL of each service that speaks HTTP to the suites, by name, without a trailing slash."""

    @property
    def ports(self) -> Mapping[str, Mapping[str, str]]:
        """`host:port` of every further port at which a service can be reached, by service and name of the port."""

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Which bits each service runs."""

    @property
    def disposable(self) -> bool:
        """Whether suites may create and destroy data in it."""

    def run_beside(self, service: str, command: Sequence[str]) -> str:
        """Run `command` to its end in the surroundings of `service`, and return what it wrote to its output.

        Surroundings are its programs, environment variables and files. Raises EnvironmentFailed where that cannot be
        done here, and where the command ends with another exit code than 0 or not within COMMAND_LIMIT_S.
        """

    def start_earlier(self, order: Order, listener: Listener) -> AbstractContextManager[Running]:
        """Start what `order.system.earlier_release` describes of the release `order`, on this one's database.

        It sends to the receivers of this one, stands while the context lasts, and must be left before this one is.
        Raises EnvironmentDown as `Environment.start` does; what came up neither ended nor answered as declared has
        the stage `start` and the root `crashed` or `unreachable`. UsageError where nothing describes it.
        """

    def raise_if_down(self) -> None:
        """Return while every service stands; cheap enough to be asked several times a second.

        Raises EnvironmentDown with stage `run` and the root cause otherwise.
        """

    def raise_if_silent(self) -> None:
        """Ask every service its readiness request once more; raises EnvironmentDown if one does not answer."""


class Environment(Protocol):
    """A way to run releases: as processes, as containers, or where they already run."""

    @property
    def name(self) -> str:
        """`process`, `container` or `remote`."""

    def identify(self, order: Order, listener: Listener) -> tuple[Identity, ...]:
        """Return which bits each service would run if `order` were started now; nothing of it is started.

        Raises EnvironmentDown with stage `prepare` as `start` does.
        """

    def start(self, order: Order, listener: Listener) -> AbstractContextManager[Running]:
        """Start what `order` names and return it once it is ready; leaving the context stops and removes all of it.

        Raises EnvironmentDown with stage `prepare` or `start`, the last log lines in its cause. Whatever had been
        started by then is gone when the error arrives; an interruption cleans up likewise.
        """


def not_run(service: str, command: Sequence[str], cause: str) -> EnvironmentFailed:
    """Return the error that `command` could not be run beside `service` to a good end."""
    return EnvironmentFailed(
        f"`{' '.join(command)}` did not do its work beside {service}",
        cause,
        "run the command by hand where the service runs, and correct it in the system's description",
    )
