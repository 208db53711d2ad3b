"""The capability `patients`: who is known to the clinic."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from epjgate.model.person import Address, Person


@dataclass(frozen=True)
class PatientRef:
    """A patient as the system named it; `version` is what it said at that moment, empty where it said nothing.

    Two references are equal when they name the same patient, whatever the version.
    """

    id: str
    version: str = field(default="", compare=False)


class Patients(Protocol):
    """What every implementation of `patients` promises; a broken answer is a CandidateFault."""

    def register(self, person: Person) -> PatientRef:
        """Register `person` as a new patient."""

    def find_by_cpr(self, cpr: str) -> PatientRef | None:
        """Return the patient with this CPR number, None where there is none; CandidateFault where there are several."""

    def read(self, patient: PatientRef) -> Person:
        """Return the person as the system knows it now."""

    def change_address(self, patient: PatientRef, address: Address) -> PatientRef:
        """Replace the home address; everything else stays as it is."""
