"""Measures the suites: watches their tests on a candidate, then lets them meet mutants, and says which were noticed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from epjgate.environments.interface import Environment
from epjgate.errors import SuitesFailed, UsageError
from epjgate.evidence.journal import utc_now
from epjgate.evidence.layout import Layout
from epjgate.model.outcome import Outcome
from epjgate.model.sensitivity import Sensitivity
from epjgate.observing import Audience, Job, Seen, observe
from epjgate.sensing.concluding import Excuses, Tries, left_out
from epjgate.sensing.ledger import Line, Order, Sighting, Work
from epjgate.sensing.relevance import words_of_test
from epjgate.sensing.sampling import chosen, ranked, seen_by
from epjgate.sensing.sessions import RunSession, Sessions
from epjgate.suite_runner.interface import SuiteRunner


@dataclass(frozen=True)
class Budget:
    """How much is tried: at most `mutants`, 0 for all; until `seconds` have gone by, 0 for however long it takes.

    `tests` bounds how many tests of each suite meet a mutant that none of them has noticed yet, `workers` is how many
    tests run at a time.
    """

    mutants: int = 0
    seconds: float = 0.0
    tests: int = 12
    workers: int = 2


@dataclass(frozen=True)
class SetUp:
    """Everything that a measurement needs, looked up.

    `suites` gives what runs a session, by the file of its order; `tests` is the folder that the suites lie in.
    """

    job: Job
    environment: Environment
    suites: Callable[[Path], SuiteRunner]
    tests: Path
    folder: Path


def measure(set_up: SetUp, budget: Budget, excuse_of: Excuses, audience: Audience) -> Sensitivity:
    """Start the candidate, watch every test once, try a sample of mutants, and return what became of them.

    The same seed gives the same sample and the same persons. What is interrupted, or stopped by a candidate that fails,
    gives no result. Raises SuitesFailed where a session does not come to its own end, UsageError where the tests see
    nothing that could be changed; for a candidate that cannot be started, what `observe` raises.
    """
    failures: list[SuitesFailed] = []
    with observe(set_up.job, set_up.environment, audience) as seen:
        try:
            return _measured(set_up, budget, excuse_of, audience, seen)
        except SuitesFailed as err:
            failures.append(err)
            raise
    raise failures[0]  # observe wrote it down, and ended in order


def _measured(set_up: SetUp, budget: Budget, excuse_of: Excuses, audience: Audience, seen: Seen) -> Sensitivity:
    sessions = Sessions(_session_on(seen, set_up), budget.workers, set_up.folder)
    began = time.monotonic()
    sightings = _watch(sessions, audience)
    watched = time.monotonic()
    green = [one for one in sightings if one.outcome is Outcome.PASSED]
    tests_of = seen_by(green, partial(words_of_test, suites=set_up.tests))
    if not tests_of:
        raise UsageError(
            "there is nothing to measure",
            f"{len(green)} of {len(sightings)} tests are green, and see no answer that could be changed",
            "name suites that ask the candidate, and a candidate on which they are green",
        )
    sample = ranked(tests_of, set_up.job.manifest.seed)[: budget.mutants or None]
    work = [Work(mutant=mutant, tests=chosen(tests_of[mutant], budget.tests)) for mutant in sample]
    tries = _strike(sessions, work, budget.seconds, audience)
    manifest = set_up.job.manifest
    return Sensitivity(
        system=manifest.system,
        candidate=manifest.candidate,
        environment=manifest.environment,
        seed=manifest.seed,
        at=utc_now(),
        suites={suite.name: suite.digest for suite in manifest.suites},
        tests=len(green),
        possible=len(tests_of),
        trials=tries.trials(excuse_of),
        left_out=left_out(sightings),
        watch_s=round(watched - began, 1),
        strike_s=round(time.monotonic() - watched, 1),
    )


class _Nobody:
    """Hears nothing: what a session has done is read from its own lines."""

    def tests(self, *, done: int, total: int, not_passed: int) -> None:
        """Ignore the progress."""


def _session_on(seen: Seen, set_up: SetUp) -> RunSession:
    """Return what runs one session on the candidate that stands, for as long as it stands."""

    def run(order: Path, raise_if_stopped: Callable[[], None]) -> None:
        def while_up() -> None:
            raise_if_stopped()
            seen.running.raise_if_down()

        set_up.suites(order).run(
            set_up.job.suites,
            seen.target,
            Layout(order.parent),
            redactor=set_up.job.order.redactor,
            while_up=while_up,
            progress=_Nobody(),
        )

    return run


def _watch(sessions: Sessions, audience: Audience) -> list[Sighting]:
    audience.step("watching every test once")
    sightings: list[Sighting] = []

    def take(line: Line) -> None:
        if isinstance(line, Sighting):
            sightings.append(line)

    sessions.run("watch", Order(folder=sessions.folder, lock=sessions.lock), take, lambda: None)
    return sorted(sightings, key=lambda one: one.test)


def _strike(sessions: Sessions, work: Sequence[Work], seconds: float, audience: Audience) -> Tries:
    audience.step(f"trying {len(work)} mutants")
    tries = Tries(work)
    until = time.monotonic() + seconds if seconds else 0.0
    order = Order(folder=sessions.folder, lock=sessions.lock, work=tuple(work), until=until)
    told = 0

    def tell() -> None:
        nonlocal told
        if tries.done > told:
            told = tries.done
            audience.tests(done=told, total=len(work), not_passed=tries.alive)

    sessions.run("strike", order, tries.take, tell)
    return tries
