"""The hooks of a session that records, without logic: each calls a plain function that lies beside this file."""

from __future__ import annotations

import gc
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Protocol

import pytest

from epjgate.errors import GateError
from epjgate.model.events import Interrupted
from epjgate.plugin import allure_results, examples, turns
from epjgate.plugin.assertions import counted_by
from epjgate.plugin.attempt import ATTEMPT, Attempt, raise_if_not_to_run
from epjgate.plugin.recording import END_OF_TEST, RECORDING, Recording, open_recording, target_is_given, tell_worker
from epjgate.plugin.repeats import attempt_of

if TYPE_CHECKING:
    from epjgate.plugin.standalone import OwnRun


class _XdistNode(Protocol):
    """A worker, as xdist hands it to hooks."""

    config: pytest.Config
    workerinput: dict[str, object]


def begin(config: pytest.Config) -> None:
    """Open the recording and register its hooks; a candidate is started first where none was given."""
    try:
        own_run = None if target_is_given(config) else _start(config)
        recording = open_recording(config, allure_results.step)
    except GateError as err:
        raise pytest.UsageError(str(err)) from err
    config.stash[RECORDING] = recording
    allure = allure_results.Replacement(recording.recorder, config.getoption("allure_report_dir", None))
    config.pluginmanager.register(RecordingHooks(recording, own_run, allure), "epjgate-recording")
    gc.freeze()  # what was imported stays: whoever looks for garbage, as pytest does at its end, need not look there


def _start(config: pytest.Config) -> OwnRun:
    from epjgate.plugin.standalone import start  # what starts candidates is slow to import, and seldom needed here

    return start(config)


class RecordingHooks:
    """Hands what pytest tells on to the recording."""

    def __init__(self, recording: Recording, own_run: OwnRun | None, allure: allure_results.Replacement) -> None:
        self._recording = recording
        self._allure = allure
        self._own_run = own_run

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Let exclusive tests come last; hand on to Allure what it shows."""
        items[:] = turns.exclusive_last(items)
        if config.pluginmanager.hasplugin("allure_pytest"):
            allure_results.label(items)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what could not be collected; a file that is skipped as a whole takes its tests away unseen."""
        if not report.passed:
            self._recording.fail_to_collect(report)

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Keep which tests were taken away before they could run."""
        self._recording.miss(items)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Write down the tests that are to run."""
        if not hasattr(session.config, "workerinput") and not session.config.getoption("numprocesses", None):
            self._recording.collect([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: _XdistNode, ids: list[str]) -> None:  # noqa: ARG002 - hook
        """Write down the tests that are to run, as the workers found them."""
        self._recording.collect(ids)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Give the test its turn on the system, a clean sheet, and examples of its own in every attempt."""
        examples.seed_examples(item.config, self._recording.target.seed + attempt_of(item) - 1)
        with turns.turn(item, self._recording.layout.target):
            self._recording.recorder.reset()
            attempt = item.stash[ATTEMPT] = Attempt(item, self._recording.suites)
            with counted_by(attempt.held):
                return (yield)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: _XdistNode) -> None:
        """Tell a worker which candidate it meets: it sees this process's arguments, and not what was found since."""
        tell_worker(node.config, node.workerinput)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: _XdistNode) -> None:
        """Take over what a worker found missing."""
        self._recording.take_over(getattr(node, "workeroutput", {}))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Write down that a test begins."""
        self._recording.begin(nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Do not run what is not to run on this system."""
        raise_if_not_to_run(item, self._recording.target)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Take in how a phase ended; the last phase carries the whole test to the journal."""
        report = yield
        attempt, recorder = item.stash[ATTEMPT], self._recording.recorder
        attempt.take(report, call.excinfo.value if call.excinfo else None, recorder)
        if report.when == "call" and report.failed:
            allure_results.attach(recorder.exchanges)
        if report.when == "teardown":
            suite = self._recording.suite_of(item.nodeid)
            end = attempt.finished(recorder, self._recording.layout, suite=suite, worker=self._recording.worker)
            report.user_properties.append((END_OF_TEST, end.model_dump(mode="json")))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write down that a test ended."""
        self._recording.end(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write down the end; stop a candidate that was started here."""
        examples.leave_out_unused(session.config.pluginmanager)
        self._recording.finish(int(exitstatus))
        self._allure.undo()
        self._recording.hand_over(getattr(session.config, "workeroutput", {}))
        if self._own_run is not None:
            self._own_run.finish()

    def pytest_keyboard_interrupt(self) -> None:
        """Write down that somebody stopped a run that began here; the gate itself knows when it stopped one."""
        if self._own_run is not None:
            self._recording.write(Interrupted(signal="SIGINT"))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where the evidence is, and that nothing was judged."""
        if self._own_run is not None:
            terminalreporter.write_line(self._own_run.last_words())
