"""The capabilities around a prescription: `medication_renewal`, `prescription_label`, `dispensing`, `order_sets`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from epjgate.drivers.dsl.medication import OrderRef, Prescription
from epjgate.drivers.dsl.patients import PatientRef


@dataclass(frozen=True)
class Label:
    """What stands on the package: drug, strength of one unit, dose in units and in milligrams, interval and text."""

    drug: str
    strength_mg: Decimal
    dose: Decimal
    dose_unit: str
    dose_mg: Decimal
    interval: timedelta
    text: str


@dataclass(frozen=True)
class Tablets:
    """So many tablets of one strength."""

    strength_mg: Decimal
    count: int

    @property
    def total_mg(self) -> Decimal:
        """The active ingredient in all of them, in milligrams."""
        return self.strength_mg * self.count


class MedicationRenewal(Protocol):
    """What every implementation of `medication_renewal` promises; a broken answer is a CandidateFault."""

    def renew(self, order: OrderRef, at: datetime, until: datetime | None) -> OrderRef:
        """Put a new order, as the old one stands now, in the place of `order`, from `at` on."""


class PrescriptionLabel(Protocol):
    """What every implementation of `prescription_label` promises; a broken answer is a CandidateFault."""

    def label_of(self, order: OrderRef) -> Label:
        """Return what the pharmacy prints for `order`."""


class Dispensing(Protocol):
    """What every implementation of `dispensing` promises; a broken answer is a CandidateFault, a refusal a Denial."""

    def fewest_tablets(self, order: OrderRef, strengths_mg: Sequence[Decimal]) -> tuple[Tablets, ...]:
        """Return the fewest tablets of these strengths that make one dose, strongest first."""


class OrderSets(Protocol):
    """What every implementation of `order_sets` promises; a broken answer is a CandidateFault, a refusal a Denial."""

    def prescribe_all(self, patient: PatientRef, prescriptions: Sequence[Prescription]) -> list[OrderRef]:
        """Order all of `prescriptions`, in their order, or none of them."""
