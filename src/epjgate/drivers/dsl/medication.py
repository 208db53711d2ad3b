"""The capability `medication`: which drug, how much, how often, until when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from epjgate.drivers.dsl.instants import point_in_time
from epjgate.drivers.dsl.patients import PatientRef


class OrderState(StrEnum):
    """How far a medication order has come."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered in error"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Drug:
    """A drug by its ATC code and name."""

    atc_code: str
    name: str


@dataclass(frozen=True)
class Prescription:
    """What the doctor orders: `dose` units of a drug once every `interval`, from `start` until `end`.

    `strength_mg` is the active ingredient in one unit, in milligrams; `dose_unit` a UCUM code, for example `{tablet}`.
    An `end` of None means until further notice. `text` is what the patient reads on the label.
    """

    drug: Drug
    strength_mg: Decimal
    dose: Decimal
    dose_unit: str
    interval: timedelta
    start: datetime
    text: str
    end: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", point_in_time("start", self.start))
        if self.end is not None:
            object.__setattr__(self, "end", point_in_time("end", self.end))
        if self.interval < timedelta(seconds=1) or self.interval.microseconds:
            raise ValueError(f"an interval of {self.interval} is not a whole number of seconds above zero")

    @property
    def dose_mg(self) -> Decimal:
        """The active ingredient of one dose, in milligrams: strength times count."""
        return self.strength_mg * self.dose


@dataclass(frozen=True)
class OrderRef:
    """A medication order as the system named it; equal when it is the same order, whatever the version."""

    id: str
    version: str = field(default="", compare=False)


@dataclass(frozen=True)
class MedicationOrder:
    """A medication order as the system knows it."""

    ref: OrderRef
    state: OrderState
    prescription: Prescription


class Medication(Protocol):
    """What every implementation of `medication` promises; a broken answer is a CandidateFault."""

    def prescribe(self, patient: PatientRef, prescription: Prescription) -> OrderRef:
        """Order `prescription` for `patient`, active at once."""

    def orders_of(self, patient: PatientRef, state: OrderState | None = None) -> list[MedicationOrder]:
        """Return the medication orders that a search by `patient` finds, and by `state` if given, earliest first."""

    def stop(self, order: OrderRef, at: datetime) -> OrderRef:
        """Stop `order`, which then ends at `at`; ValueError where `at` has no time zone."""

    def change_dose(self, order: OrderRef, dose: Decimal, strength_mg: Decimal | None, text: str | None) -> OrderRef:
        """Change how much is taken, and strength and text where they are given; nothing else."""

    def pause(self, order: OrderRef) -> OrderRef:
        """Pause `order`."""

    def resume(self, order: OrderRef) -> OrderRef:
        """Let `order`, which was paused, go on."""
