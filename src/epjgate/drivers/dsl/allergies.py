"""The capabilities `allergies` and `allergy_alerts`: what a patient does not tolerate, and who is warned."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from epjgate.drivers.dsl.medication import Drug
from epjgate.drivers.dsl.patients import PatientRef


@dataclass(frozen=True)
class Allergy:
    """An active allergy to a substance or group of substances by its ATC code, with the reaction that was seen."""

    atc_code: str
    substance: str
    reaction: str = ""


@dataclass(frozen=True)
class AllergyRef:
    """An allergy as the system named it; equal when it is the same record, whatever the version."""

    id: str
    version: str = field(default="", compare=False)


class Allergies(Protocol):
    """What every implementation of `allergies` promises; a broken answer is a CandidateFault."""

    def record(self, patient: PatientRef, allergy: Allergy) -> AllergyRef:
        """Record an active, confirmed allergy."""

    def of(self, patient: PatientRef) -> list[Allergy]:
        """Return the active allergies of `patient` by ATC code; what stands there twice is there twice."""


class AllergyAlerts(Protocol):
    """What every implementation of `allergy_alerts` promises; a broken answer is a CandidateFault."""

    def alerts(self, patient: PatientRef, drug: Drug) -> list[str]:
        """Return what the doctor is warned of before `drug` is prescribed; empty where there is no warning."""
