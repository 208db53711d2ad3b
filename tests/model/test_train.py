"""A train: which faults each build carries, and what is no train."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from epjgate.model.train import Build, Train

BUILDS = (
    Build(version="1.0.1", change="first"),
    Build(version="1.0.2", change="a fault", enters=("INC-1", "INC-2")),
    Build(version="1.1.3", change="a feature", arrives=("before-a", "before-b")),
    Build(version="1.1.4", change="mended", leaves=("INC-1",)),
    Build(version="2.0.5", change="another", enters=("INC-3",), leaves=("INC-2",), arrives=("before-c",)),
    Build(version="2.0.6", change="clean", leaves=("INC-3",)),
)


def train(*builds: Build) -> Train:
    return Train(schema_version="epjgate/train/1", build=builds)


@pytest.mark.parametrize(
    ("version", "faults", "variations"),
    [
        ("1.0.1", (), ("before-c", "before-b", "before-a")),
        ("1.0.2", ("INC-1", "INC-2"), ("INC-1", "INC-2", "before-c", "before-b", "before-a")),
        ("1.1.3", ("INC-1", "INC-2"), ("INC-1", "INC-2", "before-c")),
        ("1.1.4", ("INC-2",), ("INC-2", "before-c")),
        ("2.0.5", ("INC-3",), ("INC-3",)),
        ("2.0.6", (), ()),
    ],
)
def test_a_build_carries_what_entered_and_lacks_what_arrives_later(
    version: str, faults: tuple[str, ...], variations: tuple[str, ...]
) -> None:
    """Faults from the build in which they enter until before the one that mends them; features are taken back."""
    whole = train(*BUILDS)
    assert whole.faults_of(version) == faults
    assert whole.variations_of(version) == variations


def test_a_build_that_is_not_there_has_no_answer() -> None:
    """An unknown version carries neither faults nor none."""
    for ask in (train(*BUILDS).faults_of, train(*BUILDS).variations_of):
        with pytest.raises(KeyError):
            ask("3.0.7")


def test_a_build_knows_its_release_and_number() -> None:
    """Build 17 belongs to release 1.2."""
    build = Build(version="1.2.17", change="x")
    assert (build.release, build.number) == ("1.2", 17)
    assert train(build).versions == ("1.2.17",)


def test_everything_that_some_build_carries_is_known() -> None:
    """Each of these must have a file."""
    assert train(*BUILDS).variations() == {"INC-1", "INC-2", "INC-3", "before-a", "before-b", "before-c"}


@pytest.mark.parametrize(
    ("builds", "why"),
    [
        ((), "at least 1 item"),
        ((BUILDS[1], BUILDS[0]), "1.0.1 comes after 1.0.2; both numbers must ascend"),
        ((BUILDS[0], BUILDS[0]), "1.0.1 comes after 1.0.1"),
        ((Build(version="1.0.9", change="x"), Build(version="1.1.1", change="x")), "1.1.1 comes after 1.0.9"),
        ((Build(version="1.10.1", change="x"), Build(version="1.9.2", change="x")), "1.9.2 comes after 1.10.1"),
        ((Build(version="1.0.1", change="x", leaves=("INC-1",)),), "1.0.1 leaves INC-1, which has not entered"),
        (
            (Build(version="1.0.1", change="x", enters=("INC-1",), leaves=("INC-1",)),),
            "enters and leaves INC-1",
        ),
        ((BUILDS[1], Build(version="1.0.3", change="x", enters=("INC-1",))), "INC-1, which has entered and not left"),
        ((BUILDS[2], Build(version="2.0.4", change="x", arrives=("before-a",))), "before-a arrives more than once"),
        ((BUILDS[2], Build(version="2.0.4", change="x", enters=("before-a",))), "or is a fault as well"),
    ],
)
def test_what_contradicts_itself_is_no_train(builds: tuple[Build, ...], why: str) -> None:
    """A wrong order, or a fault that leaves before it came, is named."""
    with pytest.raises(ValidationError, match=why):
        train(*builds)


@pytest.mark.parametrize("version", ["1.0", "1.0.0", "1.0.01", "01.0.1", "1.0.1.2", "v1.0.1", "1.0.1-rc1", ""])
def test_a_version_has_a_release_and_a_number(version: str) -> None:
    """Only `<release>.<build number>` can be told apart and sorted."""
    with pytest.raises(ValidationError):
        Build(version=version, change="x")


def test_a_fault_may_come_back() -> None:
    """What was mended once can break once more: it is carried twice, and not in between."""
    again = train(
        Build(version="1.0.1", change="x", enters=("INC-1",)),
        Build(version="1.0.2", change="x", leaves=("INC-1",)),
        Build(version="1.0.3", change="x", enters=("INC-1",)),
    )
    assert [again.faults_of(version) for version in again.versions] == [("INC-1",), (), ("INC-1",)]


@given(st.data())
def test_a_fault_is_carried_exactly_between_its_two_builds(data: st.DataObject) -> None:
    """However many faults there are, and wherever they enter and leave."""
    count = data.draw(st.integers(2, 8))
    span = st.integers(0, count - 2).flatmap(lambda first: st.tuples(st.just(first), st.integers(first + 1, count)))
    spans = {f"INC-{number}": one for number, one in enumerate(data.draw(st.lists(span, max_size=5)))}
    whole = train(
        *(
            Build(
                version=f"1.0.{place + 1}",
                change="x",
                enters=tuple(name for name, (first, _last) in spans.items() if first == place),
                leaves=tuple(name for name, (_first, last) in spans.items() if last == place),
            )
            for place in range(count)
        )
    )
    for place, version in enumerate(whole.versions):
        assert set(whole.faults_of(version)) == {name for name, (first, last) in spans.items() if first <= place < last}
