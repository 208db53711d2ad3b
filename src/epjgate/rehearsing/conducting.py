"""Conducts a rehearsal: trial after trial, step after step, all of it in the evidence."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from epjgate.environments.receivers import raise_if_unfit
from epjgate.environments.site import Site
from epjgate.errors import SuitesFailed, UsageError
from epjgate.evidence.bundle import Bundle
from epjgate.forecast.refusal import ForecastRefused
from epjgate.forecast.window import forecast_window
from epjgate.model.events import EnvironmentChecked, EnvironmentReady, SuitesBroke
from epjgate.model.forecast import Phase, Timing
from epjgate.model.identity import Identity
from epjgate.model.rehearsal import PlannedStep, StepKind, StepOutcome, Trial
from epjgate.model.rehearsal_events import StepBegan, WindowForecasted, WindowNotForecasted
from epjgate.model.target import Target
from epjgate.observing import Audience, to_the_last_event
from epjgate.probing.prober import ProbingFailed
from epjgate.rehearsing.companions import CrossingTests
from epjgate.rehearsing.interface import Rehearsal
from epjgate.rehearsing.trial import TrialRun

_MIGRATION = StepKind.MIGRATE.value


def rehearse(rehearsal: Rehearsal, audience: Audience) -> None:
    """Do what the plan says, as far as it goes; how that went is then in a sealed bundle.

    A step that is not done ends the rehearsal. EnvironmentDown and Interruption are written down and raised on.
    Raises EvidenceUnwritable if the bundle cannot be made.
    """
    job = rehearsal.job
    bundle = Bundle(job.folder, job.manifest, policy=job.policy, floors=job.floors, approved=job.approved)
    with bundle, to_the_last_event(bundle, job.order.redactor, audience), ExitStack() as closing:
        if job.order.partners is not None:
            closing.callback(job.order.partners.close)
        candidate = rehearsal.environment.identify(job.order, audience)
        bits = "\n".join(one.digest for one in rehearsal.environment.identify(rehearsal.old, audience))
        with rehearsal.sites.open(rehearsal.old, audience) as site:
            try:
                _Conductor(rehearsal, site, bundle, audience, candidate, bits).go_through()
            except (SuitesFailed, ProbingFailed) as err:
                text = job.order.redactor.text
                bundle.record(SuitesBroke(problem=text(err.problem), why=text(err.cause)))
            finally:
                audience.hold()


class _Conductor:
    """Goes through the trials, and keeps their times."""

    def __init__(
        self,
        rehearsal: Rehearsal,
        site: Site,
        bundle: Bundle,
        audience: Audience,
        candidate: tuple[Identity, ...],
        old_bits: str,
    ) -> None:
        self._rehearsal = rehearsal
        self._site = site
        self._bundle = bundle
        self._audience = audience
        self._candidate = candidate
        self._old_bits = old_bits
        self._began = time.monotonic()
        self._is_ready = False
        self._taken_s: dict[tuple[str, Phase, int, int], float] = {}

    def go_through(self) -> None:
        """Do every trial of the plan until one is not done, and forecast what all their times say."""
        trials = self._rehearsal.plan.trials
        for number, trial in enumerate(trials, 1):
            self._audience.step(f"trial {number} of {len(trials)}: {_in_words(trial)}")
            if not self._did(trial):
                break
        else:
            self._forecast()
        raise_if_unfit(self._rehearsal.job.order)
        self._bundle.record(EnvironmentChecked(services=tuple(one.service for one in self._candidate)))

    def _did(self, trial: Trial) -> bool:
        """Do `trial` and return whether all of it was done."""
        with TemporaryDirectory(prefix="epjgate-handover-") as folder:
            tests = None
            if trial.crosses and self._rehearsal.job.suites:
                tests = CrossingTests(self._rehearsal, self._bundle.layout, self._audience, Path(folder))
            return self._went(trial, tests)

    def _went(self, trial: Trial, tests: CrossingTests | None) -> bool:
        run = TrialRun(
            rehearsal=self._rehearsal,
            trial=trial,
            site=self._site,
            bundle=self._bundle,
            audience=self._audience,
            bits=self._old_bits,
            tests=tests,
            migration_s=self._migration_s(trial.patients),
            on_standing=self._ready,
        )
        with run:
            not_done = next((step for step in trial.steps if not self._done(step, trial, run)), None)
            if not_done is None:
                run.raise_if_silent()
            if tests is not None:
                tests.end(f"the rehearsal ended at the step {not_done.kind.value}" if not_done else "")
            seen = run.seen()
        if seen is not None:
            self._bundle.record(seen)
        return not_done is None

    def _done(self, step: PlannedStep, trial: Trial, run: TrialRun) -> bool:
        self._audience.step(f"{step.id} {step.kind.value}")
        self._bundle.record(StepBegan(step=step.id))
        ended = run.do(step)
        self._bundle.record(ended)
        if ended.outcome is not StepOutcome.DONE:
            return False
        if step.phase is not None:
            head = (step.counts_with or step.kind).value, step.phase, trial.patients, trial.repeat
            self._taken_s[head] = self._taken_s.get(head, 0.0) + ended.duration_s
        return True

    def _migration_s(self, patients: int) -> float:
        """Return how long a migration took at this size, 0 where none was timed yet."""
        taken = [s for (step, _phase, size, _), s in self._taken_s.items() if (step, size) == (_MIGRATION, patients)]
        return median(taken) if taken else 0.0

    def _ready(self, target: Target) -> None:
        """Write down once that the system stands, and which bits it is to be upgraded to."""
        if self._is_ready:
            return
        self._is_ready = True
        self._bundle.record(
            EnvironmentReady(
                environment=target.environment,
                endpoints={endpoint.interface: endpoint.url for endpoint in target.endpoints},
                identities=self._candidate,
                start_s=round(time.monotonic() - self._began, 3),
            )
        )

    def _timings(self) -> tuple[Timing, ...]:
        return tuple(
            Timing(step=step, phase=phase, patients=patients, repeat=repeat, duration_s=duration_s)
            for (step, phase, patients, repeat), duration_s in self._taken_s.items()
        )

    def _forecast(self) -> None:
        plan = self._rehearsal.plan
        try:
            forecast = forecast_window(
                self._timings(),
                production_patients=plan.production_patients,
                window_min=plan.window_min,
                margin_min=plan.margin_min,
                seed=plan.seed,
            )
        except (ForecastRefused, UsageError) as err:
            self._bundle.record(WindowNotForecasted(problem=err.problem, why=err.cause, fix=err.fix))
        else:
            self._bundle.record(WindowForecasted(forecast=forecast))


def _in_words(trial: Trial) -> str:
    what = "tests and probes cross" if trial.crosses else "a migration is killed" if trial.drills else "timed"
    return f"{trial.patients} patients, {what}, repeat {trial.repeat}"
