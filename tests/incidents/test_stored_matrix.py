"""The matrix of this repository: each faulty build is rejected by its incident, and nothing by an unrelated one."""

from __future__ import annotations

from pathlib import Path

import pytest
from ci.matrix import FILE, SYSTEM, load_catalogue

from epjgate.incidents.matrix import Catalogue, contradictions_of, staleness_of
from epjgate.incidents.matrix_keeping import read_matrix
from epjgate.model.matrix import Matrix
from epjgate.settings import load_settings

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Builds and incidents as they lie in the repository."""
    return load_catalogue(load_settings(ROOT), SYSTEM)


@pytest.fixture(scope="module")
def stored() -> Matrix:
    """What was seen when they last met."""
    matrix = read_matrix(ROOT / FILE)
    assert matrix is not None, "there is no matrix; make it: python ci/matrix.py"
    return matrix


def test_the_matrix_is_that_of_these_builds_and_incidents(stored: Matrix, catalogue: Catalogue) -> None:
    """Nothing has changed since they met: every build is in it, every incident, and nothing else."""
    stale = list(staleness_of(stored, catalogue))
    assert stale == [], "stale; renew it: python ci/matrix.py --stale, then: python ci/matrix.py 2.1.77 --repeat 20"


def test_every_build_showed_what_the_train_says_of_it(stored: Matrix, catalogue: Catalogue) -> None:
    """Red by the incidents that it carries, with their fingerprints, and by no other; 20 clean runs had no red."""
    assert list(contradictions_of(stored, catalogue)) == []


def test_the_train_has_what_the_matrix_is_to_show(catalogue: Catalogue) -> None:
    """At least 40 incidents whose fault some build carries, and clean builds in every release."""
    versions = catalogue.train.versions
    carried = {record.incident.id for version in versions for record in catalogue.carried_by(version)}
    clean = {version.rpartition(".")[0] for version in versions if not catalogue.carried_by(version)}
    assert len(carried) >= 40
    assert clean == {build.release for build in catalogue.train.build}
