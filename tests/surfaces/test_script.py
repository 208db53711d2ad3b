"""The script speaks of what a clinic can do, and always in the same hours."""

from __future__ import annotations

import pytest

from epjgate.drivers.dsl.serving import CAPABILITIES
from epjgate.surfaces.script import MORNING, SCRIPT, Brought, NotBroughtForth, at


def test_every_step_needs_what_there_are_words_for() -> None:
    """A misspelt capability would leave the step out on every system, in silence."""
    for step in SCRIPT:
        assert step.needs, step.title
        assert set(step.needs) <= CAPABILITIES.keys()
    assert len({step.title for step in SCRIPT}) == len(SCRIPT)


def test_whatever_sends_a_message_is_in_it() -> None:
    """Stays, prescriptions, orders, answers and merges, by hand and by other systems."""
    needed = {capability for step in SCRIPT for capability in step.needs}
    assert needed >= {
        "patients",
        "encounters",
        "medication",
        "medication_renewal",
        "orders",
        "laboratory_feed",
        "admission_feed",
        "patient_merge",
        "replacement_cpr",
    }


def test_what_was_not_brought_forth_is_no_fault_of_ours() -> None:
    """It is told apart from a name that our own code does not find."""
    with pytest.raises(NotBroughtForth):
        Brought[str]()["nobody"]
    assert not issubclass(NotBroughtForth, KeyError)


def test_its_hours_are_fixed() -> None:
    """Two releases are asked on the same day, whenever that is done."""
    assert at(0) == MORNING
    assert at(25.5).isoformat() == "2026-03-03T09:30:00+00:00"
