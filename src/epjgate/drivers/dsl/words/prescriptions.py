"""Words about what a patient is to take."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from epjgate.drivers.dsl.medication import Medication, MedicationOrder, OrderRef, OrderState, Prescription
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.dsl.prescribing import (
    Dispensing,
    Label,
    MedicationRenewal,
    OrderSets,
    PrescriptionLabel,
    Tablets,
)
from epjgate.drivers.dsl.serving import (
    DISPENSING,
    MEDICATION,
    MEDICATION_RENEWAL,
    ORDER_SETS,
    PRESCRIPTION_LABEL,
    serve,
)
from epjgate.drivers.dsl.words.base import Words


class PrescriptionWords(Words):
    """Words of `medication`, `medication_renewal`, `prescription_label`, `dispensing` and `order_sets`."""

    def prescribe(self, patient: PatientRef, prescription: Prescription) -> OrderRef:
        """Order `prescription` for `patient`, active at once."""
        with self._step(f"Prescribe {prescription.drug.name} for patient {patient.id}"):
            return self._medication.prescribe(patient, prescription)

    def prescribe_all(self, patient: PatientRef, prescriptions: Sequence[Prescription]) -> list[OrderRef]:
        """Order all of `prescriptions`, in their order, or none of them; Refused where one of them cannot be."""
        with self._step(f"Prescribe {len(prescriptions)} drugs as one set for patient {patient.id}"):
            return self._order_sets.prescribe_all(patient, prescriptions)

    def medication_orders_of(self, patient: PatientRef, state: OrderState | None = None) -> list[MedicationOrder]:
        """Return the medication orders of `patient`, earliest start first: all, or those found under `state`.

        What the system finds under a state is returned as it is, also an order that says it is in another one.
        """
        with self._step(f"Read {state or 'all'} medication orders of patient {patient.id}"):
            return self._medication.orders_of(patient, state)

    def change_dose(
        self, order: OrderRef, dose: Decimal, *, strength_mg: Decimal | None = None, text: str | None = None
    ) -> OrderRef:
        """Change how many units are taken at a time, and strength and label text where given; nothing else."""
        with self._step(f"Change dose of medication order {order.id} to {dose}"):
            return self._medication.change_dose(order, dose, strength_mg, text)

    def pause_medication(self, order: OrderRef) -> OrderRef:
        """Pause `order`."""
        with self._step(f"Pause medication order {order.id}"):
            return self._medication.pause(order)

    def resume_medication(self, order: OrderRef) -> OrderRef:
        """Let `order`, which was paused, go on."""
        with self._step(f"Resume medication order {order.id}"):
            return self._medication.resume(order)

    def stop_medication(self, order: OrderRef, at: datetime) -> OrderRef:
        """Stop `order`, which then ends at `at`."""
        with self._step(f"Stop medication order {order.id}"):
            return self._medication.stop(order, at)

    def renew(self, order: OrderRef, at: datetime, until: datetime | None = None) -> OrderRef:
        """Put a new order, as the old one stands now, in the place of `order` from `at` on; returns the new one."""
        with self._step(f"Renew medication order {order.id}"):
            return self._renewal.renew(order, at, until)

    def label_of(self, order: OrderRef) -> Label:
        """Return what the pharmacy prints for `order`."""
        with self._step(f"Read label of medication order {order.id}"):
            return self._labels.label_of(order)

    def fewest_tablets(self, order: OrderRef, strengths_mg: Sequence[Decimal]) -> tuple[Tablets, ...]:
        """Return the fewest tablets of these strengths that make one dose, strongest first; Refused where none do."""
        with self._step(f"Ask for the fewest tablets for medication order {order.id}"):
            return self._dispensing.fewest_tablets(order, strengths_mg)

    @cached_property
    def _medication(self) -> Medication:
        return serve("medication", MEDICATION, self._connections)

    @cached_property
    def _order_sets(self) -> OrderSets:
        return serve("order_sets", ORDER_SETS, self._connections)

    @cached_property
    def _renewal(self) -> MedicationRenewal:
        return serve("medication_renewal", MEDICATION_RENEWAL, self._connections)

    @cached_property
    def _labels(self) -> PrescriptionLabel:
        return serve("prescription_label", PRESCRIPTION_LABEL, self._connections)

    @cached_property
    def _dispensing(self) -> Dispensing:
        return serve("dispensing", DISPENSING, self._connections)
