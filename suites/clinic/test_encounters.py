"""Encounters: who lies where, and since when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from epjgate.drivers.dsl import EncounterState, Epj, PatientRef

pytestmark = pytest.mark.needs("patients", "encounters")


@pytest.mark.severity("critical")
def test_an_admitted_patient_lies_on_the_ward(
    epj: Epj, patient: PatientRef, bystander: PatientRef, at: Callable[[str], datetime]
) -> None:
    """An admission is seen with its ward and its time, at its own patient only."""
    epj.admit(patient, at("2026-02-03 14:05"), "Medicinsk afsnit Ø3")
    (encounter,) = epj.encounters_of(patient)
    assert (encounter.state, encounter.ward) == (EncounterState.ADMITTED, "Medicinsk afsnit Ø3")
    assert encounter.admitted_at == at("2026-02-03 14:05")
    assert encounter.discharged_at is None
    assert epj.encounters_of(bystander) == []


@pytest.mark.severity("critical")
def test_a_discharge_ends_its_own_encounter_only(
    epj: Epj, patient: PatientRef, bystander: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Who is discharged has left at that time; who lies in the next bed has not."""
    encounter = epj.admit(patient, at("2026-02-03 14:05"), "Medicinsk afsnit Ø3")
    epj.admit(bystander, at("2026-02-03 15:00"), "Medicinsk afsnit Ø3")
    epj.discharge(encounter, at("2026-02-07 10:30"))
    (ended,) = epj.encounters_of(patient)
    (lasting,) = epj.encounters_of(bystander)
    assert (ended.state, ended.discharged_at) == (EncounterState.DISCHARGED, at("2026-02-07 10:30"))
    assert (lasting.state, lasting.discharged_at) == (EncounterState.ADMITTED, None)


@pytest.mark.severity("critical")
@pytest.mark.parametrize("admitted", ["2026-03-29 01:59", "2026-03-29 03:00", "2026-10-25 01:30", "2026-10-25 03:30"])
def test_a_night_with_a_clock_change_keeps_its_times(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime], admitted: str
) -> None:
    """An admission around a change to or from summer time keeps its moment."""
    epj.admit(patient, at(admitted), "Akutmodtagelsen")
    (encounter,) = epj.encounters_of(patient)
    assert encounter.admitted_at == at(admitted)
