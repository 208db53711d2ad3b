"""Steps by which messages are elicited: what only one release does is a change, what neither shows is not compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.contracts.diff import RULES, compare
from epjgate.contracts.diff.steps import not_compared
from epjgate.model.contract_change import Grade, Interface
from epjgate.model.surface import StepState, StepTaken, Surface

STATES = st.none() | st.sampled_from(StepState)


def surface(state: StepState | None, interface: Interface = "fhir_r4", version: str = "1") -> Surface:
    """Return the surface of a release that was asked for one step more than another; None where it was not asked."""
    steps = {"admit": StepTaken(interface=interface, state=StepState.ACCEPTED)}
    if state is not None:
        steps["renew"] = StepTaken(interface=interface, state=state, why="" if state is StepState.ACCEPTED else "422")
    return Surface(system="tiny", version=version, digest="", steps=steps)


@pytest.mark.parametrize(
    ("interface", "rule"),
    [
        ("fhir_r4", "diff-fhir-step-refused"),
        ("hl7v2", "diff-hl7v2-step-refused"),
        ("messages", "diff-messages-step-refused"),
        ("database", "diff-messages-step-refused"),
    ],
)
def test_what_the_baseline_did_and_the_candidate_refuses_is_breaking(interface: Interface, rule: str) -> None:
    """By a rule of its own, which can be approved whatever words the refusal had."""
    before, after = surface(StepState.ACCEPTED, interface), surface(StepState.REFUSED, interface, "2")
    (change,) = compare(before, after)
    assert (change.rule, change.grade, change.place) == (rule, Grade.BREAKING, "step renew")
    assert (change.interface, change.leads_to) == (RULES[rule].interface, "refused")
    assert not_compared(before, after) == {}, "there is nothing left to compare"


def test_what_the_candidate_newly_does_is_safe_and_not_compared() -> None:
    """The baseline may have refused for a reason that hides what it sends."""
    before, after = surface(StepState.REFUSED), surface(StepState.ACCEPTED, version="2")
    (change,) = compare(before, after)
    assert (change.rule, change.grade) == ("diff-fhir-step-accepted", Grade.SAFE)
    assert not_compared(before, after) == {"renew": "1: refused: 422"}


@pytest.mark.parametrize("state", [StepState.ACCEPTED, StepState.REFUSED])
def test_a_step_without_an_answer_is_no_change_and_not_compared(state: StepState) -> None:
    """A machine may have been slow: that is not the candidate's doing."""
    before, after = surface(state), surface(StepState.UNANSWERED, version="2")
    assert compare(before, after) == ()
    assert "2: unanswered: 422" in not_compared(before, after)["renew"]


def test_a_release_that_was_asked_nothing_lacks_parts_and_not_steps() -> None:
    """One that may not be written to is not made to send; that is told of its messages."""
    nothing = surface(None).model_copy(update={"steps": {}})
    for before, after in ((nothing, surface(StepState.ACCEPTED)), (surface(StepState.ACCEPTED), nothing)):
        assert not_compared(before, after) == {}
        assert compare(before, after) == ()


@given(was=STATES, now=STATES)
def test_nothing_is_passed_over(was: StepState | None, now: StepState | None) -> None:
    """A step that not both did is a breaking change, or is named as not compared; never neither."""
    before, after = surface(was), surface(now, version="2")
    breaking = any(change.grade is Grade.BREAKING for change in compare(before, after))
    named = "renew" in not_compared(before, after)
    both_did = was is now is StepState.ACCEPTED or was is now is None
    assert (breaking or named) is not both_did
    assert not (breaking and named)
