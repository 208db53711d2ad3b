"""Tests made of a function that yields: named by their parts, marked as the function is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from epjgate.model.events import TestsCollected

if TYPE_CHECKING:
    from tests.crossing.conftest import Inner, Rehearsal

MARKED = """
import pytest

pytestmark = pytest.mark.needs("patients")
MADE = []

@pytest.fixture
def made_once(desk):
    MADE.append(desk)
    return desk

@pytest.mark.severity("blocker")
@pytest.mark.requirement("Clinic", "1")
@pytest.mark.parametrize("door", ["front", pytest.param("side", marks=pytest.mark.requirement("Clinic", "2"))])
def test_door(epj, made_once, door):
    '''It opens.'''
    assert made_once.request("GET", f"/{door}").status == 200
    epj = yield
    assert made_once.request("GET", f"/{door}").status == 200
    assert len(MADE) == 2
"""


def test_all_parts_are_marked_as_their_test_is(inner: Inner, rehearsal: Rehearsal) -> None:
    """Severity, requirements and needs of module, function and parameter; the fixtures are made once, for the first."""
    status, output = inner.run(MARKED, rehearsal=rehearsal)
    assert status == 0, output
    ends = inner.ends()
    told = {name: (end.severity, end.title, end.capabilities) for name, end in ends.items()}
    assert set(told.values()) == {("blocker", "It opens.", ("patients",))}
    assert {name: [rule.section for rule in end.requirements] for name, end in ends.items()} == {
        "test_door[front-before]": ["1"],
        "test_door[front-after]": ["1"],
        "test_door[side-before]": ["1", "2"],
        "test_door[side-after]": ["1", "2"],
    }


def test_a_part_that_is_picked_alone_is_not_tested(inner: Inner, rehearsal: Rehearsal) -> None:
    """It has nothing to go on from, and those that were left out are named."""
    inner.run(MARKED, "-k", "front-after", rehearsal=rehearsal)
    ends = inner.ends()
    assert {name: (end.outcome, end.reason) for name, end in ends.items()} == {
        "test_door[front-after]": ("skipped", "its part on the release before the upgrade was not run")
    }
    errors = [error for event in inner.events if isinstance(event, TestsCollected) for error in event.errors]
    assert len(errors) == 3


@pytest.mark.parametrize(
    ("tests", "why"),
    [
        ("class TestDesk:\n    def test_door(self, epj):\n        yield\n", "no method of a class"),
        ("def test_door(epj):\n    yield\n    yield\n    yield\n", "yields 3 times"),
        ("def test_door(epj):\n    yield from ()\n", "another generator"),
        ("import pytest\n\n@pytest.mark.needs('wings')\ndef test_door(epj):\n    yield\n", "it needs 'wings'"),
    ],
    ids=["method", "three yields", "yield from", "unknown need"],
)
def test_what_cannot_cross_is_an_error_of_its_file(inner: Inner, rehearsal: Rehearsal, tests: str, why: str) -> None:
    """Nothing of it is run, and nothing is asked of the rehearsal."""
    status, _output = inner.run(tests, rehearsal=rehearsal)
    assert status == 2
    (error,) = (error for event in inner.events if isinstance(event, TestsCollected) for error in event.errors)
    assert why in error
    assert rehearsal.asked == []
