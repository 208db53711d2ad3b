"""Events: each is read as what it was, and what nobody knows is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest
from pydantic import ValidationError
from tests.builders import availability, window_forecast

from epjgate.model.contract_change import ContractChange, Grade, Kind
from epjgate.model.events import (
    ENTRY,
    ContractsCompared,
    ContractsNotCompared,
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
    SurfaceTaken,
    TestFinished,
    TestsCollected,
    TestStarted,
)
from epjgate.model.identity import DigestKind, Identity
from epjgate.model.outcome import Outcome
from epjgate.model.rehearsal import Census, CensusChange, StepOutcome, Tally
from epjgate.model.rehearsal_events import CensusTaken, StepBegan, StepEnded, WindowForecasted, WindowNotForecasted

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
    ContractsCompared(
        baseline=SurfaceTaken(version="1", digest="", file="surfaces/baseline.json", absent={"hl7v2": "none"}),
        candidate=SurfaceTaken(version="2", digest="d", file="surfaces/candidate.json", refused=("a step",)),
        changes=(
            ContractChange(
                interface="hl7v2",
                kind=Kind.ADDED,
                place="in:ADT^A08",
                grade=Grade.SAFE,
                rule="diff-hl7v2-message-added",
                says="It is new.",
            ),
        ),
    ),
    ContractsNotCompared(release="1", problem="p", why="w", fix="f"),
    StepBegan(step="t1.s1"),
    StepEnded(step="t1.s1", outcome=StepOutcome.FAILED, duration_s=0.5, problem="p", why="w"),
    CensusTaken(
        step="t1.s1",
        census=Census(patients=1, kinds={"Patient": Tally(count=1, digest="d")}, audit_entries=2),
        changes=(CensusChange(what="patients", before="2", after="1"),),
    ),
    availability(),
    WindowForecasted(forecast=window_forecast()),
    WindowNotForecasted(problem="p", why="w", fix="f"),
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
