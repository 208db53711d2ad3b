"""From an exception to an outcome: who is to blame for a test that did not pass."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

import pytest

from epjgate.errors import CandidateFault, CandidateUnreachable, CapabilityMissing
from epjgate.evidence.digests import text_digest
from epjgate.model.events import Fault
from epjgate.model.outcome import Outcome, worst
from epjgate.model.redaction import Redactor

_TRACE_LIMIT = 20_000
_MESSAGE_LIMIT = 2_000
# What differs between two runs that show the same fault: ids, numbers, times, digests, pseudonyms.
_VARIABLE = re.compile(r"\[cpr [0-9a-f]+\]|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|\b[0-9a-f]{8,}\b|\d+")
# What Python says where a line takes apart more or fewer than there are.
_UNPACKED = re.compile(r"(not enough|too many) values to unpack")


def outcome_of(error: BaseException, suites: Path) -> Outcome:
    """Return what `error`, raised while a test was set up, run or torn down, says.

    An assertion speaks of the candidate only where a suite made it; one that fails inside the harness is the
    harness's own. A line of a suite that takes apart what came back, `(order,) = orders`, asserts how many there are.
    Whatever is no judgement leaves the test broken: unknown is never the candidate's fault.
    """
    match error:
        case CapabilityMissing():
            return Outcome.NOT_APPLICABLE
        case CandidateUnreachable():
            return Outcome.UNREACHABLE
        case pytest.skip.Exception() | pytest.xfail.Exception():
            return Outcome.SKIPPED
        case CandidateFault():
            return Outcome.FAILED
        case pytest.fail.Exception():  # pytest raises it itself for a test that cannot be run
            return Outcome.FAILED if any(_places(error, suites)) else Outcome.BROKEN
        case AssertionError() | ValueError() if isinstance(error, AssertionError) or _UNPACKED.match(str(error)):
            return Outcome.FAILED if [False, *_places(error, suites)][-1] else Outcome.BROKEN
        case BaseExceptionGroup():
            return worst(outcome_of(member, suites) for member in error.exceptions)
        case _:
            return Outcome.BROKEN


def fault_of(report: pytest.TestReport, error: BaseException, redactor: Redactor) -> Fault:
    """Return why the test of `report` did not pass, redacted, with a fingerprint that other runs share."""
    kind = type(error).__name__
    message = redactor.text(str(error))[:_MESSAGE_LIMIT] or kind
    location = _location(report)
    first_line = _VARIABLE.sub("#", message.partition("\n")[0])
    place = f"{report.nodeid.partition('[')[0]}:{report.when}"
    return Fault(
        kind=kind,
        message=message,
        location=location,
        fingerprint=text_digest(kind, first_line, place)[7:23],
        trace=redactor.text(report.longreprtext)[:_TRACE_LIMIT],
    )


def _places(error: BaseException, folder: Path) -> list[bool]:
    """Return for each frame that `error` came through, the one that raised it last, whether its file is in `folder`."""
    frames = traceback.walk_tb(error.__traceback__)
    return [folder in Path(frame.f_code.co_filename).parents for frame, _line in frames]


def _location(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    path, line, _ = report.location
    return f"{Path(crash.path).name}:{crash.lineno}" if crash is not None else f"{path}:{(line or 0) + 1}"
