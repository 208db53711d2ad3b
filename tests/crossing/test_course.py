"""A test on its way: run part by part, ended by the first part that does not pass, and closed in the end."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from epjgate.crossing.course import Course
from epjgate.errors import CapabilityMissing, UsageError
from epjgate.suite_runner.handover import Answer, Part

GO, NO = Answer(go=True), Answer(go=False, why="the disk is full")
THERE = (Part.BEFORE, Part.AFTER)


@pytest.fixture
def said() -> list[object]:
    """What the test said."""
    return []


@pytest.fixture
def course(said: list[object]) -> Course:
    """A test with both ways."""

    def walks(epj: object) -> Generator[None, Any, None]:
        try:
            said.append(epj)
            said.append((yield))
            said.append((yield))
        finally:
            said.append("left")

    return Course(walks, tuple(Part))


def skipped(course: Course, part: Part, answer: Answer) -> str:
    """Return why `part` was skipped."""
    with pytest.raises(pytest.skip.Exception) as caught:
        course.raise_if_not_to_run(part, answer)
    return str(caught.value)


def test_each_part_goes_on_where_the_one_before_stood(course: Course, said: list[object]) -> None:
    """With what it is given there."""
    course.begin({"epj": 1})
    course.raise_if_not_to_run(Part.AFTER, GO)
    course.go_on(Part.AFTER, 2)
    course.raise_if_not_to_run(Part.BACK, GO)
    course.go_on(Part.BACK, 3)
    assert said == [1, 2, 3, "left"]


def test_a_refused_release_closes_the_test(course: Course, said: list[object]) -> None:
    """Once, and with the same reason for every part to come."""
    course.begin({"epj": 1})
    assert skipped(course, Part.AFTER, NO) == "the disk is full"
    assert said == [1, "left"]
    assert skipped(course, Part.BACK, NO) == "the disk is full"
    assert said == [1, "left"]


def test_a_refusal_without_a_reason_has_one_all_the_same(course: Course) -> None:
    """Nobody is left to wonder."""
    course.begin({"epj": 1})
    reason = skipped(course, Part.AFTER, Answer(go=False))
    assert reason == "the candidate after the upgrade did not stand, and nobody said why"


def test_a_part_that_did_not_pass_is_the_end(course: Course) -> None:
    """The first one counts, whatever was noted after it."""
    course.begin({"epj": 1})
    course.note(Part.BEFORE, AssertionError())
    course.note(Part.AFTER, CapabilityMissing("no surgery", "no theatre", "build one"))
    assert skipped(course, Part.AFTER, GO) == "its part on the release before the upgrade did not pass"


def test_what_is_not_applicable_stays_so(course: Course) -> None:
    """With the reason that was found before the upgrade."""
    course.note(Part.BEFORE, CapabilityMissing("no surgery", "no theatre", "build one"))
    with pytest.raises(CapabilityMissing) as caught:
        course.raise_if_not_to_run(Part.AFTER, GO)
    assert (caught.value.problem, caught.value.cause) == ("no surgery", "no theatre")


def test_without_a_rehearsal_nothing_goes_on(course: Course, said: list[object]) -> None:
    """Not applicable, and what was held is let go."""
    course.begin({"epj": 1})
    with pytest.raises(CapabilityMissing, match="no upgrade is rehearsed in this run"):
        course.raise_if_not_to_run(Part.AFTER, None)
    assert said == [1, "left"]


def test_what_has_not_begun_does_not_go_on(course: Course) -> None:
    """A part that was picked alone is skipped; one that is run all the same breaks."""
    assert skipped(course, Part.AFTER, GO) == "its part on the release before the upgrade was not run"
    with pytest.raises(UsageError, match="it has not begun"):
        course.go_on(Part.AFTER, 2)


def test_a_test_that_ends_early_or_late_is_not_whole(said: list[object]) -> None:
    """Whatever it had said before."""

    def short() -> Generator[None, Any, None]:
        if said:
            yield

    def long() -> Generator[None, Any, None]:
        while not said:
            yield

    with pytest.raises(UsageError, match="it ended on the release before the upgrade"):
        Course(short, THERE).begin({})
    course = Course(long, THERE)
    course.begin({})
    with pytest.raises(UsageError, match="yields more often than it says"):
        course.go_on(Part.AFTER, 2)


def test_what_a_part_raises_is_its_own(said: list[object]) -> None:
    """It goes through unchanged."""
    fault = AssertionError("twice")

    def fails() -> Generator[None, Any, None]:
        yield
        raise fault

    course = Course(fails, THERE)
    course.begin({})
    with pytest.raises(AssertionError) as caught:
        course.go_on(Part.AFTER, said)
    assert caught.value is fault


def test_last_words_that_go_wrong_are_told() -> None:
    """And end nothing else."""

    def stuck() -> Generator[None, Any, None]:
        try:
            yield
        finally:
            raise OSError("stuck")

    course = Course(stuck, THERE)
    course.begin({})
    assert course.close() == " (and its last words went wrong: OSError: stuck)"
    assert course.close() == ""
