"""A session that measures the suites: it watches what tests see, or lets them meet mutants, one at a time."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.runner import runtestprotocol  # what pytest-rerunfailures stands on too: a test that is run again

from epjgate.evidence.digests import text_digest
from epjgate.evidence.layout import Layout
from epjgate.evidence.recorder import Recorder
from epjgate.model.outcome import Outcome, worst
from epjgate.model.redaction import Redactor
from epjgate.model.target import Target
from epjgate.model.wire import Tap
from epjgate.plugin import examples, turns
from epjgate.plugin.attempt import raise_if_not_to_run
from epjgate.plugin.occasions import OCCASION, own_name
from epjgate.plugin.outcomes import outcome_of
from epjgate.plugin.recording import RECORDING, Recording, redaction_key
from epjgate.sensing.exchanges import Interfaces
from epjgate.sensing.ledger import RED, Control, Ended, Meeting, Order, Sighting, Tried, Work, Writer
from epjgate.sensing.striking import Striking, Watching

if TYPE_CHECKING:
    from _pytest.fixtures import FixtureDef, SubRequest

_CONTROL_AFTER = 20  # mutants
_REASON_LIMIT = 300


def begin(config: pytest.Config) -> None:
    """Register what measures in place of what records; raises UsageError where an option is missing."""
    bundle, target = config.getoption("epj_bundle"), config.getoption("epj_target")
    if not bundle or not target:
        raise pytest.UsageError("--epj-sensing needs --epj-bundle and --epj-target")
    file = Path(config.getoption("epj_sensing"))
    recording = Recording(
        suites=config.rootpath,
        layout=Layout(Path(bundle)),
        target=Target.model_validate_json(Path(target).read_bytes()),
        recorder=Recorder(Redactor(redaction_key())),
        worker=file.parent.name,
        journal=None,
    )
    config.stash[RECORDING] = recording
    order = Order.model_validate_json(file.read_bytes())
    _find_but_do_not_shrink()
    config.pluginmanager.register(Sensing(order, recording, Writer(file.with_suffix(".jsonl"))), "epjgate-sensing")


def _find_but_do_not_shrink() -> None:
    """Let Hypothesis stop at the first example that turns a test red, and keep it nowhere."""
    from hypothesis import Phase, settings

    phases = (Phase.explicit, Phase.generate)
    settings.register_profile("epjgate-sensing", phases=phases, database=None, deadline=None, print_blob=False)
    settings.load_profile("epjgate-sensing")


class _Between(pytest.Item):
    """Comes after every test: all but what the session shares is torn down, so that each test sets up anew."""

    def runtest(self) -> None:
        """Do nothing."""


@dataclass
class _Run:
    """How one test ends, phase by phase."""

    outcomes: list[Outcome] = field(default_factory=list)
    duration_s: float = 0.0
    reason: str = ""

    @property
    def outcome(self) -> Outcome:
        """The worst of its phases."""
        return worst(self.outcomes)


class Sensing:
    """Runs the tests of the session as its order says, again and again, each time with data of their own."""

    def __init__(self, order: Order, recording: Recording, writer: Writer) -> None:
        self._order = order
        self._recording = recording
        self._writer = writer
        self._interfaces = Interfaces.of(recording.target)
        self._run_now = _Run()
        self._kills: defaultdict[str, list[int]] = defaultdict(list)
        self._unfit: set[str] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Do what the order says, in place of one run of everything."""
        if session.testsfailed:
            raise session.Interrupted(f"{session.testsfailed} errors during collection")
        between = _Between.from_parent(session, name="between")
        if self._order.work:
            self._strike(session, between)
        else:
            self._watch(session, between)
        self._writer.write(Ended())
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Run the test without a word: what became of it is written down here."""
        runtestprotocol(item, log=False, nextitem=nextitem)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Do not run what is not to run on this system."""
        raise_if_not_to_run(item, self._recording.target)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: FixtureDef[Any], request: SubRequest) -> Generator[None, object, object]:  # noqa: ARG002 - hook
        """Let what the whole session shares be made of true answers: later tests get it without having asked."""
        recorder = self._recording.recorder
        tap = recorder.tap
        if fixturedef.scope == "session":
            recorder.tap = None
        try:
            return (yield)
        finally:
            recorder.tap = tap

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Take in how a phase ended."""
        report = yield
        run, error = self._run_now, call.excinfo.value if call.excinfo else None
        run.duration_s += report.duration
        if error is not None:
            run.outcomes.append(outcome_of(error, self._recording.suites))
            run.reason = run.reason or self._reason(error)
        elif report.when == "call":
            run.outcomes.append(Outcome.PASSED if report.passed else Outcome.BROKEN)
        return report

    def pytest_sessionfinish(self) -> None:
        """Close the file."""
        self._writer.close()

    def _reason(self, error: BaseException) -> str:
        told = self._recording.recorder.redactor.text(f"{type(error).__name__}: {error}")
        return " ".join(told.split())[:_REASON_LIMIT]

    def _watch(self, session: pytest.Session, between: pytest.Item) -> None:
        for number, item in enumerate(turns.exclusive_last(session.items)):
            if self._order.take(number):
                tap = Watching(self._interfaces)
                run = self._run(item, between, tap, "watched")
                self._writer.write(
                    Sighting(
                        test=self._recording.name(item.nodeid),
                        suite=self._recording.suite_of(item.nodeid),
                        outcome=run.outcome,
                        duration_s=run.duration_s,
                        reason=run.reason,
                        mutants=tuple(sorted(tap.mutants, key=str)) if run.outcome is Outcome.PASSED else (),
                    )
                )

    def _strike(self, session: pytest.Session, between: pytest.Item) -> None:
        items = {self._recording.name(item.nodeid): item for item in session.items}
        done = 0
        for number, work in enumerate(self._order.work):
            if self._order.until and time.monotonic() > self._order.until:
                break
            if self._order.take(number):
                self._try(number, work, items, between)
                done += 1
                if done % _CONTROL_AFTER == 0:
                    self._control(items, between)
        self._control(items, between)

    def _try(self, number: int, work: Work, items: dict[str, pytest.Item], between: pytest.Item) -> None:
        """Let each suite meet the mutant until one of its tests turns red."""
        for suite, tests in work.tests.items():
            for test in tests:
                if test in self._unfit:
                    continue
                tap = Striking(work.mutant, self._interfaces)
                run = self._run(items[test], between, tap, f"mutant {number}")
                self._writer.write(
                    Meeting(
                        number=number,
                        test=test,
                        suite=suite,
                        outcome=run.outcome,
                        duration_s=round(run.duration_s, 3),
                        struck=tap.struck,
                        reason=run.reason,
                    )
                )
                if tap.struck and run.outcome in RED:
                    self._kills[test].append(number)
                    break
        self._writer.write(Tried(number=number))

    def _control(self, items: dict[str, pytest.Item], between: pytest.Item) -> None:
        """Run every test that has killed since the last control on true answers: only a green one has told apart."""
        for test, numbers in self._kills.items():
            run = self._run(items[test], between, None, f"control after {numbers[-1]}")
            self._writer.write(Control(test=test, outcome=run.outcome, numbers=tuple(numbers)))
            if run.outcome is not Outcome.PASSED:
                self._unfit.add(test)
        self._kills.clear()

    def _run(self, item: pytest.Item, between: pytest.Item, tap: Tap | None, occasion: str) -> _Run:
        """Run `item` with `tap` in between, and with persons and examples of this `occasion` alone."""
        recorder = self._recording.recorder
        self._run_now = _Run()
        item.stash[OCCASION] = occasion
        seed = text_digest(str(self._recording.target.seed), own_name(item))[7:15]
        examples.seed_examples(item.config, int(seed, 16))
        try:
            with turns.turn(item, self._order.lock):
                recorder.reset()
                recorder.tap = tap
                item.ihook.pytest_runtest_protocol(item=item, nextitem=between)
        finally:
            recorder.tap = None
        return self._run_now
