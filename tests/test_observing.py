"""Observing a candidate: whatever happens, it is stopped and the bundle says how it went."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from tests.builders import DIGEST, FLOORS, POLICY, manifest
from tests.environments.receivers import Receivers

from epjgate.environments.interface import EnvironmentDown, Listener, Order
from epjgate.errors import EvidenceUnwritable, Interruption, SuitesFailed
from epjgate.evidence.journal import read_journal
from epjgate.evidence.layout import Layout
from epjgate.evidence.reader import read_bundle
from epjgate.judging import judge_bundle
from epjgate.model.alteration import Alteration
from epjgate.model.events import (
    EnvironmentBroke,
    EnvironmentCause,
    EnvironmentChecked,
    EnvironmentReady,
    EnvironmentStage,
    Event,
    Interrupted,
    RunFinished,
    SuitesBroke,
)
from epjgate.model.identity import DigestKind, Identity
from epjgate.model.redaction import Redactor
from epjgate.model.system import EarlierRelease, System
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
    fails_beside: EnvironmentDown | None = None
    taken_beside: EnvironmentDown | None = None
    taken: EnvironmentDown | None = None
    standing: bool = False
    starts: int = 0
    name: str = "process"
    urls: Mapping[str, str] = field(default_factory=lambda: {"desk": "http://127.0.0.1:1"})
    ports: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    identities: tuple[Identity, ...] = (IDENTITY,)
    disposable: bool = True
    opens_partners: bool = False
    partners_seen_closed: Callable[[], int] = lambda: 0

    @contextmanager
    def start(self, order: Order, listener: Listener) -> Iterator[Candidate]:
        """Stand while the context lasts."""
        listener.step(f"starting {order.version}")
        if self.opens_partners and order.partners is not None:
            order.partners.open("127.0.0.1")
        self.starts += 1
        if self.fails_to_start is not None:
            raise self.fails_to_start
        self.standing = True
        try:
            yield self
        finally:
            self.standing = False
            assert self.partners_seen_closed() == 0
        if self.fails_to_stop is not None:
            raise self.fails_to_stop

    def identify(self, order: Order, listener: Listener) -> tuple[Identity, ...]:
        """Return what runs when it runs."""
        listener.step(f"looking up {order.version}")
        return self.identities

    def run_beside(self, service: str, command: Sequence[str]) -> str:
        """Say what would have been run."""
        return f"{service}: {' '.join(command)}"

    @contextmanager
    def start_earlier(self, order: Order, listener: Listener) -> Iterator[Candidate]:
        """Another release stands beside this one, while this one stands."""
        listener.step(f"starting {order.version} beside")
        if self.fails_beside is not None:
            raise self.fails_beside
        beside = Candidate(urls={"desk": "http://127.0.0.1:2"}, taken=self.taken_beside, standing=True)
        try:
            yield beside
        finally:
            assert self.standing, "the candidate was stopped before what stood on its database"

    def raise_if_down(self) -> None:
        """Stand, or say that somebody took it away."""
        if self.taken is not None:
            raise self.taken

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
        self.held = 0

    def step(self, text: str) -> None:
        """Keep the step."""
        self.steps.append(text)

    def tests(self, *, done: int, total: int, not_passed: int) -> None:
        """Nothing tells this here."""

    def hold(self) -> str:
        """Return the signal once."""
        self.held += 1
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
    assert target.absent == {
        "surgery": "there is no theatre",
        "laboratory": "Tiny cannot be asked over hl7v2 in the environment process",
    }
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
    assert judge_bundle(job.folder).verdict.decision is Decision.INCONCLUSIVE


def test_what_could_not_be_stopped_is_named_in_the_last_event(job: Job) -> None:
    """An environment that does not go away is left behind by name; one that broke before has left nothing by that."""
    with pytest.raises(EnvironmentDown):
        observed(job, Candidate(fails_to_stop=down(EnvironmentStage.STOP)))
    end = recorded(job)[-1]
    assert isinstance(end, RunFinished)
    assert end.left_behind == ("desk is gone",)


class Baseline:
    """Something beside the candidate that has to be stopped, and notes when that was."""

    def __init__(self, seen: Callable[[], tuple[bool, int]], fails: EnvironmentDown | None = None) -> None:
        self._seen = seen
        self._fails = fails
        self.stopped_while: tuple[bool, int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        self.stopped_while = self._seen()
        if self._fails is not None:
            raise self._fails


@pytest.mark.parametrize("during", [None, Interruption("SIGTERM")], ids=["good", "interrupted"])
def test_what_runs_beside_the_candidate_ends_before_it_and_uninterrupted(
    job: Job, during: BaseException | None
) -> None:
    """A baseline that was started for its surface is stopped while the candidate stands and signals already wait."""
    candidate, audience = Candidate(), Waiting()
    baseline = Baseline(lambda: (candidate.standing, audience.held))
    with suppress(Interruption), observe(job, candidate, audience) as seen:
        seen.besides.enter_context(baseline)
        if during is not None:
            raise during
    assert baseline.stopped_while == (True, 1)


def test_a_baseline_that_cannot_be_stopped_is_named_in_the_last_event(job: Job) -> None:
    """What a comparison left running is as much a leftover as the candidate itself."""
    with pytest.raises(EnvironmentDown), observe(job, Candidate(), Waiting()) as seen:
        seen.besides.enter_context(Baseline(lambda: (True, 0), down(EnvironmentStage.STOP)))
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


PORT = SYSTEM.model_validate(
    {
        **SYSTEM.model_dump(),
        "services": {"desk": {"ready": {"path": "/ready"}, "ports": {"mllp": 2575}}},
        "interfaces": {"http": {"service": "desk"}, "hl7v2": {"service": "desk", "port": "mllp"}},
        "capabilities": {"laboratory": "hl7v2", "national_register": "partners"},
        "users": {"doctor": "a-token"},
        "partners": {"lpr3": "lpr3"},
    }
)


def with_partners(job: Job, partners: Receivers) -> Job:
    return replace(job, order=replace(job.order, system=PORT, partners=partners))


def test_the_target_says_who_may_sign_in_and_where_receivers_are_read(job: Job) -> None:
    """A further port is an interface of its own scheme; alterations reach the suites as they were ordered."""
    alteration = Alteration.model_validate({"action": "lose", "match": {"method": "POST", "path": "/fhir"}})
    ordered = replace(with_partners(job, Receivers()), alterations=(alteration,))
    candidate = Candidate(opens_partners=True, ports={"desk": {"mllp": "127.0.0.1:2"}})
    with observe(ordered, candidate, Waiting()) as seen:
        target = seen.target
    assert target.url("hl7v2") == "mllp://127.0.0.1:2"
    assert target.capabilities == {"laboratory": "hl7v2", "national_register": "partners"}
    assert (target.users, target.partners) == ({"doctor": "a-token"}, "http://127.0.0.1:1/control")
    assert target.alterations == (alteration,)
    assert target.absent == {"surgery": "there is no theatre"}


def test_receivers_that_nobody_opened_serve_nothing(job: Job) -> None:
    """Where the candidate sends elsewhere nothing can be read, and the reason is said."""
    with observe(with_partners(job, Receivers()), Candidate(name="remote"), Waiting()) as seen:
        target = seen.target
    assert target.partners == ""
    assert "national_register" not in target.capabilities
    assert target.absent["national_register"] == "Tiny cannot be asked over partners in the environment remote"


@pytest.mark.parametrize(
    ("candidate", "during"),
    [
        (Candidate(), None),
        (Candidate(fails_to_start=down(EnvironmentStage.START)), None),
        (Candidate(), Interruption("SIGTERM")),
        (Candidate(fails_to_stop=down(EnvironmentStage.STOP)), None),
    ],
    ids=["good", "start", "interrupted", "stop"],
)
def test_partners_end_after_the_candidate_whatever_happens(
    job: Job, candidate: Candidate, during: BaseException | None
) -> None:
    """What it still sends while it is stopped finds its receiver, and no receiver outlives the run."""
    partners = Receivers()
    candidate.partners_seen_closed = lambda: partners.closed
    with suppress(EnvironmentDown, Interruption):
        observed(with_partners(job, partners), candidate, during)
    assert partners.closed == 1
    assert not candidate.standing


def test_a_receiver_that_failed_is_the_last_word(job: Job) -> None:
    """Tests that failed for it are not held against the candidate: the environment broke."""
    with pytest.raises(EnvironmentDown, match="the receiver fmk is unfit"):
        observed(with_partners(job, Receivers(unfit="it crashed at a message")), Candidate())
    (broke,) = (event for event in recorded(job) if isinstance(event, EnvironmentBroke))
    assert (broke.stage, broke.service) == (EnvironmentStage.RUN, "partners")
    assert not any(isinstance(event, EnvironmentChecked) for event in recorded(job))


def test_a_service_without_a_url_is_among_those_that_were_asked(job: Job) -> None:
    """A database that only other services reach was started, identified and asked as well."""
    database = IDENTITY.model_copy(update={"service": "db"})
    observed(job, Candidate(identities=(IDENTITY, database)))
    (checked,) = (event for event in recorded(job) if isinstance(event, EnvironmentChecked))
    assert checked.services == ("desk", "db")


@pytest.fixture
def earlier(job: Job) -> Job:
    """A job for the tiny system, with the release before it on its database."""
    system = SYSTEM.model_copy(update={"earlier_release": EarlierRelease(service="desk")})
    order = replace(job.order, system=system)
    beside = replace(order, version="0.9", logs=order.logs / "earlier")
    return replace(job, order=order, earlier=beside)


def test_the_earlier_release_is_told_to_the_suites_and_written_down(earlier: Job) -> None:
    """Where it stands is in the target, which bits it runs in the evidence."""
    with observe(earlier, Candidate(), Waiting()) as seen:
        assert seen.target.earlier is not None
        assert seen.target.earlier.release == "0.9"
        assert [one.url for one in seen.target.earlier.endpoints] == ["http://127.0.0.1:2/api"]
    ready = recorded(earlier)[0]
    assert isinstance(ready, EnvironmentReady)
    assert ready.earlier is not None
    assert (ready.earlier.release, ready.earlier.identities, ready.earlier.fault) == ("0.9", (IDENTITY,), "")
    assert kinds(earlier) == GOOD


def test_an_earlier_release_that_crashes_at_its_start_ends_no_run(earlier: Job) -> None:
    """The suites say so: it is what they test. The evidence has the reason, redacted."""
    crashed = down(EnvironmentStage.START)
    crashed.root = EnvironmentCause.CRASHED
    with observe(earlier, Candidate(fails_beside=crashed), Waiting()) as seen:
        assert seen.target.earlier is not None
        assert "desk is gone" in seen.target.earlier.fault
        assert "170590" not in seen.target.earlier.fault
    assert kinds(earlier) == GOOD


def test_an_earlier_release_that_cannot_be_tried_is_trouble_with_the_environment(earlier: Job) -> None:
    """It was killed while it started: nothing is known of the candidate's database."""
    with pytest.raises(EnvironmentDown):
        observed(earlier, Candidate(fails_beside=down(EnvironmentStage.START)))
    assert kinds(earlier) == ["environment_broke", "run_finished"]


@pytest.mark.parametrize("asked", [True, False])
def test_an_earlier_release_that_is_taken_away_ends_the_run(earlier: Job, *, asked: bool) -> None:
    """Tests that asked it may have failed for that: noticed while the suites run, or after them."""

    def run() -> None:
        with observe(earlier, Candidate(taken_beside=down(EnvironmentStage.RUN)), Waiting()) as seen:
            if asked:
                seen.raise_if_down()

    with pytest.raises(EnvironmentDown):
        run()
    assert kinds(earlier) == ["environment_ready", "environment_broke", "run_finished"]


def test_without_an_earlier_release_the_suites_are_told_why(job: Job) -> None:
    """A test that needs it repeats the reason; one that the system's description gives comes first."""
    with observe(replace(job, no_earlier="no baseline was named"), Candidate(), Waiting()) as seen:
        assert seen.target.earlier is None
        assert seen.target.absent["earlier_release"] == "no baseline was named"
        assert seen.target.absent["surgery"] == "there is no theatre"
