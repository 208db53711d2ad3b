"""The evidence of a run as the judge sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from epjgate.model.events import (
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


@dataclass(frozen=True)
class Evidence:
    """Everything a run left behind, read and checked.

    `tests` holds one entry for every test that was collected or started: one that never finished is in it with outcome
    `unfinished`. `flaws` says what is wrong with the bundle itself (truncated, altered, unknown schema); a bundle with
    a flaw is never approved. `manifest` is None where it could not be read. `finished_at` is the time of the last
    event, None where there is none.
    """

    manifest: Manifest | None
    tests: tuple[TestFinished, ...] = ()
    collected: tuple[TestsCollected, ...] = ()
    ready: EnvironmentReady | None = None
    checked: EnvironmentChecked | None = None
    broke: EnvironmentBroke | None = None
    suites_finished: SuitesFinished | None = None
    suites_broke: tuple[SuitesBroke, ...] = ()
    lost: tuple[EvidenceLost, ...] = ()
    interrupted: Interrupted | None = None
    run_finished: RunFinished | None = None
    flaws: tuple[str, ...] = ()
    finished_at: datetime | None = None
    digest: str = ""
