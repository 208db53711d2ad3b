"""What a rehearsal needs, all looked up, and what it asks of those who work beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from epjgate.environments.interface import Environment, Order
from epjgate.environments.site import Sites
from epjgate.model.rehearsal import RehearsalPlan
from epjgate.model.upgrade import Upgrade, UpgradeCommands
from epjgate.observing import Job
from epjgate.suite_runner.interface import SuiteRunner


@dataclass(frozen=True)
class Rehearsal:
    """An upgrade that is to be rehearsed: `job` is that of the candidate, `old` orders the release before it.

    `suites` gives what runs the tests that cross the upgrade, which take turns with it in a folder. `snapshot_key`
    names the data that a fill makes, by the bits of the old release and the number of patients. `back` is the old
    release as it works on the candidate's database.
    """

    job: Job
    old: Order
    back: Order
    plan: RehearsalPlan
    upgrade: Upgrade
    commands: UpgradeCommands
    environment: Environment
    sites: Sites
    suites: Callable[[Path], SuiteRunner]
    snapshot_key: Callable[[str, int], str]
