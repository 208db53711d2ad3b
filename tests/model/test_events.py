"""Events: each is read as what it was, and what nobody knows is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest
from pydantic import ValidationError

from epjgate.model.events import (
    ENTRY,
    Entry,
    EnvironmentBroke,
    EnvironmentCause,
    EnvironmentChecked,
    EnvironmentReady,
    EnvironmentStage,
    Event,
    EvidenceLost,
    Interrupted,
    RunFinished,
    SuitesBroke,
    SuitesFinished,
    TestFinished,
    TestsCollected,
    TestStarted,
)
from epjgate.model.manifest import DigestKind, Identity
from epjgate.model.outcome import Outcome

EVENTS: tuple[Event, ...] = (
    EnvironmentReady(
        environment="process",
        endpoints={"http": "http://a"},
        identities=(Identity(service="desk", reference="tiny==1", digest="", kind=DigestKind.NONE),),
        start_s=0.5,
    ),
    EnvironmentBroke(
        stage=EnvironmentStage.RUN, cause=EnvironmentCause.KILLED, service="desk", problem="p", why="w", fix="f"
    ),
    EnvironmentChecked(services=("desk",)),
    TestsCollected(tests={"a.py::test": "desk"}, errors=("b.py: no",)),
    TestStarted(test="a.py::test", suite="desk"),
    TestFinished(test="a.py::test", suite="desk", title="A", outcome=Outcome.PASSED, duration_s=0.1),
    SuitesFinished(exit_status=0),
    SuitesBroke(problem="p", why="w"),
    EvidenceLost(why="w"),
    Interrupted(signal="SIGINT"),
    RunFinished(left_behind=("process 1",)),
)


def test_every_kind_of_event_is_among_these() -> None:
    """A new kind of event cannot be forgotten below."""
    assert {type(event) for event in EVENTS} == set(get_args(get_args(Event)[0]))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.event)
def test_an_event_is_read_as_it_was_written(event: Event) -> None:
    """One line of JSON holds the whole event, and its kind."""
    entry = Entry(writer="gate", seq=0, at=datetime(2026, 3, 3, tzinfo=UTC), data=event)
    line = ENTRY.dump_json(entry)
    assert b"\n" not in line
    assert ENTRY.validate_json(line) == entry


@pytest.mark.parametrize(
    "data",
    [
        '{"event": "all_is_well"}',
        "{}",
        '{"event": "test_started", "test": "a"}',
        '{"event": "interrupted", "signal": "SIGINT", "by": "me"}',
    ],
)
def test_an_event_that_is_not_understood_is_refused(data: str) -> None:
    """An unknown kind, a missing key and an additional one are errors."""
    line = f'{{"writer": "gate", "seq": 0, "at": "2026-03-03T00:00:00Z", "data": {data}}}'
    with pytest.raises(ValidationError):
        ENTRY.validate_json(line)
