"""Bundles as a run leaves them on disk, good by default: for the tests of what is made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from epjgate.evidence.bundle import Bundle, seal
from epjgate.evidence.digests import demands_digest
from epjgate.evidence.journal import Journal
from epjgate.evidence.layout import Layout
from epjgate.model.availability import Availability, Connection, Standing, Stretch, Track, TrackSeen
from epjgate.model.contract_change import ContractChange
from epjgate.model.events import (
    ContractsCompared,
    EnvironmentBroke,
    EnvironmentCause,
    EnvironmentChecked,
    EnvironmentReady,
    EnvironmentStage,
    Event,
    Fault,
    Interrupted,
    RunFinished,
    SuitesBroke,
    SuitesFinished,
    SurfaceTaken,
    TestFinished,
    TestsCollected,
    TestStarted,
)
from epjgate.model.forecast import Family, Interval, Phase, StepForecast, WindowForecast
from epjgate.model.identity import DigestKind, Identity
from epjgate.model.manifest import Manifest, SuitePlan
from epjgate.model.outcome import Outcome
from epjgate.model.rehearsal import Census, PlannedStep, RehearsalPlan, StepKind, StepOutcome, Tally, Trial
from epjgate.model.rehearsal_events import AvailabilitySeen, CensusTaken, StepBegan, StepEnded, WindowForecasted
from epjgate.model.verdict import Blame

SUITE = "desk"
POLICY = f"""
schema_version = "epjgate/policy/1"
[suites_executed]
required = ["{SUITE}"]
[suites_sensitive]
without_measurement = "accept"
"""
FLOORS = f'schema_version = "epjgate/floors/1"\n[floors.tiny]\n{SUITE} = 1\n'
DIGEST = f"sha256:{'a' * 64}"

COUNTING = (StepKind.CENSUS, StepKind.VERIFY, StepKind.VERIFY_RESTORED)
CROSSED = "fill start_old prepare stop_old migrate start_new open check stop_new roll_back recheck"
TIMED = " ".join(
    (
        "fill start_old stop_old census backup migrate start_new verify open",
        "stop_new restore start_restored verify_restored",
    )
)
DRILLED = "fill census kill_migration migrate start_new verify"
_PHASES = {
    **dict.fromkeys((StepKind.STOP_OLD, StepKind.CENSUS, StepKind.BACKUP, StepKind.MIGRATE), Phase.UPGRADE),
    **dict.fromkeys((StepKind.START_NEW, StepKind.OPEN), Phase.UPGRADE),
    StepKind.VERIFY: Phase.VERIFICATION,
    **dict.fromkeys((StepKind.STOP_NEW, StepKind.RESTORE, StepKind.START_RESTORED), Phase.ROLLBACK),
}

Written = tuple[str, Event]
"""Who writes an event, `gate` or `pytest`, and the event."""


def manifest(**changes: Any) -> Manifest:
    """Return the manifest of a run of the one suite on the tiny system, `changes` applied."""
    good = Manifest(
        run_id="run-1",
        epjgate_version="0.1.0",
        system="tiny",
        candidate="1.0",
        baseline="0.9",
        environment="process",
        suites=(SuitePlan(name=SUITE, title="The desk answers", digest=DIGEST),),
        suite_revision=DIGEST,
        policy_digest=demands_digest(POLICY, FLOORS),
        seed=7,
        workers=1,
        started_at=datetime(2026, 3, 3, 12, 0, tzinfo=UTC),
        host="host",
        python="3.11",
    )
    return good.model_copy(update=changes)


def passed(name: str = "open", **changes: Any) -> TestFinished:
    """Return a test of the suite that passed, `changes` applied."""
    fields: dict[str, Any] = {
        "test": f"desk/test_desk.py::test_{name}",
        "suite": SUITE,
        "title": f"The desk is {name}",
        "outcome": Outcome.PASSED,
        "duration_s": 0.1,
        "assertions": 1,
        "exchanges": 1,
    }
    return TestFinished.model_validate(fields | changes)


def failed(name: str = "shut") -> TestFinished:
    """Return a test of the suite that failed."""
    fault = Fault(kind="AssertionError", message="it was open", location="test_desk.py:3", fingerprint="f1")
    return passed(name, outcome=Outcome.FAILED, fault=fault)


def compared(*changes: ContractChange) -> ContractsCompared:
    """Return a comparison with the baseline that found `changes`."""
    before = SurfaceTaken(version="0.9", digest=DIGEST, file="surfaces/baseline.json")
    after = SurfaceTaken(version="1.0", digest=DIGEST, file="surfaces/candidate.json")
    return ContractsCompared(baseline=before, candidate=after, changes=changes)


def run_of(*tests: TestFinished) -> list[Written]:
    """Return the events of a good run of `tests`, of one that passed where none is given."""
    found = tests or (passed(),)
    identity = Identity(service="desk", reference="tiny==1.0", digest=DIGEST, kind=DigestKind.PACKAGES)
    ready = EnvironmentReady(environment="process", endpoints={}, identities=(identity,), start_s=1.0)
    tested: list[Written] = [("pytest", TestsCollected(tests={one.test: one.suite for one in found}))]
    for one in found:
        tested += [("pytest", TestStarted(test=one.test, suite=one.suite)), ("pytest", one)]
    ended: list[Written] = [
        ("pytest", SuitesFinished(exit_status=0)),
        ("gate", compared()),
        ("gate", EnvironmentChecked(services=("desk",))),
        ("gate", RunFinished()),
    ]
    return [("gate", ready), *tested, *ended]


def run_blaming(blame: Blame) -> list[Written]:
    """Return the events of a run whose verdict blames `blame`."""
    ready, collected, started, finished, suites_finished, _compared, checked, end = run_of()
    broke = EnvironmentBroke(
        stage=EnvironmentStage.RUN, cause=EnvironmentCause.KILLED, service="desk", problem="gone", why="killed", fix="-"
    )
    match blame:
        case Blame.INTERRUPTED:
            return [ready, collected, started, ("gate", Interrupted(signal="SIGINT")), end]
        case Blame.NOTHING_TESTED:
            return [ready, ("pytest", TestsCollected(tests={})), suites_finished, checked, end]
        case Blame.ENVIRONMENT:
            return [ready, collected, started, ("gate", broke), end]
        case Blame.CANDIDATE:
            return run_of(passed(), failed())
        case Blame.HARNESS:
            died = SuitesBroke(problem="pytest died", why="killed")
            return [ready, collected, started, finished, ("gate", died), checked, end]
        case Blame.NOBODY:
            return run_of()


def trial(number: int, patients: int, kinds: str, *, repeat: int = 1, **what: bool) -> Trial:
    """Return the trial `number` with steps of `kinds`, `crosses` or `drills` where `what` says so, else timed."""
    timed = not any(what.values())
    steps = tuple(
        PlannedStep(
            id=f"t{number}.s{at}",
            kind=StepKind(kind),
            phase=_PHASES.get(StepKind(kind)) if timed else None,
            past_return=False,
            stall_s=60,
            limit_s=3600,
            kill_at=0.5 if kind == StepKind.KILL_MIGRATION else None,
        )
        for at, kind in enumerate(kinds.split(), start=1)
    )
    return Trial(
        patients=patients, repeat=repeat, crosses=what.get("crosses", False), drills="drills" in what, steps=steps
    )


def rehearsal_plan(**changes: Any) -> RehearsalPlan:
    """Return the plan of a rehearsal at three sizes, twice each, after a trial that tests cross, and with one drill."""
    timed = [(size, repeat) for size in (1000, 3000, 10_000) for repeat in (1, 2)]
    trials = [trial(number, size, TIMED, repeat=repeat) for number, (size, repeat) in enumerate(timed, start=1)]
    good = RehearsalPlan(
        from_release="0.9",
        to_release="1.0",
        production_patients=50_000,
        window_from="01:00",
        window_until="04:00",
        window_min=180,
        margin_min=20,
        date="2026-03-03",
        seed=7,
        trials=(trial(0, 1000, CROSSED, crosses=True), *trials, trial(7, 1000, DRILLED, drills=True)),
    )
    return good.model_copy(update=changes)


def bounds(estimate: float, low: float, high: float) -> Interval:
    """Return an estimate between its bounds, which hold with a confidence of 0.9."""
    return Interval(estimate=estimate, low=low, high=high, confidence=0.9)


def window_forecast(**changes: Any) -> WindowForecast:
    """Return a forecast by which all of `rehearsal_plan` fits its window: 44 minutes of 180, and a rollback of 50."""
    migration = StepForecast(
        step="migrate",
        phase=Phase.UPGRADE,
        timings=6,
        sizes=(1000, 3000, 10_000),
        family=Family.LINEAR,
        shares={Family.LINEAR: 1.0},
        misfit=0.01,
        noise=0.05,
        growth=bounds(1.0, 0.99, 1.2),
        duration_s=bounds(2400, 2100, 4200),
        p95_s=bounds(2500, 2200, 4400),
    )
    good = WindowForecast(
        production_patients=50_000,
        largest_patients=10_000,
        window_min=180,
        margin_min=20,
        seed=7,
        draws=1000,
        timings=60,
        steps=(migration,),
        upgrade_s=bounds(2640, 2280, 4620),
        rollback_s=bounds(3000, 2700, 3300),
        fits_p=bounds(0.999, 0.997, 1),
        rollback_fits_p=bounds(0.999, 0.995, 1),
        latest_rollback_start_min=bounds(105, 100, 110),
        abort_minute=100,
    )
    return good.model_copy(update=changes)


def census(**changes: Any) -> Census:
    """Return a census of all that the tiny system holds at its largest size, `changes` applied."""
    fields: dict[str, Any] = {
        "patients": 10_000,
        "kinds": {"prescriptions": Tally(count=40_000, digest="sha256:1")},
        "audit_entries": 10_000,
    }
    return Census.model_validate(fields | changes)


def track(*stretches: tuple[Standing, float], probe: str = "read", **changes: Any) -> TrackSeen:
    """Return what a track saw: one standing after the other, each until a second, ten samples a second."""
    begins = (0.0, *(until for _, until in stretches))
    found = tuple(
        Stretch(standing=standing, begin_s=begin, end_s=until, edge_s=0.1, why="" if standing is Standing.UP else "503")
        for begin, (standing, until) in zip(begins, stretches, strict=False)
    )
    due = round(begins[-1] * 10)
    fields = {"track": Track(probe=probe, connection=Connection.NEW), "expected": due, "taken": due, "stretches": found}
    return TrackSeen.model_validate(fields | changes)


def availability(
    *tracks: TrackSeen, closed: tuple[tuple[float, float], ...] = ((10, 20), (40, 50))
) -> AvailabilitySeen:
    """Return what probes saw of the crossed trial in a minute: by default, that it was down while closed, only then."""
    up, down = Standing.UP, Standing.DOWN
    good = track((up, 10.05), (down, 19.95), (up, 40.05), (down, 49.95), (up, 60))
    seen = Availability(every_s=0.1, duration_s=60, tracks=tracks or (good,))
    return AvailabilitySeen(step="t0.s4", availability=seen, closed=closed)


def ended(step: str, outcome: StepOutcome = StepOutcome.DONE, **changes: Any) -> StepEnded:
    """Return the end of `step`; one that was not done says what went wrong."""
    told = {} if outcome is StepOutcome.DONE else {"problem": "the index is missing", "why": "it ended with 1"}
    return StepEnded(step=step, outcome=outcome, duration_s=1.5, **(told | changes))


def steps_of(plan: RehearsalPlan) -> list[PlannedStep]:
    """Return all steps of `plan`, in their order."""
    return [step for one in plan.trials for step in one.steps]


def rehearsal_of(plan: RehearsalPlan) -> list[Written]:
    """Return the events of a good rehearsal of `plan`: every step done, counted where it counts, seen and forecast."""
    crossing = passed("course[after]")
    ready, *tested, _, checked, end = run_of(passed("course[before]"), crossing)
    done: list[Written] = []
    for step in steps_of(plan):
        done += [("gate", StepBegan(step=step.id)), ("gate", ended(step.id))]
        if step.kind in COUNTING:
            done.append(("gate", CensusTaken(step=step.id, census=census())))
    told: list[Written] = [("gate", availability()), ("gate", WindowForecasted(forecast=window_forecast()))]
    return [ready, *tested, *done, *told, checked, end]


def write_bundle(
    folder: Path,
    events: Iterable[Written] | None = None,
    *,
    policy: str = POLICY,
    floors: str = FLOORS,
    **of_manifest: Any,
) -> Path:
    """Write a sealed bundle of `events`, of a good run if none are given, and return its folder."""
    with Bundle(folder, manifest(**of_manifest), policy=policy, floors=floors) as bundle:
        suites = Journal(bundle.layout, "pytest")
        (bundle.layout.logs / "desk.log").write_text("the desk opens\n", encoding="utf-8")
        (bundle.layout.exchanges / "test-open.jsonl").write_text("", encoding="utf-8")
        for writer, event in run_of() if events is None else events:
            if writer == "gate":
                bundle.record(event)
            else:
                suites.write(event)
        suites.close()
    assert not bundle.lost
    return folder


def rewrite_journal(folder: Path, lines: Sequence[bytes]) -> None:
    """Put `lines` into the journal and seal the bundle anew, as somebody would who wants not to be noticed."""
    layout = Layout(folder)
    layout.journal.write_bytes(b"".join(lines))
    seal(layout)
