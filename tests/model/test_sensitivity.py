"""Figures of a measurement."""

from __future__ import annotations

import pytest
from tests.sensing.measured import TRIALS, sensitivity, trial

from epjgate.model.sensitivity import Fate, Sensitivity, Tally


def test_survivors_and_crashes_count_as_not_killed_and_what_was_not_reached_not_at_all() -> None:
    """Of seven mutants one was not reached, three were killed, and one of the others is equivalent."""
    total = sensitivity().total()
    assert total == Tally(mutants=6, killed=3, equivalent=1)
    assert (total.kill_rate, total.raw_kill_rate) == (3 / 5, 3 / 6)


def test_a_reason_alone_takes_no_survivor_out_of_the_rate() -> None:
    """Only an equivalent mutant does, and a killed one is none, whatever somebody declared."""
    excused = TRIALS[3].model_copy(update={"fate": Fate.KILLED, "suites": {"clinic": Fate.KILLED}})
    assert sensitivity(excused, TRIALS[4]).total() == Tally(mutants=2, killed=1, equivalent=0)


def test_each_suite_is_counted_by_what_its_own_tests_met() -> None:
    """What another suite killed is a survivor here."""
    assert sensitivity().by_suite() == {
        "clinic": Tally(mutants=6, killed=2, equivalent=1),
        "incidents": Tally(mutants=1, killed=1),
    }


def test_interfaces_and_operators_are_counted_apart() -> None:
    """Together they are the whole."""
    assert sensitivity().by_interface() == {
        "fhir_r4": Tally(mutants=5, killed=2, equivalent=1),
        "hl7v2": Tally(mutants=1, killed=1),
    }
    assert sensitivity().by_operator() == {"drop": sensitivity().total()}


@pytest.mark.parametrize("trials", [(), (trial("id", Fate.NOT_REACHED),)])
def test_nothing_measured_is_nothing_shown(trials: tuple[object, ...]) -> None:
    """A rate of nothing is 0, never 1."""
    nothing = sensitivity().model_copy(update={"trials": trials}).total()
    assert (nothing.kill_rate, nothing.raw_kill_rate) == (0, 0)


def test_the_result_comes_back_from_json() -> None:
    """As it was written."""
    assert Sensitivity.model_validate_json(sensitivity().model_dump_json()) == sensitivity()
