"""From a generator function to tests: one for each part, each recorded as any other test."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import pytest

from epjgate.crossing.course import Course
from epjgate.crossing.yields import parts_of
from epjgate.errors import UsageError
from epjgate.suite_runner.handover import Part

PARAMETER = "epj_part"
_LATER = inspect.Signature([inspect.Parameter("epj", inspect.Parameter.POSITIONAL_OR_KEYWORD)])

Test = Callable[..., Generator[Any, Any, Any]]


@dataclass(frozen=True)
class Stage:
    """Which part of which crossing test an item is."""

    course: Course
    part: Part


STAGE: pytest.StashKey[Stage] = pytest.StashKey()


def part_of(item: pytest.Item) -> Part:
    """Return when `item` is to run: a test that crosses nothing runs before the upgrade."""
    stage = item.stash.get(STAGE, None)
    return stage.part if stage is not None else Part.BEFORE


def items_of(collector: pytest.Module | pytest.Class, name: str, function: Test) -> list[pytest.Item]:
    """Return the items of `function`, called `name` in `collector`: `name[before]`, `name[door-after]` and so on.

    The first part has the test's own fixtures, the others `epj` alone. Raises CollectError for a test that nobody can
    follow through the upgrade.
    """
    try:
        parts = parts_of(function)
    except UsageError as err:
        raise collector.CollectError(f"{err.problem}: {err.cause}; {err.fix}") from err
    if isinstance(collector, pytest.Class):
        raise collector.CollectError(f"{name} cannot be run: a test that crosses an upgrade is no method of a class")
    made = _made_by_pytest(collector, name, function, parts)
    # Of each part there is one item for every set of the test's own parameters, and all parts have these in one order.
    by_part = ([item for item in made if item.callspec.params[PARAMETER] is part] for part in parts)
    courses = [Course(function, parts) for _ in range(len(made) // len(parts))]
    return [
        _staged(item, Stage(course, part))
        for part, items in zip(parts, by_part, strict=True)
        for course, item in zip(courses, items, strict=True)
    ]


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Make one test of every part."""
    parts: tuple[Part, ...] = getattr(metafunc.function, PARAMETER, ())
    if parts:
        metafunc.fixturenames.append(PARAMETER)
        metafunc.parametrize(PARAMETER, parts, ids=[part.value for part in parts], indirect=True)


def _made_by_pytest(
    collector: pytest.Module, name: str, function: Test, parts: tuple[Part, ...]
) -> list[pytest.Function]:
    """Let pytest make items of a plain function in the place of `function`, which it would refuse.

    The module must have it too, for pytest looks functions up there.
    """
    plain = _plain(function)
    setattr(plain, PARAMETER, parts)
    setattr(collector.obj, name, plain)
    made = collector.ihook.pytest_pycollect_makeitem(collector=collector, name=name, obj=plain)
    return [item for item in made or [] if isinstance(item, pytest.Function)]


def _staged(made: pytest.Function, stage: Stage) -> pytest.Item:
    item = made if stage.part is Part.BEFORE else _later(made, stage.course.function)
    item.stash[STAGE] = stage
    return item


def _later(made: pytest.Function, function: Test) -> pytest.Function:
    """Return the item in the place of `made`, without the fixtures that the part before has used up."""
    item: pytest.Function = pytest.Function.from_parent(
        made.parent,
        name=made.name,
        callspec=made.callspec,
        callobj=_plain(function, _LATER),
        keywords={made.callspec.id: True},
        originalname=made.originalname,
    )
    return item


def _plain(function: Test, signature: inspect.Signature | None = None) -> Callable[..., None]:
    """Return a function that looks like `function` and is no generator; it is never called."""

    @functools.wraps(function)
    def plain(**_arguments: object) -> None:
        raise UsageError(
            f"{function.__name__} cannot be called", "it is run part by part", "run it by pytest, with its plugin"
        )

    if signature is not None:
        plain.__signature__ = signature  # type: ignore[attr-defined] # inspect reads it
    return plain
