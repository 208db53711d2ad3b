"""Patients who were registered before an upgrade are found after it (INC-0053)."""

from __future__ import annotations

import earlier
from epjgate.drivers.dsl import Epj, PatientRef
from epjgate.model.person import Person


def test_patients_of_an_earlier_release_are_found_by_name(epj: Epj, person: Person, patient: PatientRef) -> None:
    """By CPR number and by family name; whoever is registered today is found by name, too."""
    assert patient in epj.find_patients_by_name(person.family_name), "a patient registered today is not found by name"
    for known in earlier.PATIENTS:
        old = epj.find_patient_by_cpr(known.person.cpr)
        assert old is not None, "a patient registered before the upgrade is not found by CPR number"
        namesakes = epj.find_patients_by_name(known.person.family_name)
        assert old in namesakes, "a patient registered before the upgrade is not found by name"
