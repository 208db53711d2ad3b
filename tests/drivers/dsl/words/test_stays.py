"""Words about where a patient lies, on the reference EPJ."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from epjgate.drivers.dsl import EncounterState, Epj
from epjgate.model.person import Person


def test_a_stay_with_a_leave_ends_with_a_diagnosis(
    clinic: Epj, somebody: Callable[[], Person], morning: datetime
) -> None:
    """Each word changes what it says, and the ward and the admission stay."""
    patient = clinic.register_patient(somebody())
    stay = clinic.admit(patient, morning, "Ø3")
    clinic.send_on_leave(stay, morning + timedelta(hours=4))
    (on_leave,) = clinic.encounters_of(patient)
    clinic.end_leave(stay)
    (back,) = clinic.encounters_of(patient)
    clinic.discharge(stay, morning + timedelta(days=2), "DI109")
    (over,) = clinic.encounters_of(patient)
    assert [(one.state, one.diagnosis, one.discharged_at) for one in (on_leave, back, over)] == [
        (EncounterState.ON_LEAVE, "", None),
        (EncounterState.ADMITTED, "", None),
        (EncounterState.DISCHARGED, "DI109", morning + timedelta(days=2)),
    ]
    assert {(one.ward, one.admitted_at) for one in (on_leave, back, over)} == {("Ø3", morning)}


def test_a_stay_is_struck_out(clinic: Epj, somebody: Callable[[], Person], morning: datetime) -> None:
    """It is still there, as an error."""
    patient = clinic.register_patient(somebody())
    clinic.strike_out_encounter(clinic.admit(patient, morning, "Ø3"))
    assert [one.state for one in clinic.encounters_of(patient)] == [EncounterState.ENTERED_IN_ERROR]
