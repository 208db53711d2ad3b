"""The capabilities `patient_merge`, `replacement_cpr` and `address_protection`: who is who, and what others may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from epjgate.drivers.dsl.patients import PatientRef
from epjgate.model.person import Address, Person, Sex


class Issuer(StrEnum):
    """Who gives out a replacement CPR number: the state for the whole country, or a system for itself alone."""

    NATIONAL = "national"
    LOCAL = "local"


@dataclass(frozen=True)
class ReplacementCpr:
    """A replacement CPR number, DDMMYYCAAG; a local one says nothing outside the system that `issued_by` names.

    `old` is true once the person is identified: the number still leads to them, and is used for nothing new.
    """

    number: str
    issuer: Issuer = Issuer.LOCAL
    issued_by: str = ""
    old: bool = False


class PatientMerge(Protocol):
    """What every implementation of `patient_merge` promises; broken answers are a CandidateFault, refusals a Denial."""

    def merge(self, source: PatientRef, target: PatientRef) -> PatientRef:
        """Move all of `source` to `target`, who survives."""

    def survivor_of(self, patient: PatientRef) -> PatientRef | None:
        """Return the patient in whom `patient` went up, None where `patient` stands alone."""


class ReplacementNumbers(Protocol):
    """What every implementation of `replacement_cpr` promises: broken answers are a CandidateFault, refusals Denial."""

    def register_unknown(self, sex: Sex, born_about: date, name: str) -> PatientRef:
        """Register somebody who cannot say who they are; the system gives them a local replacement number."""

    def register_with(self, person: Person, replacement: ReplacementCpr) -> PatientRef:
        """Register `person` by a replacement number that somebody issued, and without their CPR number."""

    def identify(self, patient: PatientRef, cpr: str) -> PatientRef:
        """Give `patient` the CPR number; returns who survives, where somebody has it already."""

    def replacements_of(self, patient: PatientRef) -> list[ReplacementCpr]:
        """Return the replacement numbers of `patient`, old ones included."""

    def find(self, number: str) -> list[PatientRef]:
        """Return all patients with this replacement number, whoever issued it, without those who were merged away."""


class AddressProtection(Protocol):
    """What every implementation of `address_protection` promises; a broken answer is a CandidateFault."""

    def protect(self, patient: PatientRef) -> None:
        """Protect the address of `patient`."""

    def address_of(self, patient: PatientRef) -> Address | None:
        """Return the home address as this user sees it, None where it is withheld."""

    def find_by_address(self, address: Address) -> list[PatientRef]:
        """Return everybody whom a search for the street, the postal code or the city alone finds, each once."""

    def where_shown(self, patient: PatientRef, address: Address) -> list[str]:
        """Return by which ways of asking this user gets to see the street of `address`; empty where by none."""
