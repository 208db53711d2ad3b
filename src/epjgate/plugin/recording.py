"""The recording of one pytest session: which candidate it meets, and where its evidence goes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from epjgate.errors import EvidenceUnwritable, UsageError
from epjgate.evidence.journal import Journal
from epjgate.evidence.layout import Layout
from epjgate.evidence.recorder import Recorder, StepHook
from epjgate.model.events import (
    Event,
    Fault,
    SuitesFinished,
    TestFinished,
    TestsCollected,
    TestStarted,
)
from epjgate.model.outcome import Outcome
from epjgate.model.redaction import Redactor
from epjgate.model.target import Target
from epjgate.suite_runner.membership import suite_name_of

RECORDING: pytest.StashKey[Recording] = pytest.StashKey()
END_OF_TEST = "epjgate.test_finished"
_MISSING = "epjgate.missing"
_TARGET = "epjgate.target"
_BUNDLE = "epjgate.bundle"
KEY_VARIABLE = "EPJGATE_REDACTION_KEY"


@dataclass
class Recording:
    """What the hooks share. Only the process that collects all reports has a journal; xdist workers have none.

    `worker` tells the sessions on one candidate apart: xdist's name of the worker, the session's of a measurement, or
    nothing where there is but one.
    """

    suites: Path
    layout: Layout
    target: Target
    recorder: Recorder
    worker: str
    journal: Journal | None
    collected: bool = False
    errors: list[str] = field(default_factory=list)
    _suite_of_file: dict[str, str] = field(default_factory=dict)

    def suite_of(self, test: str) -> str:
        """Return the suite of a test's node id."""
        file = test.partition("::")[0]
        if file not in self._suite_of_file:
            self._suite_of_file[file] = suite_name_of(self.suites / file, self.suites)
        return self._suite_of_file[file]

    def collect(self, tests: list[str]) -> None:
        """Take note of the tests that are to run; only the first word counts, workers all find the same ones."""
        if not self.collected:
            self.collected = True
            self.write(TestsCollected(tests={self.name(test): self.suite_of(test) for test in tests}))

    def fail_to_collect(self, report: pytest.CollectReport) -> None:
        """Keep that a file could not be collected, with the last line of why."""
        why = self.recorder.redactor.text(report.longreprtext).strip().rpartition("\n")[2]
        self.errors.append(f"{self.name(report.nodeid)}: {why}")

    def miss(self, items: Sequence[pytest.Item]) -> None:
        """Keep that `items` were deselected: whoever did it, they were not tested."""
        self.errors += [f"{self.name(item.nodeid)}: deselected" for item in items]

    def hand_over(self, workeroutput: dict[str, Any]) -> None:
        """Let a worker's output carry what it found missing."""
        workeroutput[_MISSING] = self.errors

    def take_over(self, workeroutput: dict[str, Any]) -> None:
        """Keep what a worker found missing, once for all workers."""
        self.errors += [error for error in workeroutput.get(_MISSING, []) if error not in self.errors]

    def name(self, test: str) -> str:
        """Return a test's node id as evidence keeps it: without a CPR number that a parameter may hold."""
        return self.recorder.redactor.text(test)

    def begin(self, test: str) -> None:
        """Take note that a test begins."""
        self.write(TestStarted(test=self.name(test), suite=self.suite_of(test)))

    def end(self, report: pytest.TestReport) -> None:
        """Take note that a test ended, or that its worker died."""
        payload = dict(report.user_properties).get(END_OF_TEST)
        if payload is not None:
            # One wait for the disk a test: whatever comes next, be it a test or the end, takes this line along.
            self.write(TestFinished.model_validate(payload), wait=False)
        elif report.when not in ("setup", "call", "teardown"):
            self.write(self._lost_worker(report))

    def finish(self, exit_status: int) -> None:
        """Take note that pytest came to its end."""
        self.collect([])
        if self.errors:
            self.write(TestsCollected(tests={}, errors=tuple(self.errors)))
        self.write(SuitesFinished(exit_status=exit_status))
        if self.journal is not None:
            self.journal.close()

    def write(self, event: Event, *, wait: bool = True) -> None:
        """Write to the journal, where this process has one; a session that cannot record stops at once."""
        if self.journal is None:
            return
        try:
            self.journal.write(event, wait=wait)
        except EvidenceUnwritable as err:
            pytest.exit(f"{err}", returncode=int(pytest.ExitCode.USAGE_ERROR))

    def _lost_worker(self, report: pytest.TestReport) -> TestFinished:
        message = self.recorder.redactor.text(report.longreprtext)
        return TestFinished(
            test=self.name(report.nodeid),
            suite=self.suite_of(report.nodeid),
            title=self.name(report.nodeid),
            outcome=Outcome.BROKEN,
            duration_s=0,
            fault=Fault(kind="WorkerLost", message=message, location=report.location[0], fingerprint="worker-lost"),
        )


def target_is_given(config: pytest.Config) -> bool:
    """Whether somebody else started the candidate: the gate, or the process that started this worker."""
    return bool(config.getoption("epj_target")) or hasattr(config, "workerinput")


def tell_worker(config: pytest.Config, workerinput: dict[str, object]) -> None:
    """Put into `workerinput` where the candidate and the evidence of this session are."""
    workerinput |= {_TARGET: config.getoption("epj_target"), _BUNDLE: config.getoption("epj_bundle")}


def open_recording(config: pytest.Config, step_hook: StepHook) -> Recording:
    """Return the recording for the target and bundle that the options name; raises UsageError if one is missing."""
    told = getattr(config, "workerinput", {})
    bundle = told.get(_BUNDLE) or config.getoption("epj_bundle")
    target_file = told.get(_TARGET) or config.getoption("epj_target")
    if not bundle or not target_file:
        raise UsageError("no evidence can be recorded", "--epj-target and --epj-bundle belong together", "give both")
    layout = Layout(Path(bundle))
    worker = told.get("workerid", "")
    return Recording(
        suites=config.rootpath,
        layout=layout,
        target=Target.model_validate_json(Path(target_file).read_bytes()),
        recorder=Recorder(Redactor(redaction_key()), step_hook=step_hook),
        worker=worker,
        journal=None if worker else Journal(layout, "pytest"),
    )


def redaction_key() -> bytes:
    """Return the run's redaction key; a new one is made where none was handed down, and handed on to workers."""
    key = os.environ.setdefault(KEY_VARIABLE, os.urandom(16).hex())
    return bytes.fromhex(key)
