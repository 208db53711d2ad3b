"""Reads parts of documents that somebody else wrote; what has not the right form is said, never guessed."""

from __future__ import annotations

from typing import Any

Json = Any
"""Parsed JSON, not yet looked at."""
Object = dict[str, Any]


class NotComparable(Exception):
    """Part of a document has a form that cannot be compared; the text says which, and what is wrong with it."""


def as_object(value: Json, what: str) -> Object:
    """Return `value`, an object; None counts as an empty one. Raises NotComparable for anything else."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise NotComparable(f"{what} is no object")
    return value


def as_list(value: Json, what: str) -> list[Any]:
    """Return `value`, a list; None counts as an empty one. Raises NotComparable for anything else."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise NotComparable(f"{what} is no list")
    return value


def objects(value: Json, what: str) -> list[Object]:
    """Return `value`, a list of objects; raises NotComparable for anything else."""
    return [as_object(item, f"an entry of {what}") for item in as_list(value, what)]


def named(value: Json, key: str, what: str) -> dict[str, Object]:
    """Return the objects of the list `value` by what they have as `key`; raises NotComparable where one has no text."""
    found = {}
    for item in objects(value, what):
        if not isinstance(item.get(key), str):
            raise NotComparable(f"an entry of {what} has no {key}")
        found[item[key]] = item
    return found
