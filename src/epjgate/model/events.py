"""The events of a run, as the journal keeps them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from epjgate.model.base import Value
from epjgate.model.contract_change import ContractChange, Interface
from epjgate.model.identity import Identity
from epjgate.model.outcome import Outcome
from epjgate.model.rehearsal_events import (
    AvailabilitySeen,
    CensusTaken,
    StepBegan,
    StepEnded,
    WindowForecasted,
    WindowNotForecasted,
)


class Level(StrEnum):
    """How binding a requirement is (RFC 2119: MUST and SHALL, SHOULD)."""

    SHALL = "shall"
    SHOULD = "should"


class Severity(StrEnum):
    """How much harm a fault of this kind can do to patients, worst first (the names are Allure's)."""

    BLOCKER = "blocker"
    CRITICAL = "critical"
    NORMAL = "normal"
    MINOR = "minor"
    TRIVIAL = "trivial"


class Requirement(Value):
    """A rule that a test pins: the specification, the section in it, and how binding it is.

    `rule` is its id in `contracts/`, empty for one that is not written down there.
    """

    specification: str
    section: str
    level: Level = Level.SHALL
    url: str = ""
    rule: str = ""


class Fault(Value):
    """Why a test did not pass; `fingerprint` is equal for the same fault at the same place in another run."""

    kind: str
    message: str
    location: str
    fingerprint: str
    trace: str = ""


class EnvironmentStage(StrEnum):
    """When an environment failed."""

    PREPARE = "prepare"
    START = "start"
    RUN = "run"
    STOP = "stop"


class EnvironmentCause(StrEnum):
    """What made an environment fail.

    `crashed`: a service of the candidate ended by itself after it had been ready. `killed`: something outside ended it.
    """

    CRASHED = "crashed"
    KILLED = "killed"
    UNREACHABLE = "unreachable"
    ENGINE = "engine"
    SET_UP = "set_up"


class EarlierRelease(Value):
    """The release before the candidate, on the candidate's database; `fault` says why it did not come up there."""

    release: str
    identities: tuple[Identity, ...] = ()
    fault: str = ""


class EnvironmentReady(Value):
    """Every service answered a real request; `endpoints` maps interface names to base URLs.

    `earlier` is the release that stands beside the candidate, None where no suite asked for it or there is none.
    """

    event: Literal["environment_ready"] = "environment_ready"
    environment: str
    endpoints: dict[str, str]
    identities: tuple[Identity, ...]
    start_s: float
    earlier: EarlierRelease | None = None


class EnvironmentBroke(Value):
    """The environment could not be had or did not last; written once, for the root cause."""

    event: Literal["environment_broke"] = "environment_broke"
    stage: EnvironmentStage
    cause: EnvironmentCause
    service: str
    problem: str
    why: str
    fix: str


class EnvironmentChecked(Value):
    """After the last test every service still answered."""

    event: Literal["environment_checked"] = "environment_checked"
    services: tuple[str, ...]


class TestsCollected(Value):
    """The tests that are to run, node id -> suite; `errors` are files that could not be collected."""

    __test__ = False
    event: Literal["tests_collected"] = "tests_collected"
    tests: dict[str, str]
    errors: tuple[str, ...] = ()


class TestStarted(Value):
    """A test began; without a matching `test_finished` it counts as unfinished."""

    __test__ = False
    event: Literal["test_started"] = "test_started"
    test: str
    suite: str


class TestFinished(Value):
    """A test ended; `assertions` and `exchanges` count what was really checked and asked.

    `incident` is the past incident that it is the test of, empty for any other test. `attempt` counts from 1 where
    a session runs each test several times.
    """

    __test__ = False
    event: Literal["test_finished"] = "test_finished"
    test: str
    suite: str
    title: str
    outcome: Outcome
    duration_s: float
    assertions: int = 0
    exchanges: int = 0
    severity: Severity = Severity.NORMAL
    requirements: tuple[Requirement, ...] = ()
    capabilities: tuple[str, ...] = ()
    reason: str = ""
    owner: str = ""
    fault: Fault | None = None
    exchanges_file: str = ""
    worker: str = ""
    incident: str = ""
    attempt: int = 1


class SurfaceTaken(Value):
    """The surface of one release, kept in `file` of the bundle; `digest` names what ran, empty where nothing did.

    `absent` are the interfaces at which nothing could be had, or not all, with the reason; `refused` what the release
    did not do when its messages were elicited.
    """

    version: str
    digest: str
    file: str
    absent: dict[Interface, str] = {}
    refused: tuple[str, ...] = ()


class ContractsCompared(Value):
    """What the candidate changed since the baseline, worst first; nothing where it changed nothing.

    `not_elicited` are the steps after which the two could not be compared, by title, with the reason.
    """

    event: Literal["contracts_compared"] = "contracts_compared"
    baseline: SurfaceTaken
    candidate: SurfaceTaken
    changes: tuple[ContractChange, ...]
    not_elicited: dict[str, str] = {}


class ContractsNotCompared(Value):
    """The surface of `release` could not be had, so nobody knows what changed."""

    event: Literal["contracts_not_compared"] = "contracts_not_compared"
    release: str
    problem: str
    why: str
    fix: str


class SuitesFinished(Value):
    """pytest came to its own end; `exit_status` is kept for the record and judged by nobody."""

    event: Literal["suites_finished"] = "suites_finished"
    exit_status: int


class SuitesBroke(Value):
    """The process that runs the suites ended before its own end, or could not go on."""

    event: Literal["suites_broke"] = "suites_broke"
    problem: str
    why: str


class EvidenceLost(Value):
    """Something could not be written down, for want of disk or otherwise."""

    event: Literal["evidence_lost"] = "evidence_lost"
    why: str


class Interrupted(Value):
    """Somebody asked the run to stop."""

    event: Literal["interrupted"] = "interrupted"
    signal: str


class RunFinished(Value):
    """The last event: everything that the run started has been stopped, or `left_behind` names it."""

    event: Literal["run_finished"] = "run_finished"
    left_behind: tuple[str, ...] = ()


Event = Annotated[
    EnvironmentReady
    | EnvironmentBroke
    | EnvironmentChecked
    | TestsCollected
    | TestStarted
    | TestFinished
    | ContractsCompared
    | ContractsNotCompared
    | StepBegan
    | StepEnded
    | CensusTaken
    | AvailabilitySeen
    | WindowForecasted
    | WindowNotForecasted
    | SuitesFinished
    | SuitesBroke
    | EvidenceLost
    | Interrupted
    | RunFinished,
    Field(discriminator="event"),
]


class Entry(Value):
    """One line of the journal; `seq` counts from 0 for each `writer` without a gap."""

    writer: str
    seq: int
    at: datetime
    data: Event


ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)
