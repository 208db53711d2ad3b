"""The matrix against the train: what must be red is, nothing else is, and nothing is missing, foreign or stale."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.incidents.conftest import NOW, SEEN
from tests.incidents.matrices import RED, TRAIN, fingerprinted, make_catalogue, make_matrix, row

from epjgate.incidents.matrix import Catalogue, contradictions_of, differences, row_contradictions, staleness_of
from epjgate.model.matrix import Repetition, Row, SeenRed, Showing
from epjgate.model.train import Build, Train

if TYPE_CHECKING:
    from tests.incidents.conftest import Suites

OTHER = SeenRed(fingerprints=("00000000",), message="the desk is closed")


@pytest.fixture
def catalogue(suites: Suites) -> Catalogue:
    """Three builds, three incidents."""
    return make_catalogue(suites)


def test_a_matrix_that_shows_what_the_train_says_is_fresh_and_right(catalogue: Catalogue) -> None:
    """Red where the fault is, green elsewhere, not applicable where a capability is missing."""
    matrix = make_matrix(catalogue)
    assert list(staleness_of(matrix, catalogue)) == []
    assert list(contradictions_of(matrix, catalogue)) == []
    assert [catalogue.expected("1.0.2", record) for record in catalogue.records] == [
        Showing.RED,
        Showing.GREEN,
        Showing.NOT_APPLICABLE,
    ]


@pytest.mark.parametrize(
    ("version", "changes", "told"),
    [
        ("1.0.2", {"red": {}, "green": ("INC-0001", "INC-0002")}, "1.0.2 INC-0001: green, and must be red"),
        ("1.0.2", {"red": {}}, "1.0.2 INC-0001: nothing was seen, and must be red"),
        (
            "1.0.2",
            {"red": {"INC-0001": OTHER}},
            "1.0.2 INC-0001: red for another reason than the recorded one (" + SEEN,
        ),
        (
            "1.0.2",
            {"red": {}, "not_applicable": ("INC-0001", "INC-0003")},
            "1.0.2 INC-0001: not applicable, and must be red",
        ),
        (
            "1.0.2",
            {"red": {}, "unclear": {"INC-0001": ("it broke",)}},
            "1.0.2 INC-0001: unclear, and must be red: it broke",
        ),
        (
            "1.0.2",
            {"red": {"INC-0001": RED, "INC-0002": OTHER}, "green": ()},
            "1.0.2 INC-0002: red, and must be green: 00000000, 'the desk is closed'",
        ),
        (
            "1.1.3",
            {"red": {"INC-0001": RED}, "green": ("INC-0002",)},
            f"1.1.3 INC-0001: red, and must be green: {SEEN}, 'the desk says yes'",
        ),
        (
            "1.1.3",
            {"unclear": {"INC-0002": ("it broke",)}, "green": ("INC-0001",)},
            "1.1.3 INC-0002: unclear, and must be green: it broke",
        ),
        ("1.1.3", {"green": ("INC-0001",)}, "1.1.3 INC-0002: nothing was seen, and must be green"),
        (
            "1.1.3",
            {"green": ("INC-0001",), "not_applicable": ("INC-0002", "INC-0003")},
            "1.1.3 INC-0002: not applicable, and must be green",
        ),
        (
            "1.1.3",
            {"green": ("INC-0001", "INC-0002", "INC-0003"), "not_applicable": ()},
            "1.1.3 INC-0003: green, and must be not applicable",
        ),
        (
            "1.1.3",
            {"green": ("INC-0001", "INC-0002", "INC-0099")},
            "1.1.3 INC-0099: green, and there is no such incident",
        ),
    ],
)
def test_a_build_that_shows_something_else_is_told(
    version: str, changes: dict[str, Any], told: str, catalogue: Catalogue
) -> None:
    """Each kind of wrong cell, with the reason that was seen, and nothing beside it."""
    wrong = row(version, **changes)
    (found,) = row_contradictions(version, wrong, catalogue)
    assert found.startswith(told)
    builds = {one: row(one) for one in TRAIN.versions} | {version: wrong}
    assert list(contradictions_of(make_matrix(catalogue, builds=builds), catalogue)) == [found]


def test_several_fingerprints_must_all_be_those_recorded(catalogue: Catalogue) -> None:
    """An incident with two tests is red by both; a fingerprint that was never recorded fits nothing."""
    first, *others = catalogue.records
    two = replace(catalogue, records=(fingerprinted(first, SEEN, "00000000"), *others))
    assert ["another reason" in told for told in row_contradictions("1.0.2", row("1.0.2"), two)] == [True]
    both = SeenRed(fingerprints=("00000000", SEEN), message="")
    assert list(row_contradictions("1.0.2", row("1.0.2", red={"INC-0001": both}), two)) == []
    none = replace(catalogue, records=(fingerprinted(first), *others))
    assert ["recorded one (nothing)" in told for told in row_contradictions("1.0.2", row("1.0.2"), none)] == [True]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"words": "sha256:before"}, "what the tests stand on"),
        ({"tests": {"INC-0001": "sha256:before"}}, "the test of INC-0001 has changed"),
        ({"tests": {"INC-0004": "sha256:3"}}, "INC-0004 is in it, and there is no such any more"),
        ({"builds": {"1.0.1": row("1.0.1", source="sha256:b")}}, "the source code of 1.0.1 has changed"),
        ({"builds": {"1.2.4": row("1.0.1")}}, "1.2.4 is in it, and there is no such any more"),
        (
            {"repeated": Repetition(build="1.1.3", source="sha256:before", at=NOW, runs=20)},
            "the source code of 1.1.3, which was repeated, has changed",
        ),
    ],
)
def test_a_matrix_made_of_something_else_is_stale(changes: dict[str, Any], told: str, catalogue: Catalogue) -> None:
    """Other words, tests, or source code, and builds and incidents that are gone."""
    whole = make_matrix(catalogue)
    merged = {
        key: {**getattr(whole, key), **value} if isinstance(value, dict) else value for key, value in changes.items()
    }
    (found,) = staleness_of(make_matrix(catalogue, **merged), catalogue)
    assert found.startswith(told)


@pytest.mark.parametrize(("key", "missing"), [("tests", "INC-0002"), ("builds", "1.0.2")])
def test_a_matrix_that_lacks_something_is_stale(key: str, missing: str, catalogue: Catalogue) -> None:
    """An incident, or a build, that has come since."""
    kept = {name: value for name, value in getattr(make_matrix(catalogue), key).items() if name != missing}
    assert list(staleness_of(make_matrix(catalogue, **{key: kept}), catalogue)) == [f"{missing} is not in it"]


def test_an_empty_matrix_is_never_right(catalogue: Catalogue) -> None:
    """Nothing was seen: every build and incident is missing, and the repetition."""
    empty = make_matrix(catalogue, tests={}, builds={}, repeated=None)
    assert len(list(staleness_of(empty, catalogue))) == 6
    assert list(contradictions_of(empty, catalogue)) == ["no build has met the catalogue 20 times"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"runs": 19}, "no build has met the catalogue 20 times"),
        ({"build": "1.0.2", "source": "sha256:1.0.2"}, "1.0.2, which was repeated, is no clean build"),
        ({"red": {"INC-0001": 1}}, "INC-0001 was red in 1 of 20 runs of 1.1.3"),
        ({"unclear": {"INC-0002": 2}}, "INC-0002 was unclear in 2 of 20 runs of 1.1.3"),
    ],
)
def test_a_false_red_is_told(changes: dict[str, Any], told: str, catalogue: Catalogue) -> None:
    """Too few runs, a build with a fault, a single red, a single unclear run."""
    fields: dict[str, Any] = {"build": "1.1.3", "source": "sha256:1.1.3", "at": NOW, "runs": 20}
    matrix = make_matrix(catalogue, repeated=Repetition(**fields | changes))
    assert list(contradictions_of(matrix, catalogue)) == [told]


def test_faults_and_incidents_belong_together(catalogue: Catalogue) -> None:
    """A fault that no incident tests for is told, and an incident of this system whose fault no build carries."""
    builds = (*TRAIN.build, Build(version="1.1.4", change="x", enters=("INC-0009",)))
    more = replace(
        catalogue,
        train=Train(schema_version="epjgate/train/1", build=builds),
        sources={**catalogue.sources, "1.1.4": "sha256:1.1.4"},
    )
    matrix = make_matrix(more, builds={**make_matrix(catalogue).builds, "1.1.4": row("1.1.4")})
    assert list(contradictions_of(matrix, more)) == ["INC-0009 is carried by builds, and there is no such incident"]
    first = Train(schema_version="epjgate/train/1", build=TRAIN.build[:1])
    fewer = replace(catalogue, train=first, sources={"1.0.1": "sha256:1.0.1"})
    repeated = Repetition(build="1.0.1", source="sha256:1.0.1", at=NOW, runs=20)
    matrix = make_matrix(fewer, builds={"1.0.1": row("1.0.1")}, repeated=repeated)
    assert list(contradictions_of(matrix, fewer)) == ["INC-0001 is carried by no build"]


def test_the_matrix_of_another_system_is_told(catalogue: Catalogue) -> None:
    """It says nothing of this one."""
    assert list(contradictions_of(make_matrix(catalogue, system="other"), catalogue)) == [
        "it is a matrix of other, and not of tiny"
    ]


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (row("1.0.2", at="2026-04-04T12:00:00Z"), []),
        (row("1.0.2", red={"INC-0001": SeenRed(fingerprints=(SEEN,), message="in other words")}), []),
        (
            row("1.0.2", red={"INC-0001": OTHER}),
            ["INC-0001: red for another reason than before: 00000000, 'the desk is closed'"],
        ),
        (
            row("1.0.2", red={}, green=("INC-0001", "INC-0002")),
            ["INC-0001: green, and was red"],
        ),
        (row("1.0.2", green=()), ["INC-0002: nothing, and was green"]),
        (row("1.0.2", green=("INC-0002", "INC-0005")), ["INC-0005: green, and was nothing"]),
    ],
)
def test_two_sights_of_one_build_are_compared(now: Row, told: list[str]) -> None:
    """Every showing and every fingerprint; when it was seen, and in which words, may differ."""
    assert list(differences(row("1.0.2"), now)) == told
