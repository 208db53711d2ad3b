"""Which suite a file belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from epjgate.suite_runner.membership import suite_name_of

if TYPE_CHECKING:
    from tests.suite_runner.conftest import Bench


def test_a_test_belongs_to_the_nearest_suite_above_it(bench: Bench) -> None:
    """A suite inside another one's folder has its tests for itself; outside of all there is none."""
    outer, inner = bench.suite("incidents"), bench.suite("incidents/INC-1")
    (inner / "deep").mkdir()
    found = {
        suite_name_of(path, bench.suites)
        for path in (inner / "deep" / "test_a.py", inner / "test_a.py", outer / "test_a.py")
    }
    assert suite_name_of(inner / "deep" / "test_a.py", bench.suites) == "incidents/INC-1"
    assert suite_name_of(outer / "test_a.py", bench.suites) == "incidents"
    assert found == {"incidents", "incidents/INC-1"}
    assert suite_name_of(bench.suites / "other" / "test_a.py", bench.suites) == ""
