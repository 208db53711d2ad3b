"""Tells whether a container still stands, and otherwise who ended it: the candidate, somebody else, or the engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from docker import DockerClient
from docker.errors import NotFound

from epjgate.environments.engine import ENGINE_ERRORS
from epjgate.model.events import EnvironmentCause

# 128 + SIGKILL and 128 + SIGTERM: no program chooses these itself.
_SIGNALLED = {137: "SIGKILL", 143: "SIGTERM"}
_EVENTS_MARGIN_S = 2


@dataclass(frozen=True)
class Ending:
    """How a container came to its end, in words that follow the service's name."""

    root: EnvironmentCause
    words: str


def started_at(engine: DockerClient, container: str) -> str:
    """Return the engine's own time stamp of the container's start; raises one of ENGINE_ERRORS."""
    return str(engine.api.inspect_container(container)["State"]["StartedAt"])


def ending(engine: DockerClient, container: str, started: str) -> Ending | None:
    """Return None while `container` runs as it was `started`, otherwise what became of it; never raises.

    Only an end that the engine recorded, and that nobody asked for, counts as a crash of the candidate.
    """
    try:
        state = engine.api.inspect_container(container)["State"]
        if state["Running"]:
            return _disturbed(state, started)
        return _ended(engine, container, state)
    except NotFound:
        return Ending(EnvironmentCause.KILLED, "was removed from outside")
    except ENGINE_ERRORS as err:
        return Ending(EnvironmentCause.ENGINE, f"is out of reach, as the container engine does not answer ({err}),")


def _disturbed(state: Any, started: str) -> Ending | None:
    if state["Paused"]:
        return Ending(EnvironmentCause.KILLED, "was paused from outside")
    if state["StartedAt"] != started:
        return Ending(EnvironmentCause.KILLED, "was restarted from outside")
    return None


def _ended(engine: DockerClient, container: str, state: Any) -> Ending:
    code = int(state["ExitCode"])
    if state["OOMKilled"]:
        return Ending(EnvironmentCause.KILLED, f"was killed for want of memory (exit code {code})")
    if code in _SIGNALLED:
        return Ending(EnvironmentCause.KILLED, f"was killed from outside with {_SIGNALLED[code]} (exit code {code})")
    actions = _recorded_actions(engine, container, state)
    if actions & {"kill", "stop"}:
        return Ending(EnvironmentCause.KILLED, f"was stopped from outside (exit code {code})")
    if "die" not in actions:
        unseen = f"ended unseen (exit code {code}), with the container engine that was restarted"
        return Ending(EnvironmentCause.ENGINE, unseen)
    return Ending(EnvironmentCause.CRASHED, f"ended by itself with exit code {code}")


def _recorded_actions(engine: DockerClient, container: str, state: Any) -> frozenset[str]:
    """Return what the engine remembers of the container up to its end: a request to end it comes before the end."""
    actions = set()
    events = engine.api.events(
        since=_seconds(state["StartedAt"]) - _EVENTS_MARGIN_S,
        until=_seconds(state["FinishedAt"]) + _EVENTS_MARGIN_S,
        filters={"container": container},
        decode=True,
    )
    for event in events:
        actions.add(str(event.get("Action", "")))
        if "die" in actions:
            break
    return frozenset(actions)


def _seconds(stamp: str) -> int:
    """Return a time stamp of the engine (RFC 3339) as Unix seconds; its zero time, year 1, as the epoch."""
    return max(int(datetime.fromisoformat(stamp).astimezone(UTC).timestamp()), _EVENTS_MARGIN_S)
