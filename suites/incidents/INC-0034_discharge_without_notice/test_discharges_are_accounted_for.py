"""Every discharge is notified, and the notification acknowledged (INC-0034)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from epjgate.drivers.dsl import EncounterRef, EncounterState, Epj, PatientRef

WARD = "Medicinsk afsnit M1"
Clock = Callable[[str], datetime]


def straight_home(epj: Epj, patient: PatientRef, at: Clock) -> EncounterRef:
    """Admit `patient`, who then goes home from the ward."""
    return epj.admit(patient, at("2026-02-02 09:00"), WARD)


def home_from_leave(epj: Epj, patient: PatientRef, at: Clock) -> EncounterRef:
    """Admit `patient`, who is at home on leave when the stay is ended."""
    return epj.send_on_leave(straight_home(epj, patient, at), at("2026-02-04 12:00"))


def home_after_leave(epj: Epj, patient: PatientRef, at: Clock) -> EncounterRef:
    """Admit `patient`, who has been on leave and goes home from the ward."""
    return epj.end_leave(home_from_leave(epj, patient, at))


WAYS_HOME = [straight_home, home_from_leave, home_after_leave]


@pytest.mark.parametrize("way_home", WAYS_HOME)
def test_every_discharge_is_notified(
    epj: Epj, patient: PatientRef, at: Clock, way_home: Callable[[Epj, PatientRef, Clock], EncounterRef]
) -> None:
    """Whichever way the patient goes home, the municipality is told, and has said that it knows."""
    stay = way_home(epj, patient, at)
    epj.wait_for_deliveries(patient)
    before = epj.notifications_of(patient)
    epj.discharge(stay, at("2026-02-06 10:00"), "DI109")
    told = epj.notifications_of(patient)

    assert before, "the municipality was not told of the admission"
    assert told[-1].state is EncounterState.DISCHARGED, "a discharge was not notified"
    assert len({one.episode for one in told}) == 1, "a discharge was notified under another episode"
    assert epj.undelivered_of(patient) == [], "a discharge that was notified is not acknowledged"
