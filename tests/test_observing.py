"""Observing a candidate: whatever happens, it is stopped and the bundle says how it went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.builders import DIGEST, FLOORS, POLICY, manifest

from epjgate.environments.interface import EnvironmentDown, Listener, Order
from epjgate.errors import EvidenceUnwritable, Interruption, SuitesFailed
from epjgate.evidence.journal import read_journal
from epjgate.evidence.layout import Layout
from epjgate.evidence.reader import read_bundle
from epjgate.judging import judge_bundle
from epjgate.model.events import (
    EnvironmentBroke,
    EnvironmentCause,
    EnvironmentReady,
    EnvironmentStage,
    Event,
    Interrupted,
    RunFinished,
    SuitesBroke,
)
from epjgate.model.manifest import DigestKind, Identity
from epjgate.model.redaction import Redactor
from epjgate.model.system import System
from epjgate.model.verdict import Decision
from epjgate.observing import Job, observe

SYSTEM = System.model_validate(
    {
        "schema_version": "epjgate/system/1",
        "name": "tiny",
        "title": "Tiny",
        "services": {"desk": {"ready": {"path": "/ready"}}, "lab": {"ready": {"path": "/ready"}}},
        "interfaces": {"http": {"service": "desk", "path": "/api"}, "hl7v2": {"service": "lab"}},
        "capabilities": {"patients": "http", "laboratory": "hl7v2"},
        "absent": {"surgery": "there is no theatre"},
        "releases": {"1.0": {}},
    }
)
IDENTITY = Identity(service="desk", reference="tiny==1.0", digest=DIGEST, kind=DigestKind.PACKAGES)
GOOD = ["environment_ready", "environment_checked", "run_finished"]


def down(stage: EnvironmentStage) -> EnvironmentDown:
    return EnvironmentDown(
        "desk is gone", "last line: 170590-9998", "start it", stage=stage, root=EnvironmentCause.KILLED, service="desk"
    )


@dataclass
class Candidate:
    """An environment, and what runs in it: fails where it is told to, and knows whether it stands."""

    fails_to_start: BaseException | None = None
    fails_to_stop: EnvironmentDown | None = None
    silent: EnvironmentDown | None = None
    standing: bool = False
    starts: int = 0
    name: str = "process"
    urls: Mapping[str, str] = field(default_factory=lambda: {"desk": "http://127.0.0.1:1"})
    identities: tuple[Identity, ...] = (IDENTITY,)
    disposable: bool = True

    @contextmanager
    def start(self, order: Order, listener: Listener) -> Iterator[Candidate]:
        """Stand while the context lasts."""
        listener.step(f"starting {order.version}")
        self.starts += 1
        if self.fails_to_start is not None:
            raise self.fails_to_start
        self.standing = True
        try:
            yield self
        finally:
            self.standing = False
        if self.fails_to_stop is not None:
            raise self.fails_to_stop

    def raise_if_down(self) -> None:
        """Nothing asks this here."""

    def raise_if_silent(self) -> None:
        """Answer, while it stands."""
        assert self.standing
        if self.silent is not None:
            raise self.silent


class Waiting:
    """An audience that may send a signal late, while what was started is being stopped."""

    def __init__(self, late: str = "") -> None:
        self.steps: list[str] = []
        self._late = ["", late]  # the first hold begins the time in which signals wait

    def step(self, text: str) -> None:
        """Keep the step."""
        self.steps.append(text)

    def tests(self, *, done: int, total: int, not_passed: int) -> None:
        """Nothing tells this here."""

    def hold(self) -> str:
        """Return the signal once."""
        return self._late.pop(0) if self._late else ""


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A job for the tiny system."""
    folder = tmp_path / "run"
    order = Order("run-1", SYSTEM, "1.0", SYSTEM.releases["1.0"], Layout(folder).logs, Redactor(b"key"))
    return Job(manifest=manifest(), order=order, suites=(), folder=folder, policy=POLICY, floors=FLOORS)


def observed(
    job: Job, candidate: Candidate, during: BaseException | None = None, audience: Waiting | None = None
) -> None:
    """Observe the candidate while `during` happens."""
    with observe(job, candidate, audience or Waiting()) as seen:
        assert candidate.standing
        assert seen.layout.folder == job.folder
        if during is not None:
            raise during


def recorded(job: Job) -> list[Event]:
    """Return the events of a bundle that is whole and sealed."""
    assert read_bundle(job.folder).flaws == ()
    return [entry.data for entry in read_journal(Layout(job.folder).journal)[0]]


def kinds(job: Job) -> list[str]:
    return [event.event for event in recorded(job)]


def test_a_run_that_goes_well_is_written_down_from_ready_to_finished(job: Job) -> None:
    """Ready, with the identities; asked once more at the end, while it still stood; stopped before the last event."""
    candidate = Candidate()
    audience = Waiting()
    observed(job, candidate, audience=audience)
    assert kinds(job) == GOOD
    ready = recorded(job)[0]
    assert isinstance(ready, EnvironmentReady)
    assert ready.identities == (IDENTITY,)
    assert ready.endpoints == {"http": "http://127.0.0.1:1/api"}
    assert not candidate.standing
    assert audience.steps == ["starting tiny 1.0 (process)", "starting 1.0"]


def test_the_target_offers_only_what_can_be_reached(job: Job) -> None:
    """A capability whose interface no running service speaks is not offered; a test that needs it will not apply."""
    with observe(job, Candidate(disposable=False), Waiting()) as seen:
        target = seen.target
    assert target.url("http") == "http://127.0.0.1:1/api"
    assert target.url("hl7v2") is None
    assert target.capabilities == {"patients": "http"}
    assert target.absent == {"surgery": "there is no theatre"}
    assert (target.seed, target.disposable) == (manifest().seed, False)


def test_suites_that_failed_are_written_down_and_the_candidate_is_still_asked(job: Job) -> None:
    """That the harness failed says nothing about the candidate; no number gets into the reason."""
    observed(job, Candidate(), SuitesFailed("pytest died", "it printed 170590-9998", "-"))
    assert kinds(job) == ["environment_ready", "suites_broke", "environment_checked", "run_finished"]
    broke = recorded(job)[1]
    assert isinstance(broke, SuitesBroke)
    assert broke.why == f"it printed {job.order.redactor.text('1705909998')}"


@pytest.mark.parametrize(
    ("candidate", "during", "expected"),
    [
        (Candidate(fails_to_start=down(EnvironmentStage.START)), None, ["environment_broke"]),
        (Candidate(), down(EnvironmentStage.RUN), ["environment_ready", "environment_broke"]),
        (Candidate(silent=down(EnvironmentStage.RUN)), None, ["environment_ready", "environment_broke"]),
        (
            Candidate(fails_to_stop=down(EnvironmentStage.STOP)),
            None,
            ["environment_ready", "environment_checked", "environment_broke"],
        ),
    ],
    ids=["start", "run", "silent at the end", "stop"],
)
def test_an_environment_that_breaks_is_written_down_with_its_root_cause(
    job: Job, candidate: Candidate, during: EnvironmentDown | None, expected: list[str]
) -> None:
    """At whichever stage; the error goes on, the candidate is stopped, and the run still comes to its last event."""
    with pytest.raises(EnvironmentDown):
        observed(job, candidate, during)
    assert kinds(job) == [*expected, "run_finished"]
    assert not candidate.standing
    (broke,) = (event for event in recorded(job) if isinstance(event, EnvironmentBroke))
    assert (broke.cause, broke.service, broke.problem) == (EnvironmentCause.KILLED, "desk", "desk is gone")
    assert broke.why == f"last line: {job.order.redactor.text('1705909998')}"


@pytest.mark.parametrize("while_starting", [True, False])
def test_an_interruption_is_written_down_and_the_candidate_is_stopped(job: Job, *, while_starting: bool) -> None:
    """The signal is named, and there is no health check that nobody waited for."""
    signal = Interruption("SIGTERM")
    candidate = Candidate(fails_to_start=signal if while_starting else None)
    with pytest.raises(Interruption):
        observed(job, candidate, signal)
    assert not candidate.standing
    assert Interrupted(signal="SIGTERM") in recorded(job)
    assert "environment_checked" not in kinds(job)
    assert kinds(job)[-1] == "run_finished"


def test_a_signal_that_came_while_stopping_is_written_down(job: Job) -> None:
    """It stops nothing half-way, and is not forgotten either: who sent it did not want a verdict."""
    observed(job, Candidate(), audience=Waiting(late="SIGINT"))
    assert kinds(job) == ["environment_ready", "environment_checked", "interrupted", "run_finished"]


def test_an_error_that_nobody_foresaw_goes_on_and_leaves_a_bundle(job: Job) -> None:
    """A fault of the gate itself stops the candidate, seals the bundle, and is not taken for a good end."""
    candidate = Candidate()
    with pytest.raises(ZeroDivisionError):
        observed(job, candidate, ZeroDivisionError())
    assert not candidate.standing
    assert kinds(job) == ["environment_ready", "suites_broke", "run_finished"]
    assert judge_bundle(job.folder).decision is Decision.INCONCLUSIVE


def test_what_could_not_be_stopped_is_named_in_the_last_event(job: Job) -> None:
    """An environment that does not go away is left behind by name; one that broke before has left nothing by that."""
    with pytest.raises(EnvironmentDown):
        observed(job, Candidate(fails_to_stop=down(EnvironmentStage.STOP)))
    end = recorded(job)[-1]
    assert isinstance(end, RunFinished)
    assert end.left_behind == ("desk is gone",)


def test_without_a_place_for_evidence_nothing_is_started(job: Job) -> None:
    """A candidate that nobody could write about is not run."""
    job.folder.mkdir()
    (job.folder / "something").write_text("")
    candidate = Candidate()
    with pytest.raises(EvidenceUnwritable):
        observed(job, candidate)
    assert candidate.starts == 0
