"""The recording of a session, with workers and without."""

from __future__ import annotations

import pytest
from tests.plugin.conftest import Inner

from epjgate.model.events import SuitesFinished, TestsCollected, TestStarted
from epjgate.model.outcome import Outcome

SEVERAL = """
import pytest

@pytest.mark.parametrize("number", range(6))
def test_one(desk, number):
    assert desk.request("GET", f"/{number}").status == 200
"""


@pytest.mark.parametrize("workers", [[], ["-n2"]])
def test_the_journal_tells_the_same_with_and_without_workers(inner: Inner, workers: list[str]) -> None:
    """Every test is collected, begun and ended once, and the last event is pytest's own end."""
    inner.run(SEVERAL, *workers)
    names = {f"desk/test_desk.py::test_one[{number}]" for number in range(6)}
    collected = [event for event in inner.events if isinstance(event, TestsCollected)]
    assert [event.tests for event in collected] == [dict.fromkeys(names, "desk")]
    assert {event.test for event in inner.events if isinstance(event, TestStarted)} == names
    assert {end.test for end in inner.ends().values()} == names
    assert inner.events[-1] == SuitesFinished(exit_status=0)
    assert {bool(end.worker) for end in inner.ends().values()} == {bool(workers)}


def test_a_worker_that_dies_leaves_its_test_broken(inner: Inner) -> None:
    """The test during which a worker died did not pass; the others are not lost."""
    inner.run(
        SEVERAL + "\ndef test_dies(desk):\n    import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)\n", "-n2"
    )
    ends = inner.ends()
    assert ends["test_dies"].outcome is Outcome.BROKEN
    assert sum(end.outcome is Outcome.PASSED for end in ends.values()) == 6


def test_a_run_outside_the_suites_is_left_alone(pytester: pytest.Pytester) -> None:
    """Where `epj_suites` is not set the plugin adds no fixture, records nothing and changes no outcome."""
    pytester.makepyfile("def test_x():\n    assert True\ndef test_y(target):\n    assert True\n")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1, errors=1)


def test_without_a_target_a_clear_error_says_what_is_missing(pytester: pytest.Pytester) -> None:
    """A suites folder outside any project cannot be run, and pytest says why and what to do."""
    pytester.makefile(".toml", pytest="[pytest]\nepj_suites = true\n")
    pytester.makepyfile("def test_x():\n    assert True\n")
    result = pytester.runpytest_subprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*this is no epjgate project*"])
