"""A command of a site in a container: in one of its own, or in that of a service which is kept."""

from __future__ import annotations

import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from docker import DockerClient
from docker.errors import APIError

from epjgate.environments.container_ending import ending
from epjgate.environments.container_stream import Frames, attached, begun
from epjgate.environments.engine import ENGINE_ERRORS
from epjgate.environments.interface import EnvironmentDown, Order
from epjgate.environments.site_command import Ended, Said, Work
from epjgate.model.events import EnvironmentCause, EnvironmentStage

_MARK = "EPJGATE_COMMAND"
_KILLED = 137  # 128 + SIGKILL
_GONE_S = 10.0
_LOOK_EVERY_S = 0.05
_LOOK_LEAST_S = 0.5
# How long a command may go on after its output has come to an end, before the connection must have been cut.
_SILENT_S = 5.0
# The mark is in the environment of the command and of all that it has started.
_KILL = (
    f'for p in /proc/[0-9]*; do grep -qa "{_MARK}=$0" "$p/environ" 2>/dev/null && kill -9 "${{p#/proc/}}"; done; true'
)


@dataclass(frozen=True)
class Surroundings:
    """What commands of one site share; `kept` are the containers that work for them, by id."""

    engine: DockerClient
    order: Order
    service: str
    words: tuple[str, ...]
    kept: tuple[str, ...]


class CommandContainer(ABC):
    """A command that was started in a container, and whose end is awaited."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._engine = around.engine
        self._over = threading.Event()
        self._killed = False
        self._lost = ""

    def take_in(self, frames: Frames) -> Said:
        """Begin to take in what it says, and to await its end."""
        (output, into_output), (complaint, into_complaint) = os.pipe(), os.pipe()
        log = self._around.order.logs / f"{self._around.service}-commands.log"
        readers = (os.fdopen(output, "rb"), os.fdopen(complaint, "rb"))
        said = Said(self._around.words, *readers, log, self._around.order.redactor)
        pump = threading.Thread(
            target=self._await_end, args=(frames, into_output, into_complaint), name="command", daemon=True
        )
        pump.start()
        return said

    def wait(self, limit_s: float) -> bool:
        """Return whether it has ended; see Underway.wait."""
        return self._over.wait(limit_s)

    def work(self) -> Work:
        """Return what all containers have done that work for it; raises one of ENGINE_ERRORS."""
        done = [_work(self._engine, container) for container in {*self.containers(), *self._around.kept}]
        return Work(sum(work.cpu_s for work in done), sum(work.written for work in done))

    def kill(self) -> None:
        """Kill it with all that it has started; see Underway.kill. Raises one of ENGINE_ERRORS."""
        if self._over.is_set():
            return
        self.end()
        self._killed = True
        self._over.wait(_GONE_S)

    def ended(self) -> Ended:
        """Return how it ended; raises EnvironmentDown with stage `run` where somebody else ended it, or nobody knows.

        Raises one of ENGINE_ERRORS.
        """
        if not self._over.is_set():
            raise self.down("cannot be ended", f"it still runs {_GONE_S:g} s after it was killed")
        if self._lost:
            raise self.down("was lost sight of", self._lost)
        code, duration_s = self.outcome()
        by_kill = self._killed and code == _KILLED
        if code != 0 and not by_kill:
            self.raise_if_ended_from_outside(code)
        return Ended(code, f"exit code {code}", duration_s, by_kill)

    @abstractmethod
    def containers(self) -> tuple[str, ...]:
        """Return the container that does the work."""

    @abstractmethod
    def runs(self) -> bool:
        """Return whether it still runs; raises one of ENGINE_ERRORS."""

    @abstractmethod
    def end(self) -> None:
        """Send SIGKILL to it and all that it has started; raises one of ENGINE_ERRORS."""

    @abstractmethod
    def outcome(self) -> tuple[int, float]:
        """Return the exit code, and how long it took in seconds; raises one of ENGINE_ERRORS."""

    @abstractmethod
    def raise_if_ended_from_outside(self, code: int) -> None:
        """Return where the command ended with `code` by itself; raises EnvironmentDown with stage `run` otherwise."""

    def down(
        self,
        what: str,
        cause: str,
        root: EnvironmentCause = EnvironmentCause.ENGINE,
        stage: EnvironmentStage = EnvironmentStage.RUN,
    ) -> EnvironmentDown:
        """Return the error that the surroundings of the command failed."""
        return EnvironmentDown(
            f"`{' '.join(self._around.words)}` {what}",
            cause,
            "run again; give the engine more memory if that was short (`epjgate doctor`)",
            stage=stage,
            root=root,
            service=self._around.service,
        )

    def _await_end(self, frames: Frames, output: int, complaint: int) -> None:
        try:
            for is_complaint, piece in frames:
                _write(complaint if is_complaint else output, piece)
        except (*ENGINE_ERRORS, OSError) as err:
            self._lost = f"not all that it said came here: {err}"
        finally:
            frames.close()
            os.close(output)
            os.close(complaint)
        silent_since = time.monotonic()
        pause_s = _LOOK_EVERY_S / 5
        try:
            while self.runs():
                time.sleep(pause_s)
                pause_s = min(pause_s * 2, _LOOK_LEAST_S)
                if time.monotonic() - silent_since > _SILENT_S:
                    self._lost = "its output came to an end before it did itself"
        except ENGINE_ERRORS as err:
            self._lost = f"the container engine does not answer: {err}"
        self.gone_at = time.monotonic()
        self._over.set()


class OwnContainer(CommandContainer):
    """A command in the container `created` for it, which is started here. The engine itself tells how long it ran."""

    def __init__(self, around: Surroundings, created: str) -> None:
        """Start it; raises EnvironmentDown where its program cannot be run, else one of ENGINE_ERRORS."""
        super().__init__(around)
        self._container = created
        # Before it is started, so that not a word is missed.
        frames = attached(self._engine, created)
        try:
            self._engine.api.start(created)
        except APIError as err:
            frames.close()
            raise _not_started(self, err) from err
        self._started = str(self._state()["StartedAt"])
        self.said = self.take_in(frames)

    def containers(self) -> tuple[str, ...]:
        """Return its own container."""
        return (self._container,)

    def runs(self) -> bool:
        """Return whether its container runs."""
        return bool(self._state()["Running"])

    def end(self) -> None:
        """Kill its container, unless that has just ended."""
        with suppress(APIError):
            self._engine.api.kill(self._container, "SIGKILL")

    def outcome(self) -> tuple[int, float]:
        """Return the exit code of its container, and the time between the engine's own stamps."""
        state = self._state()
        return int(state["ExitCode"]), (_stamp(state["FinishedAt"]) - _stamp(self._started)).total_seconds()

    def raise_if_ended_from_outside(self, code: int) -> None:  # noqa: ARG002 (the port; the engine has it too)
        """Ask the engine who ended it."""
        end = ending(self._engine, self._container, self._started)
        if end is None or end.root is not EnvironmentCause.CRASHED:
            words = end.words if end else "runs again"
            root = end.root if end else EnvironmentCause.KILLED
            raise self.down(words, f"container {self._container[:12]} {words}", root)

    def _state(self) -> Any:
        return self._engine.api.inspect_container(self._container)["State"]


class InsideContainer(CommandContainer):
    """A command in `container`, which runs; its time is that between our asking for it and its end."""

    def __init__(self, around: Surroundings, container: str) -> None:
        """Start it; raises EnvironmentDown where its program cannot be run, else one of ENGINE_ERRORS."""
        super().__init__(around)
        self._container = container
        self._mark = uuid4().hex
        api = self._engine.api
        self._run = api.exec_create(container, list(around.words), environment={_MARK: self._mark})["Id"]
        self._began = time.monotonic()
        try:
            frames = begun(self._engine, self._run)
        except APIError as err:
            raise _not_started(self, err) from err
        self.said = self.take_in(frames)

    def containers(self) -> tuple[str, ...]:
        """Return the container in which it runs."""
        return (self._container,)

    def runs(self) -> bool:
        """Return whether the command runs."""
        return bool(self._engine.api.exec_inspect(self._run)["Running"])

    def end(self) -> None:
        """Kill all processes in the container that bear the mark of the command."""
        killing = self._engine.api.exec_create(self._container, ["sh", "-c", _KILL, self._mark])["Id"]
        self._engine.api.exec_start(killing)

    def outcome(self) -> tuple[int, float]:
        """Return its exit code, and the time until its end was seen."""
        return int(self._engine.api.exec_inspect(self._run)["ExitCode"]), self.gone_at - self._began

    def raise_if_ended_from_outside(self, code: int) -> None:
        """Take a command that was killed, and one that cannot be run, for no end of its own."""
        if code == _KILLED:
            raise self.down("was killed from outside", f"it ended with exit code {code}", EnvironmentCause.KILLED)


def create_container(around: Surroundings, image: str, env: Mapping[str, str], network: str, **more: Any) -> str:
    """Create the container of its own in which a command is going to run; return its id.

    `more` are `binds` and `labels`, as the engine takes them. Raises one of ENGINE_ERRORS.
    """
    api = around.engine.api
    host = api.create_host_config(binds=more["binds"], network_mode=network)
    first, *rest = around.words
    # An image may have a program of its own that starts its server; a command runs by itself.
    made = api.create_container(
        image,
        entrypoint=[first],
        command=rest,
        environment=dict(env),
        host_config=host,
        labels=more["labels"],
        name=f"{network}-command-{uuid4().hex[:8]}",
    )
    return str(made["Id"])


def _work(engine: DockerClient, container: str) -> Work:
    """Return what `container` has done since it was started; what the engine does not count is nothing."""
    seen = engine.api.stats(container, stream=False, one_shot=True)
    used = seen.get("cpu_stats", {}).get("cpu_usage", {}).get("total_usage", 0)
    moved: Sequence[Any] = seen.get("blkio_stats", {}).get("io_service_bytes_recursive") or ()
    written = sum(int(entry["value"]) for entry in moved if str(entry["op"]).lower() == "write")
    return Work(int(used) / 1e9, written)


def _not_started(command: CommandContainer, err: APIError) -> EnvironmentDown:
    root = EnvironmentCause.SET_UP if err.is_client_error() else EnvironmentCause.ENGINE
    return command.down("could not be started", f"the container engine refused: {err}", root, EnvironmentStage.START)


def _write(pipe: int, piece: bytes) -> None:
    while piece:
        piece = piece[os.write(pipe, piece) :]


def _stamp(text: str) -> datetime:
    return datetime.fromisoformat(text)
