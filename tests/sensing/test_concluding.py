"""From what the sessions wrote down to what became of each mutant."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sensing.conftest import mutant

from epjgate.model.mutant import Operator
from epjgate.model.outcome import Outcome
from epjgate.model.sensitivity import Excuse, Fate, Trial
from epjgate.sensing.concluding import Tries, left_out
from epjgate.sensing.ledger import Control, Ended, Line, Meeting, Sighting, Tried, Work

WORK = [Work(mutant=mutant(Operator.DROP, "status"), tests={"clinic": ("a", "b"), "incidents": ("c",)})]


def met(test: str, outcome: Outcome = Outcome.PASSED, suite: str = "clinic", **fields: Any) -> Meeting:
    made = {"number": 0, "test": test, "suite": suite, "outcome": outcome, "duration_s": 0.1, "struck": 1}
    return Meeting.model_validate({**made, **fields})


def control(test: str, outcome: Outcome = Outcome.PASSED) -> Control:
    return Control(test=test, outcome=outcome, numbers=(0,))


def concluded(*lines: Line) -> Trial:
    tries = Tries(WORK)
    for line in (*lines, Tried(number=0), Ended()):
        tries.take(line)
    (trial,) = tries.trials(lambda _: Excuse(reason="server-assigned"))
    return trial


@pytest.mark.parametrize("red", [Outcome.FAILED, Outcome.UNREACHABLE])
def test_a_red_that_turns_green_again_has_killed(red: Outcome) -> None:
    """By one suite it is killed as a whole; the other suite has its own fate."""
    trial = concluded(met("a", red, reason="it was final"), met("c", suite="incidents"), control("a"))
    assert (trial.fate, trial.killed_by, trial.reason) == (Fate.KILLED, {"clinic": "a"}, "it was final")
    assert trial.suites == {"clinic": Fate.KILLED, "incidents": Fate.SURVIVED}
    assert trial.excuse is None


def test_what_everybody_is_green_at_survives() -> None:
    """With the reason that somebody gave for it."""
    trial = concluded(met("a"), met("b"), met("c", suite="incidents"))
    assert (trial.fate, trial.tests, trial.excuse) == (Fate.SURVIVED, 3, Excuse(reason="server-assigned"))


@pytest.mark.parametrize(
    "lines", [(met("a", Outcome.FAILED),), (met("a", Outcome.FAILED), control("a", Outcome.FAILED))]
)
def test_a_red_without_a_green_after_it_kills_nothing(lines: tuple[Line, ...]) -> None:
    """The test is red on true answers too, or was never asked again: it cannot tell them apart."""
    assert concluded(*lines).fate is Fate.BROKEN


@pytest.mark.parametrize("outcome", [Outcome.BROKEN, Outcome.UNFINISHED, Outcome.SKIPPED, Outcome.NOT_APPLICABLE])
def test_a_crash_kills_nothing(outcome: Outcome) -> None:
    """Nor does a test that did not run: only a judgement does."""
    assert concluded(met("a", outcome), met("b")).fate is Fate.BROKEN


def test_what_struck_nowhere_was_not_reached() -> None:
    """A red without a strike is somebody else's fault."""
    assert concluded(met("a", struck=0), met("b", Outcome.FAILED, struck=0)).fate is Fate.NOT_REACHED
    assert concluded().fate is Fate.NOT_REACHED


def test_what_was_not_tried_to_the_end_is_no_result() -> None:
    """The time was over, or somebody interrupted."""
    tries = Tries(WORK)
    tries.take(met("a"))
    assert (tries.trials(lambda _: None), tries.done, tries.alive) == ((), 0, 0)
    tries.take(Tried(number=0))
    assert (tries.done, tries.alive) == (1, 1)


def test_tests_that_were_not_green_are_named() -> None:
    """With how they ended."""
    sightings = [
        Sighting(test=name, suite="clinic", outcome=outcome, duration_s=0.1, reason="no surgery")
        for name, outcome in (("a", Outcome.PASSED), ("b", Outcome.NOT_APPLICABLE), ("c", Outcome.FAILED))
    ]
    assert [(one.test, one.outcome, one.reason) for one in left_out(sightings)] == [
        ("b", Outcome.NOT_APPLICABLE, "no surgery"),
        ("c", Outcome.FAILED, "no surgery"),
    ]
