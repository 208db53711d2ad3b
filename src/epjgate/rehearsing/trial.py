"""Goes through the steps of one trial, on a site: what stands, what was counted, and how each step ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self

import requests
from pydantic import ValidationError

from epjgate.environments.interface import EnvironmentDown, Order, Running
from epjgate.environments.reach import target_of
from epjgate.environments.site import Done, Limits, Site
from epjgate.evidence.bundle import Bundle
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.rehearsal import Census, PlannedStep, StepKind, StepOutcome, Trial
from epjgate.model.rehearsal_events import AvailabilitySeen, CensusTaken, StepEnded
from epjgate.model.target import Target
from epjgate.model.upgrade import SideCommand
from epjgate.observing import Audience
from epjgate.probing.request import ProbeRequest
from epjgate.rehearsing.companions import CrossingTests, Probes, probe_requests, prober_of
from epjgate.rehearsing.comparing import census_changes
from epjgate.rehearsing.interface import Rehearsal
from epjgate.suite_runner.handover import Part

K = StepKind
_SMOKE_LIMIT_S = 10.0
# What the release itself does wrong when it comes up, as opposed to its surroundings.
_ITS_OWN = frozenset({EnvironmentCause.CRASHED, EnvironmentCause.UNREACHABLE})
_OF_THE_CANDIDATE = frozenset({K.MIGRATE, K.KILL_MIGRATION, K.START_NEW, K.VERIFY, K.OPEN, K.STOP_NEW, K.ROLL_BACK})


@dataclass(frozen=True)
class Fault:
    """Why a step is not done."""

    outcome: StepOutcome
    problem: str
    why: str = ""


@dataclass
class TrialRun:
    """One trial under way, as a context that leaves nothing of it behind.

    `bits` name those of the old release; `migration_s` is how long a migration of this size took, for a drill.
    """

    rehearsal: Rehearsal
    trial: Trial
    site: Site
    bundle: Bundle
    audience: Audience
    bits: str
    tests: CrossingTests | None = None
    migration_s: float = 0.0
    on_standing: Callable[[Target], None] = lambda _target: None
    probes: Probes | None = None
    _standing: ExitStack = field(default_factory=ExitStack)
    _beside: ExitStack = field(default_factory=ExitStack)
    _running: Running | None = None
    _target: Target | None = None
    _before: Census | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """End whatever of it still runs: tests first, then probes, then the release."""
        with self._standing, self._beside:
            if self.tests is not None:
                self.tests.kill()

    def seen(self) -> AvailabilitySeen | None:
        """End probing and return what was seen, None where nothing was probed."""
        self._beside.close()
        return self.probes.seen(self.trial.steps[0].id) if self.probes is not None else None

    def raise_if_silent(self) -> None:
        """Return where whatever stands still answers, or nothing stands; raises EnvironmentDown otherwise."""
        if self._running is not None:
            self._running.raise_if_silent()

    def do(self, step: PlannedStep) -> StepEnded:
        """Do `step` and return how it ended; raises EnvironmentDown where the surroundings failed."""
        began = time.monotonic()
        try:
            done = self._how(step)
        except EnvironmentDown as err:
            done = self._blamed(step, err)
        took_s = time.monotonic() - began
        text = self.rehearsal.job.order.redactor.text
        if isinstance(done, Fault):
            return StepEnded(
                step=step.id,
                outcome=done.outcome,
                duration_s=took_s,
                problem=text(done.problem),
                why=text(done.why),
            )
        # What a command took itself says more than how long it was waited for.
        duration_s = took_s if done is None else done
        return StepEnded(step=step.id, outcome=StepOutcome.DONE, duration_s=duration_s)

    def _how(self, step: PlannedStep) -> float | Fault | None:
        """Do `step`; return its fault, or how long it took itself where that is not the time that passed."""
        does: Mapping[StepKind, Callable[[PlannedStep], float | Fault | None]] = {
            K.FILL: self._fill,
            K.START_OLD: lambda _step: self._start(self.rehearsal.old),
            K.PREPARE: self._prepare,
            K.STOP_OLD: self._stop,
            K.CENSUS: self._census,
            K.BACKUP: lambda step: self._command(step, self.rehearsal.commands.backup, self.rehearsal.old),
            K.KILL_MIGRATION: self._kill_migration,
            K.MIGRATE: self._migrate,
            K.START_NEW: lambda _step: self._start(self.rehearsal.job.order),
            K.VERIFY: self._verify,
            K.OPEN: self._open,
            K.CHECK: lambda _step: self._tested(Part.AFTER),
            K.STOP_NEW: self._stop,
            K.ROLL_BACK: self._roll_back,
            K.RECHECK: lambda _step: self._tested(Part.BACK),
            K.RESTORE: lambda step: self._command(step, self.rehearsal.commands.restore, self.rehearsal.old),
            K.START_RESTORED: lambda _step: self._start(self.rehearsal.old),
            K.VERIFY_RESTORED: self._verify,
        }
        return does[step.kind](step)

    def _fill(self, step: PlannedStep) -> float | Fault | None:
        key = self.rehearsal.snapshot_key(self.bits, self.trial.patients)
        if self.site.load(key):
            self.audience.step(f"{self.trial.patients} patients are there from an earlier fill")
            return None
        self.site.empty()
        values = {"patients": str(self.trial.patients), "seed": str(self.rehearsal.plan.seed)}
        done = self._command(step, self.rehearsal.commands.fill, self.rehearsal.old, values)
        if not isinstance(done, Fault):
            self.site.save(key)
        return done

    def _start(self, order: Order) -> None:
        running = self._standing.enter_context(self.site.serve(order, self.audience))
        self._running = running
        self._target = target_of(order, self.rehearsal.environment.name, running, seed=self.rehearsal.plan.seed)
        self.on_standing(self._target)

    def _stop(self, _step: PlannedStep) -> None:
        self.raise_if_silent()
        if self.probes is not None:
            self.probes.close()
        self._running = None
        self._standing.close()
        self._standing = ExitStack()

    def _prepare(self, _step: PlannedStep) -> None:
        target = self._there()
        requests_made = probe_requests(self.rehearsal, target)
        if requests_made:
            self.probes = Probes(self._beside.enter_context(prober_of(requests_made)))
        if self.tests is not None:
            self.tests.begin(target)

    def _tested(self, part: Part) -> None:
        if self.tests is not None:
            self.tests.go_on(part)

    def _census(self, step: PlannedStep) -> float | Fault | None:
        done, census = self._counted(step, self.rehearsal.old)
        if census is not None:
            self._before = census
            self.bundle.record(CensusTaken(step=step.id, census=census))
        return done

    def _verify(self, step: PlannedStep) -> float | Fault | None:
        restored = step.kind is K.VERIFY_RESTORED
        done, census = self._counted(step, self.rehearsal.old if restored else self.rehearsal.job.order)
        if census is None:
            return done
        if self._before is None:
            return Fault(StepOutcome.BROKEN, "there is no census from before the upgrade to compare with")
        changes = census_changes(self._before, census)
        self.bundle.record(CensusTaken(step=step.id, census=census, changes=changes))
        return done

    def _counted(self, step: PlannedStep, order: Order) -> tuple[float | Fault | None, Census | None]:
        told = self._run(step, self.rehearsal.commands.census, order)
        if told.fault:
            return _fault_of(step, told), None
        try:
            return told.duration_s, Census.model_validate_json(told.output)
        except ValidationError as err:
            return Fault(StepOutcome.BROKEN, "the census cannot be read", str(err)), None

    def _migrate(self, step: PlannedStep) -> float | Fault | None:
        if self.rehearsal.commands.migrate is None:
            return Fault(StepOutcome.BROKEN, "the system has no command to migrate")
        return self._command(step, self.rehearsal.commands.migrate, self.rehearsal.job.order)

    def _kill_migration(self, step: PlannedStep) -> Fault | None:
        command = self.rehearsal.commands.migrate
        if command is None or step.kill_at is None or not self.migration_s:
            return Fault(StepOutcome.BROKEN, "no migration was measured, so none can be killed in its midst")
        after_s = step.kill_at * self.migration_s
        told = self._run(step, command, self.rehearsal.job.order, kill_after_s=after_s)
        # One that was quicker this time was not killed, and the one that follows has nothing to do.
        return _fault_of(step, told) if told.fault and not told.killed else None

    def _roll_back(self, _step: PlannedStep) -> None:
        self._start(self.rehearsal.back)
        if self.probes is not None:
            self.probes.open()

    def _open(self, _step: PlannedStep) -> Fault | None:
        """Ask everything once that users will ask, before they are let in (a read, a write)."""
        for request in probe_requests(self.rehearsal, self._there()):
            wrong = _asked(request)
            if wrong:
                return Fault(StepOutcome.FAILED, f"`{request.name}` is not answered as declared", wrong)
        if self.probes is not None:
            self.probes.open()
        return None

    def _command(
        self, step: PlannedStep, command: SideCommand, order: Order, values: Mapping[str, str] | None = None
    ) -> float | Fault:
        told = self._run(step, command, order, values)
        return _fault_of(step, told) if told.fault else told.duration_s

    def _run(
        self,
        step: PlannedStep,
        command: SideCommand,
        order: Order,
        values: Mapping[str, str] | None = None,
        *,
        kill_after_s: float | None = None,
    ) -> Done:
        limits = Limits(stall_s=step.stall_s, limit_s=step.limit_s, kill_after_s=kill_after_s)
        return self.site.run(order, command, values or {}, limits, self.audience)

    def _there(self) -> Target:
        if self._target is None:
            raise AssertionError("unreachable: a release was started before it is asked")
        return self._target

    def _blamed(self, step: PlannedStep, err: EnvironmentDown) -> Fault:
        """Return whose fault it is that a release did not come up; what its surroundings did is raised on."""
        if err.stage is EnvironmentStage.START and err.root in _ITS_OWN and step.kind in _OF_THE_CANDIDATE:
            return Fault(StepOutcome.FAILED, err.problem, err.cause)
        raise err


def _fault_of(step: PlannedStep, told: Done) -> Fault:
    what = step.kind.value
    if told.stalled:
        return Fault(StepOutcome.STALLED, f"{what} made no progress, or went beyond its limit", told.fault)
    outcome = StepOutcome.FAILED if step.kind in _OF_THE_CANDIDATE else StepOutcome.BROKEN
    return Fault(outcome, f"{what} ended with an error", told.fault)


def _asked(request: ProbeRequest) -> str:
    """Ask `request` once and return what is wrong with the answer, nothing where all is well."""
    try:
        with requests.Session() as session:
            session.trust_env = False  # what stands here is not to be asked through anybody's proxy
            answer = session.request(
                request.method,
                request.url,
                headers=dict(request.headers),
                data=request.body or None,
                timeout=_SMOKE_LIMIT_S,
                allow_redirects=False,
            )
    except requests.RequestException as err:
        return str(err)
    return "" if answer.status_code == request.status else f"status {answer.status_code}, and not {request.status}"
