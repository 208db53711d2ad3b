"""Allergies: what a patient does not tolerate."""

from __future__ import annotations

import pytest

from epjgate.drivers.dsl import Allergy, Epj, PatientRef

pytestmark = pytest.mark.needs("patients", "allergies")

PENICILLIN = Allergy(atc_code="J01CE02", substance="Phenoxymethylpenicillin", reaction="udslæt og åndenød")
ASPIRIN = Allergy(atc_code="B01AC06", substance="Acetylsalicylsyre", reaction="astmaanfald")


@pytest.mark.severity("blocker")
def test_an_allergy_is_read_back_as_recorded(epj: Epj, patient: PatientRef, bystander: PatientRef) -> None:
    """Substance and reaction are what was recorded, for this patient only."""
    epj.record_allergy(patient, PENICILLIN)
    assert epj.allergies_of(patient) == [PENICILLIN]
    assert epj.allergies_of(bystander) == []


@pytest.mark.severity("critical")
def test_a_second_allergy_stands_beside_the_first(epj: Epj, patient: PatientRef) -> None:
    """What is recorded later takes nothing away, and each stands there once."""
    epj.record_allergy(patient, PENICILLIN)
    epj.record_allergy(patient, ASPIRIN)
    assert epj.allergies_of(patient) == [ASPIRIN, PENICILLIN]
