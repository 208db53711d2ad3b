"""What is kept of surfaces, and what is never taken from the shelf."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.builders import DIGEST
from tests.surfaces.conftest import TINY

from epjgate.model.identity import DigestKind, Identity
from epjgate.model.surface import PartName, StepState, StepTaken, Surface
from epjgate.surfaces.shelf import Shelf, revision_of_askers
from epjgate.surfaces.taking import Taken, digest_of

MISSING: tuple[PartName, ...] = ("openapi",)


def identity(**changes: object) -> Identity:
    """Return the identity of the one service, `changes` applied."""
    good = Identity(service="desk", reference="tiny==0.9", digest=DIGEST, kind=DigestKind.PACKAGES)
    return good.model_copy(update=changes)


def taken(*identities: Identity, **surface: object) -> Taken:
    """Return the surface of these bits, `surface` applied to it."""
    absent = dict.fromkeys(MISSING, "it has none")
    good = Surface(system="tiny", version="0.9", digest=digest_of(identities), absent=absent)
    return Taken(surface=good.model_copy(update=surface))


def kept(shelf: Shelf, *identities: Identity, **surface: object) -> Taken:
    """Keep the surface of these bits and return it."""
    one = taken(*identities, **surface)
    shelf.keep(TINY, "process", identities, one, MISSING)
    return one


def found(shelf: Shelf, *identities: Identity, environment: str = "process") -> Taken | None:
    """Return what is on the shelf of these bits."""
    return shelf.find(TINY, environment, identities)


def test_the_same_bits_are_found_again(tmp_path: Path) -> None:
    """Also by another process, with everything that was told of them."""
    one = kept(Shelf(tmp_path, "r1"), identity())
    assert found(Shelf(tmp_path, "r1"), identity()) == one


@pytest.mark.parametrize(
    ("revision", "environment", "asked"),
    [
        ("r2", "process", identity()),
        ("r1", "container", identity()),
        ("r1", "process", identity(digest=f"sha256:{'b' * 64}")),
        ("r1", "process", identity(service="lab")),
    ],
    ids=["another driver", "another environment", "other bits", "another service"],
)
def test_anything_else_is_not_found(tmp_path: Path, revision: str, environment: str, asked: Identity) -> None:
    """What asked, where, and what was asked are all part of the name."""
    kept(Shelf(tmp_path, "r1"), identity())
    assert found(Shelf(tmp_path, revision), asked, environment=environment) is None


def test_another_description_is_not_found(tmp_path: Path) -> None:
    """A system that shows its database now was not asked for it then; another release beside it changes nothing."""
    shelf = Shelf(tmp_path, "r1")
    one = kept(shelf, identity())
    assert shelf.find(TINY.model_copy(update={"database": None}), "process", [identity()]) is None
    assert shelf.find(TINY.model_copy(update={"releases": {}}), "process", [identity()]) == one


@pytest.mark.parametrize(
    "identities",
    [(identity(kind=DigestKind.DECLARED),), (identity(digest="", kind=DigestKind.NONE),), ()],
    ids=["declared", "none", "nothing"],
)
def test_bits_that_the_gate_has_not_seen_are_never_kept(tmp_path: Path, identities: Sequence[Identity]) -> None:
    """Another release could stand there tomorrow, under the same name."""
    kept(Shelf(tmp_path, "r1"), *identities)
    assert not list(tmp_path.iterdir())
    assert found(Shelf(tmp_path, "r1"), *identities) is None


def test_a_surface_with_a_part_that_failed_is_not_kept(tmp_path: Path) -> None:
    """Next time that part may be had."""
    kept(Shelf(tmp_path, "r1"), identity(), absent={"openapi": "none", "database": "it did not end within 30 s"})
    assert found(Shelf(tmp_path, "r1"), identity()) is None


@pytest.mark.parametrize(
    "poor",
    [
        {"steps": {"admit": StepTaken(interface="fhir_r4", state=StepState.REFUSED, why="422")}},
        {"steps": {"admit": StepTaken(interface="fhir_r4", state=StepState.UNANSWERED, why="timed out")}},
        {"incomplete": {"messages": "messages about Bo Skov were on their way"}},
    ],
    ids=["refused", "unanswered", "late"],
)
def test_a_poor_surface_is_not_kept_and_not_believed(tmp_path: Path, poor: dict[str, object]) -> None:
    """What a surface of the baseline lacks, candidates could take away unseen, for as long as it lay there."""
    shelf = Shelf(tmp_path, "r1")
    one = kept(shelf, identity(), **poor)
    assert not list(tmp_path.iterdir())
    kept(shelf, identity())
    (file,) = tmp_path.iterdir()
    file.write_text(one.model_dump_json(), encoding="utf-8")
    assert found(shelf, identity()) is None


def test_a_surface_of_which_every_step_was_done_is_kept(tmp_path: Path) -> None:
    """That is the rule."""
    done = StepTaken(interface="fhir_r4", state=StepState.ACCEPTED)
    one = kept(Shelf(tmp_path, "r1"), identity(), steps={"admit": done})
    assert found(Shelf(tmp_path, "r1"), identity()) == one


@pytest.mark.parametrize("text", ["", "{}", "no surface"])
def test_a_file_that_is_no_surface_is_as_if_it_were_not_there(tmp_path: Path, text: str) -> None:
    """The release is asked again."""
    kept(Shelf(tmp_path, "r1"), identity())
    (file,) = tmp_path.iterdir()
    file.write_text(text, encoding="utf-8")
    assert found(Shelf(tmp_path, "r1"), identity()) is None


def test_a_surface_of_other_bits_under_this_name_is_not_believed(tmp_path: Path) -> None:
    """The digest stands in the file as well."""
    kept(Shelf(tmp_path, "r1"), identity(), digest="sha256:other")
    assert found(Shelf(tmp_path, "r1"), identity()) is None


def test_a_shelf_that_cannot_be_written_keeps_nothing_and_stops_nothing(tmp_path: Path) -> None:
    """It saves time; nothing depends on it."""
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    kept(Shelf(blocked, "r1"), identity())
    assert found(Shelf(blocked, "r1"), identity()) is None


def test_the_revision_is_that_of_the_code_that_asks() -> None:
    """It is a digest, and the same in every process."""
    assert revision_of_askers() == revision_of_askers()
    assert revision_of_askers().startswith("sha256:")
