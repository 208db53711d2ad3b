"""The evidence of a run as the judge sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from epjgate.model.events import (
    ContractsCompared,
    ContractsNotCompared,
    EnvironmentBroke,
    EnvironmentChecked,
    EnvironmentReady,
    EvidenceLost,
    Interrupted,
    RunFinished,
    SuitesBroke,
    SuitesFinished,
    TestFinished,
    TestsCollected,
)
from epjgate.model.manifest import Manifest
from epjgate.model.rehearsal_events import (
    AvailabilitySeen,
    CensusTaken,
    StepBegan,
    StepEnded,
    WindowForecasted,
    WindowNotForecasted,
)


@dataclass(frozen=True)
class Evidence:
    """Everything a run left behind, read and checked.

    `tests` holds one entry for every test that was collected or started: one that never finished is in it with outcome
    `unfinished`. `flaws` says what is wrong with the bundle itself (truncated, altered, unknown schema); a bundle with
    a flaw is never approved. `manifest` is None where it could not be read. What a rehearsal left behind
    (steps, censuses, availability, forecast) is empty for any other run. `finished_at` is the time of the last
    event, None where there is none.
    """

    manifest: Manifest | None
    tests: tuple[TestFinished, ...] = ()
    collected: tuple[TestsCollected, ...] = ()
    ready: EnvironmentReady | None = None
    checked: EnvironmentChecked | None = None
    broke: EnvironmentBroke | None = None
    compared: ContractsCompared | None = None
    not_compared: ContractsNotCompared | None = None
    steps_begun: tuple[StepBegan, ...] = ()
    steps_ended: tuple[StepEnded, ...] = ()
    censuses: tuple[CensusTaken, ...] = ()
    availability: AvailabilitySeen | None = None
    forecasted: WindowForecasted | None = None
    not_forecasted: WindowNotForecasted | None = None
    suites_finished: SuitesFinished | None = None
    suites_broke: tuple[SuitesBroke, ...] = ()
    lost: tuple[EvidenceLost, ...] = ()
    interrupted: Interrupted | None = None
    run_finished: RunFinished | None = None
    flaws: tuple[str, ...] = ()
    finished_at: datetime | None = None
    digest: str = ""
