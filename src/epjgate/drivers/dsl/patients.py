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

    def register_if_unknown(self, person: Person) -> PatientRef:
        """Register `person` unless somebody has the CPR number; returns who has it then."""

    def find_by_cpr(self, cpr: str) -> PatientRef | None:
        """Return the patient with this CPR number, None where there is none; CandidateFault where there are several."""

    def find_by_name(self, family_name: str) -> list[PatientRef]:
        """Return the patients whose family name begins like `family_name`, in no order."""

    def read(self, patient: PatientRef) -> Person:
        """Return the person as the system knows it now."""

    def read_version(self, patient: PatientRef) -> Person:
        """Return the person as the system knew it when it named `patient`, by the version in it."""

    def change_address(self, patient: PatientRef, address: Address) -> PatientRef:
        """Replace the home address; everything else stays as it is."""
