"""What every environment promises."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from epjgate.errors import EnvironmentFailed
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.manifest import Identity
from epjgate.model.redaction import Redactor
from epjgate.model.system import Release, System


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


@dataclass(frozen=True)
class Order:
    """What is to be started: this release of this system, for this run.

    `logs` is the folder that receives `<service>.log`, redacted line by line while it is written.
    """

    run_id: str
    system: System
    version: str
    release: Release
    logs: Path
    redactor: Redactor


class Running(Protocol):
    """A candidate that is up: every service has answered its readiness request."""

    @property
    def urls(self) -> Mapping[str, str]:
        """Base URL of each service, by name, without a trailing slash."""

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Which bits each service runs."""

    @property
    def disposable(self) -> bool:
        """Whether suites may create and destroy data in it."""

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

    def start(self, order: Order, listener: Listener) -> AbstractContextManager[Running]:
        """Start what `order` names and return it once it is ready; leaving the context stops and removes all of it.

        Raises EnvironmentDown with stage `prepare` or `start`, the last log lines in its cause. Whatever had been
        started by then is gone when the error arrives; an interruption cleans up likewise.
        """
