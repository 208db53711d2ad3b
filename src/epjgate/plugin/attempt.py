"""What one test did, gathered while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from epjgate.errors import CapabilityMissing, UsageError
from epjgate.evidence.exchanges import write_exchanges
from epjgate.evidence.layout import Layout
from epjgate.evidence.recorder import Recorder
from epjgate.model.events import Fault, Level, Requirement, Severity, TestFinished
from epjgate.model.outcome import Outcome, worst
from epjgate.model.target import Target
from epjgate.plugin.assertions import Tally
from epjgate.plugin.incidents import incident_of
from epjgate.plugin.outcomes import fault_of, outcome_of
from epjgate.plugin.repeats import attempt_of
from epjgate.plugin.rules import pinned_by

ATTEMPT: pytest.StashKey[Attempt] = pytest.StashKey()


@dataclass
class Attempt:
    """One test from its set-up to its teardown: the worst of its phases is its outcome, `held` counts assertions."""

    item: pytest.Item
    suites: Path
    outcome: Outcome = Outcome.PASSED
    held: Tally = field(default_factory=Tally)
    duration_s: float = 0.0
    reason: str = ""
    fault: Fault | None = None
    phases: list[str] = field(default_factory=list)

    def take(self, report: pytest.TestReport, error: BaseException | None, recorder: Recorder) -> None:
        """Take in how one phase ended; a phase that pytest calls failed without an error is broken."""
        self.phases.append(report.when)
        self.duration_s += report.duration
        if error is None and report.passed:
            return
        outcome = Outcome.BROKEN if error is None else outcome_of(error, self.suites)
        if worst((self.outcome, outcome)) is not outcome or outcome is self.outcome:
            return
        self.outcome = outcome
        if outcome in (Outcome.SKIPPED, Outcome.NOT_APPLICABLE):
            self.reason = recorder.redactor.text(_reason(error))
            _show_as_skip(report, self.reason)
        else:
            self.fault = fault_of(report, error or AssertionError("pytest calls it failed"), recorder.redactor)

    def finished(self, recorder: Recorder, layout: Layout, *, suite: str, worker: str) -> TestFinished:
        """Return the test's end; the exchanges of a test that did not pass are written first. Raises OSError."""
        if self.outcome is Outcome.PASSED and "call" not in self.phases:
            self.outcome = Outcome.BROKEN  # it was set up and torn down, and nothing was ever called
        kept = recorder.exchanges if self.outcome is not Outcome.PASSED else ()
        skip = self.item.get_closest_marker("declared_skip")
        test = recorder.redactor.text(self.item.nodeid)
        return TestFinished(
            test=test,
            suite=suite,
            title=recorder.redactor.text(title_of(self.item)),
            outcome=self.outcome,
            duration_s=round(self.duration_s, 6),
            assertions=self.held.count,
            exchanges=recorder.count,
            severity=severity_of(self.item),
            requirements=requirements_of(self.item),
            capabilities=capabilities_of(self.item),
            reason=self.reason,
            owner=str(skip.kwargs.get("owner", "")) if skip is not None else "",
            fault=self.fault,
            exchanges_file=write_exchanges(layout, test, kept) if kept else "",
            worker=worker,
            incident=incident_of(self.item),
            attempt=attempt_of(self.item),
        )


def raise_if_not_to_run(item: pytest.Item, target: Target) -> None:
    """Return when the test is to run on `target`; skips it, or raises CapabilityMissing, with the reason otherwise.

    A system that is not declared disposable meets only tests that change nothing.
    """
    skip = item.get_closest_marker("declared_skip")
    if skip is not None:
        pytest.skip(str(skip.kwargs.get("reason", "")))
    if not target.disposable and item.get_closest_marker("read_only") is None:
        raise CapabilityMissing(
            f"{target.system} is not to be written to",
            "its description does not say that it is disposable",
            "declare the release disposable in system.toml, if no real patient is in it",
        )
    for capability in capabilities_of(item):
        if capability not in target.capabilities:
            raise missing(capability, target)


def missing(what: str, target: Target) -> CapabilityMissing:
    """Return the error that says why `target` does not have `what`."""
    why = target.absent.get(what, "its description does not name it")
    return CapabilityMissing(
        f"{target.system} has no {what}", why, f"describe {what} in its system.toml once it has it"
    )


def requirements_of(item: pytest.Item) -> tuple[Requirement, ...]:
    """Return the rules that the test pins, the nearest first; raises UsageError for a marker that says too little.

    Those that `contracts/` holds come first.
    """
    return (*pinned_by(item), *(_requirement(item, mark) for mark in item.iter_markers("requirement")))


def severity_of(item: pytest.Item) -> Severity:
    """Return the test's severity, `normal` where none is named; raises UsageError for an unknown one."""
    mark = item.get_closest_marker("severity")
    name = str(mark.args[0]) if mark is not None and mark.args else Severity.NORMAL.value
    try:
        return Severity(name)
    except ValueError as err:
        raise UsageError(
            f"{item.nodeid} cannot be run", f"severity {name!r} is none of {', '.join(Severity)}", "name one of them"
        ) from err


def capabilities_of(item: pytest.Item) -> tuple[str, ...]:
    """Return the capabilities that the test needs, in the order in which they are named."""
    return tuple(dict.fromkeys(str(name) for mark in item.iter_markers("needs") for name in mark.args))


def title_of(item: pytest.Item) -> str:
    """Return the first line of the test's docstring, or its name."""
    doc = getattr(getattr(item, "obj", None), "__doc__", None)
    return doc.strip().partition("\n")[0] if doc and doc.strip() else item.name


def _requirement(item: pytest.Item, mark: pytest.Mark) -> Requirement:
    try:
        specification, section = mark.args
        return Requirement(
            specification=specification,
            section=section,
            level=Level(mark.kwargs.get("level", Level.SHALL)),
            url=mark.kwargs.get("url", ""),
        )
    except ValueError as err:
        raise UsageError(
            f"{item.nodeid} cannot be run",
            f"its requirement marker does not name a specification, a section and a known level: {err}",
            "write @pytest.mark.requirement('FHIR R4 4.0.1', 'RESTful API 3.1.0.8', level='shall')",
        ) from err


def _reason(error: BaseException | None) -> str:
    if isinstance(error, CapabilityMissing):
        return f"{error.problem}: {error.cause}"
    return str(getattr(error, "msg", "") or error or "")


def _show_as_skip(report: pytest.TestReport, reason: str) -> None:
    path, line, _ = report.location
    report.outcome = "skipped"
    report.longrepr = (path, (line or 0) + 1, f"Skipped: {reason}")
