"""Outcomes: worst first, and nothing is never a pass."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.model.outcome import Outcome, worst


def test_outcomes_are_ordered_worst_first() -> None:
    """What speaks of the candidate outranks what speaks of the harness, which outranks what was not tested."""
    assert sorted(Outcome, key=lambda outcome: outcome.rank) == [
        Outcome.FAILED,
        Outcome.UNREACHABLE,
        Outcome.UNFINISHED,
        Outcome.BROKEN,
        Outcome.SKIPPED,
        Outcome.NOT_APPLICABLE,
        Outcome.PASSED,
    ]


def test_nothing_at_all_is_unfinished() -> None:
    """A roll-up of no outcomes is no pass."""
    assert worst([]) is Outcome.UNFINISHED


@given(st.lists(st.sampled_from(Outcome), min_size=1))
def test_a_roll_up_is_its_worst_member(outcomes: list[Outcome]) -> None:
    """The worst is one of the outcomes, and none of them is worse."""
    found = worst(outcomes)
    assert found in outcomes
    assert all(found.rank <= outcome.rank for outcome in outcomes)


@pytest.mark.parametrize("other", [outcome for outcome in Outcome if outcome is not Outcome.PASSED])
def test_a_pass_hides_nothing(other: Outcome) -> None:
    """One other outcome among passes is what the roll-up says, wherever it stands."""
    assert worst([Outcome.PASSED, other, Outcome.PASSED]) is other
