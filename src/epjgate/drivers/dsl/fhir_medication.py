"""The capability `medication` on FHIR R4."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl.fhir_records import (
    change,
    code_of,
    records_of,
    resource_version,
    state_at,
    subject,
    version_of,
)
from epjgate.drivers.dsl.medication import Drug, MedicationOrder, OrderRef, OrderState, Prescription
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirAnswer, FhirClient
from epjgate.drivers.fhir_values import (
    Resource,
    decimal_at,
    instant,
    instant_at,
    object_at,
    objects_at,
    quantity,
    quantity_at,
    text_at,
)
from epjgate.errors import CandidateFault

ATC = "http://www.whocc.no/atc"
# R4 value set medicationrequest-status.
STATES = {
    "draft": OrderState.DRAFT,
    "active": OrderState.ACTIVE,
    "on-hold": OrderState.PAUSED,
    "completed": OrderState.COMPLETED,
    "stopped": OrderState.STOPPED,
    "cancelled": OrderState.CANCELLED,
    "entered-in-error": OrderState.ENTERED_IN_ERROR,
    "unknown": OrderState.UNKNOWN,
}
# R4 value set units-of-time, longest first; months and years have no fixed length.
UNITS_S = {"wk": 604800, "d": 86400, "h": 3600, "min": 60, "s": 1}
LONGEST_S = 100 * 366 * 86400
_REPEAT = ("dosageInstruction", 0, "timing", "repeat")


class FhirMedication:
    """Medication orders as `MedicationRequest` resources, each with its drug contained."""

    def __init__(self, client: FhirClient) -> None:
        self._client = client

    def prescribe(self, patient: PatientRef, prescription: Prescription) -> OrderRef:
        """Create an active MedicationRequest of intent `order`."""
        return _ref(self._client.create(medication_request(patient, prescription)).expect(201))

    def orders_of(self, patient: PatientRef, state: OrderState | None = None) -> list[MedicationOrder]:
        """Search by patient, and by status where one is asked for; what is found is returned whatever it says."""
        asked = [("status", code) for code, meant in STATES.items() if meant is state]
        found = [_order(record) for record in records_of(self._client, "MedicationRequest", patient, *asked)]
        return sorted(found, key=lambda order: order.prescription.start)

    def stop(self, order: OrderRef, at: datetime) -> OrderRef:
        """Set the status `stopped`, and end the period in which the dosage holds."""
        end = instant(at)

        def stop(record: Resource) -> None:
            record["status"] = "stopped"
            object_at(record, *_REPEAT, "boundsPeriod")["end"] = end

        return _ref(change(self._client, "MedicationRequest", order.id, stop))

    def change_dose(self, order: OrderRef, dose: Decimal, strength_mg: Decimal | None, text: str | None) -> OrderRef:
        """Edit dose, strength and text where they stand; everything else is written back as it was read."""

        def adjust(record: Resource) -> None:
            dosage = object_at(record, "dosageInstruction", 0)
            unit = text_at(dosage, "doseAndRate", 0, "doseQuantity", "code")
            object_at(dosage, "doseAndRate", 0)["doseQuantity"] = quantity(dose, unit)
            if text is not None:
                dosage["text"] = text
            if strength_mg is not None:
                object_at(_contained(record), "ingredient", 0, "strength")["numerator"] = quantity(strength_mg, "mg")

        return _ref(change(self._client, "MedicationRequest", order.id, adjust))

    def pause(self, order: OrderRef) -> OrderRef:
        """Set the status `on-hold`."""
        return self._set_status(order, "on-hold")

    def resume(self, order: OrderRef) -> OrderRef:
        """Set the status `active`."""
        return self._set_status(order, "active")

    def _set_status(self, order: OrderRef, status: str) -> OrderRef:
        return _ref(
            change(self._client, "MedicationRequest", order.id, lambda record: record.update({"status": status}))
        )


def _ref(answer: FhirAnswer) -> OrderRef:
    return OrderRef(answer.id, version_of(answer))


def medication_request(patient: PatientRef, prescription: Prescription) -> Resource:
    """Return `prescription` as an active MedicationRequest with its drug contained."""
    return {
        "resourceType": "MedicationRequest",
        "contained": [_medication(prescription)],
        "status": "active",
        "intent": "order",
        "medicationReference": {"reference": "#drug", "display": prescription.drug.name},
        "subject": subject(patient),
        "authoredOn": instant(prescription.start),
        "dosageInstruction": [
            {
                "text": prescription.text,
                "timing": {"repeat": _repeat(prescription)},
                "doseAndRate": [{"doseQuantity": quantity(prescription.dose, prescription.dose_unit)}],
            }
        ],
    }


def _medication(prescription: Prescription) -> Resource:
    drug = prescription.drug
    concept = {"coding": [{"system": ATC, "code": drug.atc_code, "display": drug.name}], "text": drug.name}
    strength = {
        "numerator": quantity(prescription.strength_mg, "mg"),
        "denominator": quantity(Decimal(1), prescription.dose_unit),
    }
    return {
        "resourceType": "Medication",
        "id": "drug",
        "code": concept,
        "ingredient": [{"itemCodeableConcept": concept, "strength": strength}],
    }


def _repeat(prescription: Prescription) -> Resource:
    seconds = int(prescription.interval.total_seconds())
    unit = next(name for name, unit_s in UNITS_S.items() if seconds % unit_s == 0)
    period = {"start": instant(prescription.start)}
    if prescription.end is not None:
        period["end"] = instant(prescription.end)
    return {"boundsPeriod": period, "frequency": 1, "period": seconds // UNITS_S[unit], "periodUnit": unit}


def _order(record: Resource) -> MedicationOrder:
    return MedicationOrder(
        ref=OrderRef(text_at(record, "id"), resource_version(record)),
        state=state_at(record, STATES, "status"),
        prescription=_prescription(record),
    )


def _prescription(record: Resource) -> Prescription:
    medication = _contained(record)
    dose, dose_unit = quantity_at(record, "dosageInstruction", 0, "doseAndRate", 0, "doseQuantity")
    bounds = object_at(record, *_REPEAT, "boundsPeriod")
    return Prescription(
        drug=Drug(code_of(medication, {"ATC": ATC}, "code")[1], text_at(medication, "code", "text")),
        strength_mg=_strength_mg(medication, dose_unit),
        dose=dose,
        dose_unit=dose_unit,
        interval=_interval(record),
        start=instant_at(record, *_REPEAT, "boundsPeriod", "start"),
        text=text_at(record, "dosageInstruction", 0, "text"),
        end=instant_at(record, *_REPEAT, "boundsPeriod", "end") if "end" in bounds else None,
    )


def _contained(record: Resource) -> Resource:
    reference = text_at(record, "medicationReference", "reference")
    for resource in objects_at(record, "contained"):
        if f"#{text_at(resource, 'id')}" == reference:
            return resource
    raise CandidateFault(f"MedicationRequest.contained does not hold the drug {reference!r} that the order is for")


def _strength_mg(medication: Resource, dose_unit: str) -> Decimal:
    strength = ("ingredient", 0, "strength")
    per, per_unit = quantity_at(medication, *strength, "denominator")
    amount, unit = quantity_at(medication, *strength, "numerator")
    if (per, per_unit, unit) != (Decimal(1), dose_unit, "mg"):
        raise CandidateFault(
            f"the strength is {amount} {unit} in {per} {per_unit}; it was ordered in mg in 1 {dose_unit}"
        )
    return amount


def _interval(record: Resource) -> timedelta:
    unit = text_at(record, *_REPEAT, "periodUnit")
    period = decimal_at(record, *_REPEAT, "period")
    frequency = decimal_at(record, *_REPEAT, "frequency")
    seconds = period * UNITS_S.get(unit, 0) / frequency if frequency > 0 else Decimal(0)
    if not 1 <= seconds <= LONGEST_S or seconds % 1:
        raise CandidateFault(f"{frequency} times in {period} {unit!r} is not the interval that was ordered")
    return timedelta(seconds=int(seconds))
