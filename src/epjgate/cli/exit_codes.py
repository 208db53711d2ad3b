"""The exit codes: an interface, documented in README.md and docs/exit-codes.md."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from epjgate.model.verdict import Blame


class ExitCode(IntEnum):
    """How epjgate ends; only 0 releases."""

    APPROVED = 0
    CRASHED = 1
    USAGE = 2
    NOTHING_TESTED = 3
    ENVIRONMENT = 4
    HARNESS = 5
    REJECTED = 10
    INTERRUPTED = 130


def exit_code_of(blame: Blame) -> ExitCode:
    """Return the exit code of a verdict that blames `blame`."""
    from epjgate.model.verdict import Blame

    match blame:
        case Blame.NOBODY:
            return ExitCode.APPROVED
        case Blame.CANDIDATE:
            return ExitCode.REJECTED
        case Blame.HARNESS:
            return ExitCode.HARNESS
        case Blame.ENVIRONMENT:
            return ExitCode.ENVIRONMENT
        case Blame.NOTHING_TESTED:
            return ExitCode.NOTHING_TESTED
        case Blame.INTERRUPTED:
            return ExitCode.INTERRUPTED
