"""Keeping the matrix: rows of the same tests, build by build, and nothing that belongs to others."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.incidents.conftest import NOW
from tests.incidents.matrices import make_catalogue, make_matrix, row

from epjgate.errors import EvidenceUnwritable, UsageError
from epjgate.incidents.matrix import Catalogue
from epjgate.incidents.matrix_keeping import keep_matrix, read_matrix, stale_builds, with_repetition, with_row
from epjgate.model.matrix import Repetition

if TYPE_CHECKING:
    from tests.incidents.conftest import Suites


@pytest.fixture
def catalogue(suites: Suites) -> Catalogue:
    """Three builds, three incidents."""
    return make_catalogue(suites)


@pytest.mark.parametrize("changes", [{}, {"builds": {}}, {"repeated": None}])
def test_a_matrix_comes_back_as_it_was_kept(changes: dict[str, Any], catalogue: Catalogue, tmp_path: Path) -> None:
    """Nothing is lost, with and without rows."""
    matrix, file = make_matrix(catalogue, **changes), tmp_path / "matrix.json"
    keep_matrix(file, matrix)
    assert read_matrix(file) == matrix


def test_each_build_has_a_line_of_its_own(catalogue: Catalogue, tmp_path: Path) -> None:
    """So that a difference between two matrices names the builds that differ; other tools read it as JSON."""
    file = tmp_path / "matrix.json"
    keep_matrix(file, make_matrix(catalogue))
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if '"source"' in line and line[4] == '"']
    assert [line.split('"')[1] for line in lines if '"green"' in line] == ["1.0.1", "1.0.2", "1.1.3"]
    assert json.loads(file.read_text(encoding="utf-8"))["schema_version"] == "epjgate/matrix/1"


def test_a_row_takes_the_place_of_an_earlier_one(catalogue: Catalogue) -> None:
    """The others stay, in the order of the train, and so does the repetition."""
    whole = make_matrix(catalogue)
    first = with_row(None, catalogue, "process", "1.1.3", row("1.1.3"))
    second = with_row(first, catalogue, "process", "1.0.2", row("1.0.2"))
    assert (list(second.builds), second.repeated) == (["1.0.2", "1.1.3"], None)
    again = with_row(whole, catalogue, "process", "1.0.2", row("1.0.2", source="sha256:new"))
    assert again.builds["1.0.2"].source == "sha256:new"
    assert (list(again.builds), again.repeated) == (["1.0.1", "1.0.2", "1.1.3"], whole.repeated)


@pytest.mark.parametrize("changes", [{"words": "sha256:new"}, {"tests": {"INC-0001": "sha256:new"}}])
def test_rows_that_met_other_tests_are_left_out(changes: dict[str, Any], catalogue: Catalogue) -> None:
    """A matrix of two kinds of rows would say of neither what they met."""
    whole, now = make_matrix(catalogue), replace(catalogue, **changes)
    renewed = with_row(whole, now, "process", "1.0.2", row("1.0.2"))
    assert (list(renewed.builds), renewed.repeated) == (["1.0.2"], None)
    assert (renewed.words, renewed.tests) == (now.words, now.tests)
    repeated = Repetition(build="1.1.3", source="sha256:1.1.3", at=NOW, runs=20)
    assert with_repetition(whole, now, "process", repeated).builds == {}
    assert with_repetition(whole, catalogue, "process", repeated).builds == whole.builds


def test_rows_of_another_environment_or_of_no_build_are_left_out(catalogue: Catalogue) -> None:
    """Containers may show something else than processes."""
    whole = make_matrix(catalogue)
    assert list(with_row(whole, catalogue, "container", "1.0.2", row("1.0.2")).builds) == ["1.0.2"]
    foreign = make_matrix(catalogue, builds={**whole.builds, "1.2.9": row("1.0.1")})
    assert "1.2.9" not in with_row(foreign, catalogue, "process", "1.0.2", row("1.0.2")).builds


def test_only_what_does_not_hold_is_stale(catalogue: Catalogue) -> None:
    """A build that is missing, or of other source code; all of them where the tests are others, or there is none."""
    whole = make_matrix(catalogue)
    assert stale_builds(whole, catalogue, "process") == ()
    part = {"1.0.1": row("1.0.1"), "1.0.2": row("1.0.2", source="sha256:before")}
    assert stale_builds(make_matrix(catalogue, builds=part), catalogue, "process") == ("1.0.2", "1.1.3")
    every = catalogue.train.versions
    assert stale_builds(None, catalogue, "process") == every
    assert stale_builds(whole, replace(catalogue, words="sha256:new"), "process") == every


def test_a_file_that_is_no_matrix_is_refused(tmp_path: Path) -> None:
    """A missing one is none; a wrong one is not taken for an empty one."""
    file = tmp_path / "matrix.json"
    assert read_matrix(file) is None
    file.write_text('{"schema_version": "epjgate/matrix/9"}', encoding="utf-8")
    with pytest.raises(UsageError, match="is no matrix"):
        read_matrix(file)
    with pytest.raises(UsageError, match="cannot be read"):
        read_matrix(tmp_path)


def test_a_matrix_that_cannot_be_written_is_told(catalogue: Catalogue, tmp_path: Path) -> None:
    """With the file's name."""
    with pytest.raises(EvidenceUnwritable, match=r"nowhere/matrix\.json cannot be written"):
        keep_matrix(tmp_path / "nowhere" / "matrix.json", make_matrix(catalogue))
