"""What has not the right form is said, never guessed."""

from __future__ import annotations

import pytest

from epjgate.contracts.diff.reading import NotComparable, as_list, as_object, named, objects


def test_what_is_not_there_is_empty() -> None:
    """A document leaves out what it has not."""
    assert (as_object(None, "x"), as_list(None, "x"), objects(None, "x"), named(None, "name", "x")) == ({}, [], [], {})


def test_what_is_there_is_returned() -> None:
    """Objects of a list by what they are called."""
    assert named([{"name": "a", "b": 1}], "name", "x") == {"a": {"name": "a", "b": 1}}


@pytest.mark.parametrize("value", ["text", 0, False, {"a": 1}])
def test_a_list_of_another_form_is_refused(value: object) -> None:
    """False is not nothing."""
    with pytest.raises(NotComparable, match="servers is no list"):
        as_list(value, "servers")


@pytest.mark.parametrize("value", ["text", 0, False, [1]])
def test_an_object_of_another_form_is_refused(value: object) -> None:
    """The message names what was looked for."""
    with pytest.raises(NotComparable, match="paths is no object"):
        as_object(value, "paths")
    with pytest.raises(NotComparable):
        objects([value], "paths")


def test_an_entry_without_a_name_is_refused() -> None:
    """It could not be told from the others."""
    with pytest.raises(NotComparable, match="an entry of searchParam has no name"):
        named([{"type": "date"}], "name", "searchParam")
