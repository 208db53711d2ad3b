"""Comparing what a database held with what it holds: nothing may be lost, doubled or changed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.model.rehearsal import Census, Tally
from epjgate.rehearsing.comparing import census_changes

BEFORE = Census(
    patients=3,
    kinds={"Patient": Tally(count=3, digest="a"), "Observation": Tally(count=9, digest="b")},
    states={"MedicationRequest": {"active": 2, "completed": 4}},
    audit_entries=20,
    queued={"queued": 1, "delivered": 7},
)


def changed(**fields: Any) -> Census:
    """Return the census before with other `fields`."""
    return BEFORE.model_copy(update=fields)


def test_what_was_kept_is_no_change() -> None:
    """The same records, whatever was written to the audit trail and the queue meanwhile."""
    assert census_changes(BEFORE, BEFORE) == ()
    assert census_changes(BEFORE, changed(audit_entries=21, queued={"delivered": 8})) == ()
    assert census_changes(BEFORE, changed(queued={"delivered": 7, "queued": 1, "failed": 1})) == ()


@pytest.mark.parametrize(
    ("after", "what", "was", "now"),
    [
        (changed(patients=2), "patients", "3", "2"),
        (changed(kinds={"Patient": Tally(count=3, digest="a")}), "Observation", "9", "nothing"),
        (changed(kinds={**BEFORE.kinds, "Note": Tally(count=1, digest="c")}), "Note", "nothing", "1"),
        (changed(kinds={**BEFORE.kinds, "Patient": Tally(count=4, digest="a")}), "Patient: how many", "3", "4"),
        (changed(kinds={**BEFORE.kinds, "Patient": Tally(count=3, digest="x")}), "Patient: what they say", "a", "x"),
        (
            changed(states={"MedicationRequest": {"active": 2, "completed": 3}}),
            "MedicationRequest in state completed",
            "4",
            "3",
        ),
        (changed(audit_entries=19), "audit entries", "20", "19"),
        (changed(queued={"queued": 1, "delivered": 6}), "messages to receivers, in whatever state", "8", "7"),
        (changed(locks=("advisory 20260",)), "locks", "nothing", "advisory 20260"),
    ],
)
def test_what_an_upgrade_must_not_do_is_named(after: Census, what: str, was: str, now: str) -> None:
    """Lost, added, doubled, altered; another state; a shorter audit trail or queue; a lock that is left."""
    (change,) = census_changes(BEFORE, after)
    assert (change.what, change.before, change.after) == (what, was, now)


def test_a_finished_order_that_is_active_again_is_named_twice() -> None:
    """One state has one more, the other one less: both are told."""
    revived = changed(states={"MedicationRequest": {"active": 3, "completed": 3}})
    assert [(one.what, one.before, one.after) for one in census_changes(BEFORE, revived)] == [
        ("MedicationRequest in state active", "2", "3"),
        ("MedicationRequest in state completed", "4", "3"),
    ]


@given(st.integers(0, 5), st.integers(0, 5), st.text(min_size=1), st.text(min_size=1))
def test_kinds_are_equal_only_by_count_and_meaning(was: int, now: int, meant: str, means: str) -> None:
    """No count or digest but the same ones passes."""
    before = changed(kinds={"Patient": Tally(count=was, digest=meant)})
    after = changed(kinds={"Patient": Tally(count=now, digest=means)})
    assert (census_changes(before, after) == ()) is ((was, meant) == (now, means))
