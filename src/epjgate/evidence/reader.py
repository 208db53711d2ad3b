"""Reads an evidence bundle, trusting nothing in it.

1. The manifest is there, and its schema is one that this version knows.
2. The seal is there; every file has the digest it names, and no file is without one.
3. Every line of the journal is understood, and no writer's count has a gap.
4. The last event says that the run came to its end.
5. Every test that was collected or begun has an end, or is unfinished.
6. What a rehearsal left behind fits the plan in the manifest; a run without a plan left nothing of the kind.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from epjgate.errors import EvidenceUnreadable
from epjgate.evidence.bundle import SEAL_SCHEMA, evidence_files
from epjgate.evidence.digests import file_digest
from epjgate.evidence.journal import read_journal
from epjgate.evidence.layout import Layout
from epjgate.model.base import Value
from epjgate.model.events import (
    ContractsCompared,
    ContractsNotCompared,
    Entry,
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
    TestStarted,
)
from epjgate.model.evidence import Evidence
from epjgate.model.manifest import BUNDLE_SCHEMA, Manifest
from epjgate.model.outcome import Outcome
from epjgate.model.rehearsal_events import (
    AvailabilitySeen,
    CensusTaken,
    StepBegan,
    StepEnded,
    WindowForecasted,
    WindowNotForecasted,
)

EventType = TypeVar("EventType")

_REHEARSED = (StepBegan, StepEnded, CensusTaken, AvailabilitySeen, WindowForecasted, WindowNotForecasted)
_ONCE = (
    ("availability was told", (AvailabilitySeen,)),
    ("the window was forecast", (WindowForecasted, WindowNotForecasted)),
)


def read_bundle(folder: Path) -> Evidence:
    """Return the evidence in `folder`; what is wrong with it is in `flaws`.

    Raises EvidenceUnreadable only where there is no bundle at all.
    """
    layout = Layout(folder)
    if not layout.manifest.exists() and not layout.journal.exists():
        raise EvidenceUnreadable(
            f"{folder} holds no evidence", "neither manifest.json nor journal.jsonl is there", "name a bundle's folder"
        )
    manifest, manifest_flaws = _read_manifest(layout)  # step 1
    digest, seal_flaws = _check_seal(layout)  # step 2
    entries, journal_flaws = read_journal(layout.journal)  # step 3
    flaws = [*manifest_flaws, *seal_flaws, *journal_flaws]
    if entries and not isinstance(entries[-1].data, RunFinished):  # step 4
        flaws.append("the journal is truncated: its last event is not the end of the run")
    if manifest is not None:
        flaws += _rehearsal_flaws(entries, manifest)  # step 6
    return Evidence(
        manifest=manifest,
        tests=_tests(entries, flaws),  # step 5
        collected=_all(entries, TestsCollected),
        ready=_last(entries, EnvironmentReady),
        checked=_last(entries, EnvironmentChecked),
        broke=_first(entries, EnvironmentBroke),
        compared=_last(entries, ContractsCompared),
        not_compared=_first(entries, ContractsNotCompared),
        steps_begun=_all(entries, StepBegan),
        steps_ended=_all(entries, StepEnded),
        censuses=_all(entries, CensusTaken),
        availability=_first(entries, AvailabilitySeen),
        forecasted=_first(entries, WindowForecasted),
        not_forecasted=_first(entries, WindowNotForecasted),
        suites_finished=_last(entries, SuitesFinished),
        suites_broke=_all(entries, SuitesBroke),
        lost=_all(entries, EvidenceLost),
        interrupted=_first(entries, Interrupted),
        run_finished=_last(entries, RunFinished),
        flaws=tuple(flaws),
        finished_at=max((entry.at for entry in entries), default=None),
        digest=digest,
    )


def _read_manifest(layout: Layout) -> tuple[Manifest | None, list[str]]:
    try:
        data = json.loads(layout.manifest.read_bytes())
    except (OSError, ValueError, RecursionError) as err:
        return None, [f"the manifest cannot be read: {err}"]
    schema = data.get("schema_version") if isinstance(data, dict) else None
    if schema != BUNDLE_SCHEMA:
        return None, [f"the bundle has schema {schema!r}; this epjgate reads {BUNDLE_SCHEMA!r} only"]
    try:
        return Manifest.model_validate(data), []
    except ValidationError as err:
        return None, [f"the manifest is not valid: {err.errors()[0]['loc']}: {err.errors()[0]['msg']}"]


def _check_seal(layout: Layout) -> tuple[str, list[str]]:
    try:
        seal = json.loads(layout.digests.read_bytes())
        sealed = dict(seal["files"])
        schema = seal["schema_version"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "", ["the bundle is not sealed: digests.json is missing or cannot be read"]
    if schema != SEAL_SCHEMA:
        return "", [f"the seal has schema {schema!r}; this epjgate reads {SEAL_SCHEMA!r} only"]
    present = {path.relative_to(layout.folder).as_posix(): path for path in evidence_files(layout)}
    flaws = [f"{name} is missing" for name in sorted(sealed.keys() - present.keys())]
    flaws += [f"{name} was added after the run" for name in sorted(present.keys() - sealed.keys())]
    flaws += [
        f"{name} was altered after the run"
        for name, path in present.items()
        if name in sealed and file_digest(path) != sealed[name]
    ]
    return file_digest(layout.digests), flaws


def _tests(entries: tuple[Entry, ...], flaws: list[str]) -> tuple[TestFinished, ...]:
    """Return one result for every test collected or begun; a test that ended twice is a flaw, its worst end counts."""
    pending: dict[str, TestFinished] = {}
    ended: dict[str, TestFinished] = {}
    for entry in entries:
        match entry.data:
            case TestsCollected(tests=tests):
                for name, suite in tests.items():
                    pending.setdefault(name, _unfinished(name, suite, "was collected and never began"))
            case TestStarted(test=name) if name in ended:
                flaws.append(f"{name} began again after it had ended")
            case TestStarted(test=name, suite=suite):
                pending[name] = _unfinished(name, suite, "began and never ended")
            case TestFinished(test=name) as result if name in ended:
                flaws.append(f"{name} ended twice")
                ended[name] = min(ended[name], result, key=lambda one: one.outcome.rank)
            case TestFinished(test=name) as result:
                ended[name] = result
            case _:
                pass
    return tuple({**pending, **ended}.values())


def _rehearsal_flaws(entries: tuple[Entry, ...], manifest: Manifest) -> list[str]:
    """Return how what a rehearsal left behind contradicts the plan, or itself."""
    told = tuple(entry.data for entry in entries if isinstance(entry.data, _REHEARSED))
    plan = manifest.rehearsal
    if plan is None:
        return [f"the manifest plans no rehearsal, and the journal holds {told[0].event}"] if told else []
    flaws = _step_flaws(told, frozenset(step.id for trial in plan.trials for step in trial.steps))
    if (plan.from_release, plan.to_release) != (manifest.baseline, manifest.candidate):
        planned = f"{plan.from_release} to {plan.to_release}"
        flaws.append(
            f"the plan rehearses {planned}, and the manifest names {manifest.baseline} to {manifest.candidate}"
        )
    flaws += [f"{what} more than once" for what, kinds in _ONCE if sum(isinstance(one, kinds) for one in told) > 1]
    return flaws


def _step_flaws(told: tuple[Value, ...], planned: frozenset[str]) -> list[str]:
    """Return what is wrong with the steps, in the order of the journal: each is planned, begins once and ends once."""
    flaws: list[str] = []
    begun: set[str] = set()
    ended: set[str] = set()
    counted: set[str] = set()
    for one in told:
        match one:
            case StepBegan(step=step) if step in begun:
                flaws.append(f"{step} began twice")
            case StepBegan(step=step):
                begun.add(step)
            case StepEnded(step=step) if step in ended:
                flaws.append(f"{step} ended twice")
            case StepEnded(step=step):
                flaws += [] if step in begun else [f"{step} ended and had never begun"]
                ended.add(step)
            case CensusTaken(step=step) if step in counted:
                flaws.append(f"two censuses were taken at {step}")
            case CensusTaken(step=step):
                counted.add(step)
            case _:
                pass
    named = {one.step for one in told if isinstance(one, (StepBegan, StepEnded, CensusTaken, AvailabilitySeen))}
    return [*flaws, *(f"{step} is no step of the plan" for step in sorted(named - planned))]


def _unfinished(name: str, suite: str, reason: str) -> TestFinished:
    return TestFinished(
        test=name, suite=suite, title=name, outcome=Outcome.UNFINISHED, duration_s=0, reason=f"the test {reason}"
    )


def _all(entries: tuple[Entry, ...], kind: type[EventType]) -> tuple[EventType, ...]:
    return tuple(entry.data for entry in entries if isinstance(entry.data, kind))


def _first(entries: tuple[Entry, ...], kind: type[EventType]) -> EventType | None:
    return next(iter(_all(entries, kind)), None)


def _last(entries: tuple[Entry, ...], kind: type[EventType]) -> EventType | None:
    return next(reversed(_all(entries, kind)), None)
