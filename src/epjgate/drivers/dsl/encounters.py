"""The capability `encounters`: who is admitted, where, and since when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from epjgate.drivers.dsl.instants import point_in_time
from epjgate.drivers.dsl.patients import PatientRef


class EncounterState(StrEnum):
    """How far an encounter has come."""

    PLANNED = "planned"
    ARRIVED = "arrived"
    ADMITTED = "admitted"
    ON_LEAVE = "on leave"
    DISCHARGED = "discharged"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered in error"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class EncounterRef:
    """An encounter as the system named it; equal when it is the same encounter, whatever the version."""

    id: str
    version: str = field(default="", compare=False)


@dataclass(frozen=True)
class Encounter:
    """An encounter as the system knows it; times have a zone, `discharged_at` is None while it lasts.

    `diagnosis` is the SKS code of the diagnosis that the stay was for (`DI109`), empty where none was given.
    """

    ref: EncounterRef
    state: EncounterState
    ward: str
    admitted_at: datetime
    discharged_at: datetime | None = None
    diagnosis: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "admitted_at", point_in_time("admitted_at", self.admitted_at))
        if self.discharged_at is not None:
            object.__setattr__(self, "discharged_at", point_in_time("discharged_at", self.discharged_at))


class Encounters(Protocol):
    """What every implementation of `encounters` promises; a broken answer is a CandidateFault."""

    def admit(self, patient: PatientRef, at: datetime, ward: str) -> EncounterRef:
        """Admit `patient` to `ward`; ValueError where `at` has no time zone."""

    def discharge(self, encounter: EncounterRef, at: datetime, diagnosis: str) -> EncounterRef:
        """End `encounter`, with an SKS code where `diagnosis` is not empty; ValueError where `at` has no time zone."""

    def send_on_leave(self, encounter: EncounterRef, at: datetime) -> EncounterRef:
        """Let the patient go home for a while; ValueError where `at` has no time zone."""

    def end_leave(self, encounter: EncounterRef) -> EncounterRef:
        """Take the patient back from leave."""

    def strike_out(self, encounter: EncounterRef) -> EncounterRef:
        """Say that `encounter` was entered in error."""

    def of(self, patient: PatientRef) -> list[Encounter]:
        """Return all encounters of `patient`, earliest admission first."""
