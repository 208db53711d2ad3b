"""The catalogue of suites: by folder, and nothing by guess."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from epjgate.errors import UsageError
from epjgate.suite_runner.catalogue import choose_suites, load_suites

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


def test_a_suite_that_crosses_an_upgrade_is_chosen_by_name_alone(bench: Bench) -> None:
    """A run without a rehearsal has no upgrade for it; where nothing else is there, there is nothing to run."""
    with (bench.suite("upgrade") / "suite.toml").open("a", encoding="utf-8") as description:
        description.write("crosses_upgrade = true\n")
    with pytest.raises(UsageError, match="there is nothing to run"):
        choose_suites(bench.suites, ())
    bench.suite("desk")
    assert [suite.name for suite in choose_suites(bench.suites, ())] == ["desk"]
    assert [suite.name for suite in choose_suites(bench.suites, ("desk", "upgrade"))] == ["desk", "upgrade"]


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


def test_a_plan_knows_the_suite_by_its_content(bench: Bench) -> None:
    """Another test in the suite is another digest in the manifest."""
    bench.suite("desk")
    (before,) = (suite.plan() for suite in load_suites(bench.suites))
    (bench.suites / "desk" / "test_desk.py").write_text("def test_new(): pass\n", encoding="utf-8")
    (after,) = (suite.plan() for suite in load_suites(bench.suites))
    assert (before.name, before.title) == (after.name, after.title) == ("desk", "desk")
    assert before.digest != after.digest
