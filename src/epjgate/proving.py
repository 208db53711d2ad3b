"""Proves that the tests of past incidents bite: red where the fault is, for its own reason, and green elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Protocol

from epjgate.environments.interface import Environment, EnvironmentDown
from epjgate.errors import GateError, Interruption
from epjgate.evidence.reader import read_bundle
from epjgate.incidents.conclusion import Observed, Result, State, conclude, observed, unobserved
from epjgate.incidents.record import Record
from epjgate.incidents.trials import Trial, plan_trials
from epjgate.model.train import Train
from epjgate.observing import Job, observe
from epjgate.suite_runner.interface import SuiteRunner


@dataclass(frozen=True)
class SetUp:
    """Everything that a trial needs, looked up."""

    job: Job
    environment: Environment
    suites: SuiteRunner


class Bench(Protocol):
    """Sets builds up to be observed."""

    @property
    def times(self) -> int:
        """How many attempts each test has."""

    def folder_of(self, trial: Trial) -> Path:
        """Return the new folder that takes the evidence of `trial`."""

    def set_up(self, trial: Trial) -> SetUp:
        """Return what `trial` needs; its suites run the tests of its incidents alone. Raises UsageError."""

    def train_of(self, system: str) -> Train | None:
        """Return the release train of `system`, None where its builds are not described as one."""


class Teller(Protocol):
    """Is told how far the proving has come; several threads may speak at once."""

    def step(self, text: str) -> None:
        """Take note that `text` has begun or ended."""


def prove(
    records: Sequence[Record], bench: Bench, teller: Teller, keep: Callable[[Result], Result], *, at_once: int
) -> tuple[Result, ...]:
    """Start every build that `records` name, at most `at_once` at a time, and return what became of each incident.

    `keep` is given a result as soon as both builds of its incident were seen, and returns it as it is to be told. An
    interruption stops what was started and is raised on; what was kept by then stays. Evidence is left
    behind of those builds alone on which something was not as it should be. Raises UsageError for a wrong recipe.
    """
    trials = plan_trials(records)
    ledger = _Ledger(records, bench, keep)
    observe_each([(trial, bench) for trial in trials], teller, ledger.take, at_once=at_once)
    ledger.tidy()
    return tuple(ledger.results[record.incident.id] for record in records)


def observe_each(
    trials: Sequence[tuple[Trial, Bench]], teller: Teller, take: Callable[[Observed], None], *, at_once: int
) -> None:
    """Start the build of every trial on its bench, at most `at_once` at a time; what was seen goes to `take`, in turn.

    An interruption, or an error of `take`, stops what was started and is raised on.
    """
    stop = Event()
    pool = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="trial")
    try:
        open_trials: set[Future[Observed]] = {
            pool.submit(_observe, trial, bench, teller, stop) for trial, bench in trials
        }
        while open_trials:
            done, _ = wait(open_trials, return_when=FIRST_COMPLETED)
            for future in done:
                seen = future.result()
                take(seen)
                open_trials.remove(future)
                told = "trouble with" if seen.trouble else "seen"
                teller.step(f"{told} {seen.trial.build} ({len(trials) - len(open_trials)} of {len(trials)} builds)")
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)


@dataclass
class _Ledger:
    """What was seen so far, and what follows from it."""

    records: Sequence[Record]
    bench: Bench
    keep: Callable[[Result], Result]
    results: dict[str, Result] = field(default_factory=dict)
    _bad: dict[str, Observed] = field(default_factory=dict)
    _fixed: dict[str, Observed] = field(default_factory=dict)
    _trains: dict[str, Train | None] = field(default_factory=dict)

    def take(self, seen: Observed) -> None:
        """Take in one build, and conclude about every incident of which both builds were seen."""
        self._bad |= dict.fromkeys((record.incident.id for record in seen.trial.red), seen)
        self._fixed |= dict.fromkeys((record.incident.id for record in seen.trial.green), seen)
        for record in self.records:
            number = record.incident.id
            if number in self._bad and number in self._fixed and number not in self.results:
                bad, fixed = self._bad[number], self._fixed[number]
                # Of builds that could not be seen the train says nothing; it may be the very thing that is missing.
                train = None if bad.trouble or fixed.trouble else self._train_of(record.incident.system)
                result = conclude(record, bad, fixed, train, self.bench.times)
                self.results[number] = self.keep(result)

    def _train_of(self, system: str) -> Train | None:
        if system not in self._trains:
            self._trains[system] = self.bench.train_of(system)
        return self._trains[system]

    def tidy(self) -> None:
        """Remove the evidence of builds on which all was as it should be."""
        every: Iterable[Observed] = {id(one): one for one in (*self._bad.values(), *self._fixed.values())}.values()
        for seen in every:
            if all(self.results[record.incident.id].state is State.PROVEN for record in seen.trial.records):
                shutil.rmtree(seen.folder, ignore_errors=True)
            with suppress(OSError):
                seen.folder.parent.rmdir()  # only where nothing is left in it


@dataclass
class _Worker:
    """The audience of one trial: signals reach the main thread only, so a stop is passed on wherever it is asked."""

    teller: Teller
    stop: Event

    def step(self, text: str) -> None:
        """Pass on what goes on."""
        self.raise_if_stopped()
        self.teller.step(text)

    def tests(self, *, done: int, total: int, not_passed: int) -> None:
        """Say nothing: builds are counted, not tests."""

    def hold(self) -> str:
        """Let no signal interrupt; none is caught here."""
        return ""

    def raise_if_stopped(self) -> None:
        """Return while nobody asked the proving to stop; raises Interruption then."""
        if self.stop.is_set():
            raise Interruption("SIGINT")


def _observe(trial: Trial, bench: Bench, teller: Teller, stop: Event) -> Observed:
    """Start the build of `trial`, let it meet its incidents' tests, and return what that left behind."""
    worker, folder = _Worker(teller, stop), bench.folder_of(trial)
    worker.raise_if_stopped()
    try:
        set_up = bench.set_up(trial)
        with suppress(EnvironmentDown):
            _run(set_up, worker)
        return observed(trial, folder, read_bundle(set_up.job.folder))
    except GateError as err:
        return unobserved(trial, folder, f"{err.problem}: {err.cause}")


def _run(set_up: SetUp, worker: _Worker) -> None:
    with observe(set_up.job, set_up.environment, worker) as seen:

        def while_up() -> None:
            worker.raise_if_stopped()
            seen.running.raise_if_down()

        set_up.suites.run(
            set_up.job.suites,
            seen.target,
            seen.layout,
            redactor=set_up.job.order.redactor,
            while_up=while_up,
            progress=worker,
        )
