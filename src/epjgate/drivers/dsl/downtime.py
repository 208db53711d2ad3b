"""The capability `downtime_copy`: what can still be read when the record itself is down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from epjgate.drivers.dsl.allergies import Allergy
from epjgate.drivers.dsl.medication import MedicationOrder
from epjgate.drivers.dsl.oversight import AuditEntry
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.model.person import Address, Sex


@dataclass(frozen=True)
class DowntimePerson:
    """Who somebody is on the copy; `birth_date` and `sex` are None where nobody knows, `home` where it is withheld."""

    patient: PatientRef
    full_name: str
    cpr: str
    birth_date: date | None
    sex: Sex | None
    home: Address | None


@dataclass(frozen=True)
class DowntimeBed:
    """A patient on the list of a ward, and since when."""

    person: DowntimePerson
    admitted_at: datetime


@dataclass(frozen=True)
class DowntimeResult:
    """A laboratory result on the copy; decimals keep their digits."""

    code: str
    name: str
    value: Decimal
    unit: str
    taken_at: datetime
    reference_low: Decimal | None = None
    reference_high: Decimal | None = None


@dataclass(frozen=True)
class DowntimeChart:
    """A patient on the copy: what a ward needs, where they lie and since when, and how old the copy is.

    `ward` is empty and `admitted_at` None where they lie nowhere. A reaction is not on the copy, only the substance.
    """

    person: DowntimePerson
    ward: str
    admitted_at: datetime | None
    allergies: tuple[Allergy, ...]
    medication: tuple[MedicationOrder, ...]
    results: tuple[DowntimeResult, ...]
    copied_at: datetime
    age: timedelta

    @property
    def patient(self) -> PatientRef:
        """Whose chart it is."""
        return self.person.patient

    @property
    def full_name(self) -> str:
        """The patient's name."""
        return self.person.full_name

    @property
    def cpr(self) -> str:
        """The patient's CPR number."""
        return self.person.cpr


class DowntimeCopy(Protocol):
    """What every implementation of `downtime_copy` promises; broken answers are a CandidateFault, refusals a Denial.

    It is a broken answer that does not say how old the copy is, or says it wrongly.
    """

    def copied_at(self) -> datetime:
        """Return when the copy was taken that is shown now."""

    def reaches_record(self) -> bool:
        """Return whether the copy says that it reaches the record, so that it can be renewed."""

    def find_by_cpr(self, cpr: str) -> list[DowntimePerson]:
        """Return the patients on the copy with this CPR number."""

    def chart_of(self, patient: PatientRef) -> DowntimeChart | None:
        """Return the patient's chart, None where the copy does not have the patient."""

    def beds_of(self, ward: str) -> list[DowntimeBed]:
        """Return the patients on the ward's list, in its order."""

    def accepted_changes(self, patient: PatientRef) -> list[str]:
        """Try to change the copy in every way; returns those that were not refused."""

    def trail_of(self, patient: PatientRef) -> list[AuditEntry]:
        """Return who read the patient's chart on the copy, earliest first."""
