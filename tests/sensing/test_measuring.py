"""A whole measurement on a real candidate, within its budget."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from epjgate import compose
from epjgate.model.outcome import Outcome
from epjgate.model.sensitivity import Fate, Sensitivity
from epjgate.sensing.measuring import Budget, measure
from epjgate.settings import load_settings

if TYPE_CHECKING:
    from tests.conftest import Project

DOORS = """
import pytest

@pytest.mark.parametrize("door", ["front", "back", "cellar"])
@pytest.mark.parametrize("hour", ["day", "night"])
def test_door(desk, door, hour):
    assert desk.request("GET", f"/{door}")

def test_shut(desk):
    assert desk.request("GET", "/attic").status == 200
"""


@pytest.fixture
def measured(project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Budget], Sensitivity]:
    """Call it with a budget to measure a suite that asserts nothing of three doors, and is red at a fourth."""
    monkeypatch.setenv("EPJGATE_CACHE", project.env["EPJGATE_CACHE"])
    monkeypatch.setenv("EPJGATE_STATE", project.env["EPJGATE_STATE"])
    project.suite(DOORS)
    settings = load_settings(project.root)
    wish = compose.Wish(system="tiny", candidate="1.0", seed=7)

    def run(budget: Budget) -> Sensitivity:
        set_up = compose.make_measurement(settings, wish, tmp_path / "measured")
        return measure(set_up, budget, lambda _: None, compose.Silent())

    return run


def test_every_mutant_is_tried_where_the_budget_does_not_say_otherwise(
    measured: Callable[[Budget], Sensitivity],
) -> None:
    """By every test that sees its place; one that was red before is left out, and what it sees counts for nothing."""
    result = measured(Budget(workers=1))
    assert (result.possible, result.tests) == (3, 6)
    assert [(trial.fate, trial.tests) for trial in result.trials] == [(Fate.SURVIVED, 2)] * 3
    assert [(one.test, one.outcome) for one in result.left_out] == [("desk/test_desk.py::test_shut", Outcome.FAILED)]


def test_the_budget_bounds_mutants_and_tests(measured: Callable[[Budget], Sensitivity]) -> None:
    """The sample says of how many it is one."""
    result = measured(Budget(mutants=2, tests=1, workers=1))
    assert (result.possible, [trial.tests for trial in result.trials]) == (3, [1, 1])


def test_the_budget_bounds_the_time(measured: Callable[[Budget], Sensitivity]) -> None:
    """What was not begun in time is not in the result, as if it had not been in the sample."""
    assert measured(Budget(seconds=0.001, workers=1)).trials == ()
