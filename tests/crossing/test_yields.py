"""The parts of a test are counted from its yields, before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Generator
from types import FunctionType
from typing import Any

import pytest

from epjgate.crossing.yields import parts_of
from epjgate.errors import UsageError
from epjgate.suite_runner.handover import Part

Walk = Generator[None, Any, None]


def there() -> Walk:
    yield


def there_and_back() -> Walk:
    _epj = yield

    def other() -> Walk:
        yield

    list(other())
    _epj = yield


def either(first: bool = True) -> Walk:  # noqa: FBT001, FBT002 - what it is called with does not matter
    if first:
        yield
    else:
        yield


def repeated() -> Walk:
    for _ in range(3):
        yield


def there_and_back_again() -> Walk:
    yield
    yield
    yield


def by_another() -> Walk:
    yield from there()


SOURCELESS = FunctionType(there.__code__.replace(co_filename="nowhere.py"), {})


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (there, (Part.BEFORE, Part.AFTER)),
        (there_and_back, tuple(Part)),
        (either, tuple(Part)),
        (repeated, (Part.BEFORE, Part.AFTER)),
    ],
)
def test_each_yield_of_the_function_itself_is_the_way_to_one_more_part(
    function: Callable[..., Walk], expected: tuple[Part, ...]
) -> None:
    """What is defined inside it has yields of its own; branches count, and a loop counts once."""
    assert parts_of(function) == expected


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (there_and_back_again, "yields 3 times"),
        (by_another, "another generator"),
        (SOURCELESS, "source cannot be read"),
    ],
)
def test_what_nobody_can_follow_is_refused(function: Callable[..., Any], why: str) -> None:
    """More yields than releases, yields that cannot be counted, and a function without a source."""
    with pytest.raises(UsageError, match=why):
        parts_of(function)
