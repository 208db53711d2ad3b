"""The values of the capability `encounters`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from epjgate.drivers.dsl.encounters import Encounter, EncounterRef, EncounterState

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
NAIVE = AT.replace(tzinfo=None)


def test_references_to_the_same_encounter_are_equal_whatever_the_version() -> None:
    """A discharge makes a new version and not another encounter."""
    assert EncounterRef("7", "1") == EncounterRef("7", "2") != EncounterRef("8", "2")


@pytest.mark.parametrize(
    ("admitted_at", "discharged_at", "named"),
    [(NAIVE, None, "admitted_at"), (AT, NAIVE, "discharged_at")],
)
def test_times_need_a_zone(admitted_at: datetime, discharged_at: datetime | None, named: str) -> None:
    """A time without a zone is refused where it is made."""
    with pytest.raises(ValueError, match=named):
        Encounter(EncounterRef("7"), EncounterState.ADMITTED, "O2", admitted_at, discharged_at)


def test_an_encounter_that_lasts_has_no_end() -> None:
    """None says that it is not over."""
    assert Encounter(EncounterRef("7"), EncounterState.ADMITTED, "O2", AT).discharged_at is None
