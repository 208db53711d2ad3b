"""Digests: of texts, files and folders."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.evidence.digests import content_of, demands_digest, file_digest, text_digest, tree_digest


@given(st.lists(st.text(max_size=4), max_size=4), st.lists(st.text(max_size=4), max_size=4))
def test_other_texts_have_another_digest(some: list[str], others: list[str]) -> None:
    """Also where they only are cut at other places."""
    assert (text_digest(*some) == text_digest(*others)) is (some == others)


def test_policy_and_floors_cannot_trade_places() -> None:
    """The digest is of both texts, in their order and with their ends."""
    pairs = [("a", "b"), ("b", "a"), ("ab", ""), ("", "ab")]
    assert len({demands_digest(*pair) for pair in pairs}) == len(pairs)


def test_approvals_are_part_of_what_binds_a_run() -> None:
    """Another text of approvals, or none, has another digest, and cannot be moved into another document."""
    texts = [("a", "b"), ("a", "b", "c"), ("a", "bc"), ("a", "", "bc")]
    assert len({demands_digest(*text) for text in texts}) == len(texts)


def test_a_file_has_the_digest_that_other_tools_find(tmp_path: Path) -> None:
    """`sha256sum` finds the same, so that a bundle can be checked without epjgate."""
    file = tmp_path / "a"
    data = b"\x00\xff" * 5000
    file.write_bytes(data)
    assert file_digest(file) == f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_a_file_that_is_not_there_has_none(tmp_path: Path) -> None:
    """A missing file is an error, never an empty one."""
    with pytest.raises(FileNotFoundError):
        file_digest(tmp_path / "a")


def test_the_order_of_files_is_that_of_their_paths(tmp_path: Path) -> None:
    """Part by part, so that a digest is the same on every machine; a link to a folder leads nowhere."""
    names = ["a/b/c", "a/b.c", "a.b", "b", "a/ø", "a-/b", "A/z"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    (tmp_path / "to_file").symlink_to(tmp_path / "b")
    assert list(content_of(tmp_path)) == sorted(tmp_path / name for name in [*names, "to_file"])
    assert list(content_of(tmp_path / "nowhere")) == list(content_of(tmp_path / "b")) == []


def test_a_folder_is_known_by_names_and_contents(tmp_path: Path) -> None:
    """A byte, a name or a file more is another digest; caches are none of its content."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    file = tmp_path / "a" / "b" / "test.py"
    file.write_text("1")
    first = tree_digest(tmp_path)
    (tmp_path / "a" / "__pycache__").mkdir()
    (tmp_path / "a" / "__pycache__" / "test.txt").write_text("cache")
    (tmp_path / "a" / "test.pyc").write_text("compiled")
    assert tree_digest(tmp_path) == first
    assert list(content_of(tmp_path)) == [file]
    file.write_text("2")
    second = tree_digest(tmp_path)
    file.write_text("1")
    third = tree_digest(tmp_path / "a")
    (tmp_path / "new").write_text("")
    assert len({first, second, third, tree_digest(tmp_path)}) == 4
