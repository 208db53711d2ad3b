"""Bundles as a run leaves them on disk, good by default: for the tests of what is made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from epjgate.evidence.bundle import Bundle, seal
from epjgate.evidence.journal import Journal
from epjgate.evidence.layout import Layout
from epjgate.judging import demands_digest
from epjgate.model.events import (
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
    TestFinished,
    TestsCollected,
    TestStarted,
)
from epjgate.model.manifest import DigestKind, Identity, Manifest, SuitePlan
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame

SUITE = "desk"
POLICY = f'schema_version = "epjgate/policy/1"\n[suites_executed]\nrequired = ["{SUITE}"]\n'
FLOORS = f'schema_version = "epjgate/floors/1"\n[floors.tiny]\n{SUITE} = 1\n'
DIGEST = f"sha256:{'a' * 64}"

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
        ("gate", EnvironmentChecked(services=("desk",))),
        ("gate", RunFinished()),
    ]
    return [("gate", ready), *tested, *ended]


def run_blaming(blame: Blame) -> list[Written]:
    """Return the events of a run whose verdict blames `blame`."""
    ready, collected, started, finished, suites_finished, checked, end = run_of()
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


def write_bundle(
    folder: Path, events: Iterable[Written] | None = None, *, policy: str = POLICY, floors: str = FLOORS
) -> Path:
    """Write a sealed bundle of `events`, of a good run if none are given, and return its folder."""
    with Bundle(folder, manifest(), policy=policy, floors=floors) as bundle:
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
