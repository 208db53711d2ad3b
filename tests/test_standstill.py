"""A failure counts, unless the machine stood still meanwhile; and then no oftener than three times."""

from __future__ import annotations

import pytest

HELD = """
import ctypes
from pathlib import Path

def attempt():
    log = Path("attempts")
    log.write_text((log.read_text() if log.exists() else "") + "x")
    return len(log.read_text())

def stand_still():
    ctypes.PyDLL(None).usleep(600_000)  # with the lock held that every other thread needs
"""


def ran(pytester: pytest.Pytester, body: str) -> tuple[pytest.RunResult, int]:
    """Return how a test of `body` ended, and how often it was run."""
    pytester.makepyfile(HELD + "\ndef test_it():\n" + "".join(f"    {line}\n" for line in body.splitlines()))
    result = pytester.runpytest_subprocess("-p", "tests.standstill", "-p", "no:cacheprovider")
    return result, len((pytester.path / "attempts").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    """Let the project inside find the module under test."""
    monkeypatch.setenv("PYTHONPATH", str(pytestconfig.rootpath))


def test_a_failure_during_a_pause_is_shown_and_the_test_has_its_say_again(pytester: pytest.Pytester) -> None:
    """It passes then."""
    result, attempts = ran(pytester, "number = attempt()\nstand_still()\nassert number == 2, 'too early'")
    result.assert_outcomes(passed=1)
    assert attempts == 2
    result.stdout.fnmatch_lines(["*test_it: ran again*", "stood still for 0.* s; failed with:", "*too early*"])


def test_a_failure_without_a_pause_is_final(pytester: pytest.Pytester) -> None:
    """However a second attempt would have ended."""
    result, attempts = ran(pytester, "assert attempt() == 2")
    result.assert_outcomes(failed=1)
    assert attempts == 1


def test_whatever_fails_three_times_has_failed(pytester: pytest.Pytester) -> None:
    """The machine is no excuse for ever."""
    result, attempts = ran(pytester, "attempt()\nstand_still()\nassert False")
    result.assert_outcomes(failed=1)
    assert attempts == 3


def test_a_test_that_passes_is_run_once(pytester: pytest.Pytester) -> None:
    """Even where the machine stood still."""
    result, attempts = ran(pytester, "attempt()\nstand_still()")
    result.assert_outcomes(passed=1)
    assert attempts == 1
