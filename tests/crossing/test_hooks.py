"""The plugin minds its own business: suites that say that they cross, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from epjgate.model.events import TestsCollected

if TYPE_CHECKING:
    from tests.crossing.conftest import Inner

CROSSES = """
def test_crosses(epj, desk):
    assert desk.request("GET", "/").status == 200
    epj = yield
    assert desk.request("GET", "/").status == 200
"""


def test_without_an_upgrade_in_sight_only_the_first_parts_run(inner: Inner) -> None:
    """The others are not applicable, and say what would run them."""
    status, output = inner.run(CROSSES)
    assert status == 0, output
    assert {name: (end.outcome, end.reason) for name, end in inner.ends().items()} == {
        "test_crosses[before]": ("passed", ""),
        "test_crosses[after]": ("not_applicable", "no upgrade is rehearsed in this run: `epjgate rehearse` does that"),
    }


def test_without_an_upgrade_in_sight_workers_may_share_the_tests(inner: Inner) -> None:
    """Nothing goes on, so it does not matter where."""
    status, output = inner.run(CROSSES, "-p", "xdist", "-n", "2")
    assert status == 0, output
    assert {name: end.outcome for name, end in inner.ends().items()} == {
        "test_crosses[before]": "passed",
        "test_crosses[after]": "not_applicable",
    }


def test_a_suite_that_does_not_say_so_crosses_nothing(inner: Inner) -> None:
    """A test that yields there is an error of its file, never one that passes without having run."""
    inner.describe("")
    status, _output = inner.run(CROSSES)
    assert status == 2
    (error,) = (error for event in inner.events if isinstance(event, TestsCollected) for error in event.errors)
    assert "test_crosses" in error


def test_a_description_with_a_mistake_is_an_error_of_the_file(inner: Inner) -> None:
    """Nobody guesses whether the suite crosses."""
    inner.describe("crosses_upgrade = 'perhaps'\n")
    status, output = inner.run(CROSSES)
    assert status == 2
    assert "suite.toml is not valid" in output


def test_several_workers_do_not_rehearse(inner: Inner, tmp_path: Path) -> None:
    """What a test holds lies in one process."""
    status, output = inner.run(CROSSES, "-p", "xdist", "-n", "2", f"--epj-handover={tmp_path}")
    assert status == pytest.ExitCode.USAGE_ERROR
    assert "live in one process" in output


def test_outside_suites_nothing_changes(pytester: pytest.Pytester) -> None:
    """Anybody may have the plugin installed."""
    pytester.makepyfile("def test_yields():\n    yield\n\n\ndef test_plain():\n    pass\n")
    result = pytester.runpytest()
    result.stdout.fnmatch_lines(["*'yield' keyword is allowed in fixtures, but not in tests (test_yields)*"])


def test_listing_shows_the_parts(inner: Inner) -> None:
    """And runs none of them."""
    status, output = inner.run(CROSSES, "--collect-only", "-q")
    assert status == 0
    parts = [line for line in output.splitlines() if "::" in line]
    assert parts == [f"suite/test_suite.py::test_crosses[{part}]" for part in ("before", "after")]
    assert not inner.layout.journal.exists()
