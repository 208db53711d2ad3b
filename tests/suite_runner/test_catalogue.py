"""The catalogue of suites: by folder, and nothing by guess."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from epjgate.errors import UsageError
from epjgate.suite_runner.catalogue import choose_suites, load_suites, suite_name_of

if TYPE_CHECKING:
    from tests.suite_runner.conftest import Bench


def test_a_suite_is_called_by_its_folder(bench: Bench) -> None:
    """The name is the path below the folder of suites, and the order is by name."""
    bench.suite("incidents/INC-1")
    bench.suite("desk")
    assert [(suite.name, suite.description.title) for suite in load_suites(bench.suites)] == [
        ("desk", "desk"),
        ("incidents/INC-1", "incidents/INC-1"),
    ]


def test_without_names_all_are_chosen_and_with_names_only_those(bench: Bench) -> None:
    """In the order in which they were named."""
    for name in ("a", "b", "c"):
        bench.suite(name)
    assert [suite.name for suite in choose_suites(bench.suites, ())] == ["a", "b", "c"]
    assert [suite.name for suite in choose_suites(bench.suites, ("c", "a"))] == ["c", "a"]


def test_an_unknown_suite_is_refused_with_what_there_is(bench: Bench) -> None:
    """One unknown name among known ones is enough: a run of fewer suites than were asked for is no such run."""
    bench.suite("desk")
    with pytest.raises(UsageError) as caught:
        choose_suites(bench.suites, ("desk", "dusk", "dask"))
    assert caught.value.problem == "there is no suite dask, dusk"
    assert caught.value.cause == "suites are: desk"


def test_a_folder_without_suites_is_refused(bench: Bench) -> None:
    """Nothing to run is a mistake, never an empty run."""
    with pytest.raises(UsageError, match="holds no suite"):
        choose_suites(bench.suites, ())


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"title = 3", "schema_version: missing"), (b"\xff", "cannot be read"), (b"=", "not valid TOML")],
)
def test_a_description_with_a_mistake_is_named(bench: Bench, data: bytes, expected: str) -> None:
    """The file is named, whatever is wrong with it."""
    file = bench.suite("desk") / "suite.toml"
    file.write_bytes(data)
    with pytest.raises(UsageError, match=expected) as caught:
        load_suites(bench.suites)
    assert str(file) in caught.value.problem


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


def test_a_plan_knows_the_suite_by_its_content(bench: Bench) -> None:
    """Another test in the suite is another digest in the manifest."""
    bench.suite("desk")
    (before,) = (suite.plan() for suite in load_suites(bench.suites))
    (bench.suites / "desk" / "test_desk.py").write_text("def test_new(): pass\n", encoding="utf-8")
    (after,) = (suite.plan() for suite in load_suites(bench.suites))
    assert (before.name, before.title) == (after.name, after.title) == ("desk", "desk")
    assert before.digest != after.digest
