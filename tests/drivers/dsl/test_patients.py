"""The values of the capability `patients`."""

from __future__ import annotations

from epjgate.drivers.dsl.patients import PatientRef


def test_references_to_the_same_patient_are_equal_whatever_the_version() -> None:
    """A change makes a new version and not another patient."""
    assert PatientRef("7", "1") == PatientRef("7", "2") == PatientRef("7")
    assert PatientRef("7", "1") != PatientRef("8", "1")
