"""The capabilities around a prescription on FHIR R4: operations on `MedicationRequest`, and transactions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from epjgate.drivers.dsl.fhir_medication import medication_request
from epjgate.drivers.dsl.fhir_records import version_of
from epjgate.drivers.dsl.medication import OrderRef, Prescription
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.dsl.prescribing import Label, Tablets
from epjgate.drivers.fhir import FhirClient
from epjgate.drivers.fhir_parameters import parameter_named, parameters, parameters_named, part_named
from epjgate.drivers.fhir_values import Resource, decimal_at, instant, quantity_at, text_at
from epjgate.errors import CandidateFault


class FhirMedicationRenewal:
    """Renewals by the operation `MedicationRequest/{id}/$renew`."""

    def __init__(self, client: FhirClient) -> None:
        self._client = client

    def renew(self, order: OrderRef, at: datetime, until: datetime | None) -> OrderRef:
        """Ask for a new order that says which one it renews."""
        asked = parameters(
            ("authoredOn", "valueDateTime", instant(at)),
            ("until", "valueDateTime", None if until is None else instant(until)),
        )
        answer = self._client.operate(f"MedicationRequest/{order.id}/$renew", asked).expect(201)
        return OrderRef(answer.id, version_of(answer))


class FhirPrescriptionLabel:
    """Labels by the operation `MedicationRequest/{id}/$label`."""

    def __init__(self, client: FhirClient) -> None:
        self._client = client

    def label_of(self, order: OrderRef) -> Label:
        """Ask what is printed, dose and strength in their units."""
        label = self._client.request("GET", f"MedicationRequest/{order.id}/$label").expect(200).resource
        dose, dose_unit = _printed(parameter_named(label, "dose"))
        return Label(
            drug=text_at(parameter_named(label, "drug"), "valueString"),
            strength_mg=_milligrams(label, "strength"),
            dose=dose,
            dose_unit=dose_unit,
            dose_mg=_milligrams(label, "dosePerIntake"),
            interval=timedelta(seconds=_whole(parameter_named(label, "interval"))),
            text=text_at(parameter_named(label, "text"), "valueString"),
        )


class FhirDispensing:
    """Tablets by the operation `MedicationRequest/{id}/$tablets`."""

    def __init__(self, client: FhirClient) -> None:
        self._client = client

    def fewest_tablets(self, order: OrderRef, strengths_mg: Sequence[Decimal]) -> tuple[Tablets, ...]:
        """Ask with one parameter for each strength that the pharmacy has."""
        had = [("strength", f"{strength:f}") for strength in strengths_mg]
        answer = self._client.request("GET", f"MedicationRequest/{order.id}/$tablets", params=had).expect(200).resource
        found = [
            Tablets(_mg(part_named(kind, "strength")), _whole(part_named(kind, "count")))
            for kind in parameters_named(answer, "tablets")
        ]
        return tuple(sorted(found, key=lambda tablets: -tablets.strength_mg))


class FhirOrderSets:
    """Order sets as one transaction (R4 http.html#transaction)."""

    def __init__(self, client: FhirClient) -> None:
        self._client = client

    def prescribe_all(self, patient: PatientRef, prescriptions: Sequence[Prescription]) -> list[OrderRef]:
        """Send all orders in one transaction Bundle."""
        entries = [
            {"resource": medication_request(patient, one), "request": {"method": "POST", "url": "MedicationRequest"}}
            for one in prescriptions
        ]
        bundle: Resource = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        stored = self._client.transaction(bundle).expect(200).entries
        if len(stored) != len(prescriptions):
            raise CandidateFault(f"{len(prescriptions)} orders were sent in one set, and {len(stored)} answered")
        return [_located(text_at(entry, "response", "location")) for entry in stored]


def _located(location: str) -> OrderRef:
    address, _, version = location.partition("/_history/")
    return OrderRef(address.rpartition("/")[2], version)


def _printed(parameter: Resource) -> tuple[Decimal, str]:
    """Return amount and unit; CandidateFault where the unit in words, which people read, is not the one of its code."""
    amount, unit = quantity_at(parameter, "valueQuantity")
    shown = text_at(parameter, "valueQuantity", "unit")
    if shown not in (unit, unit.strip("{}")):
        raise CandidateFault(f"{parameter.get('name')} is shown in {shown!r}, and its code says {unit!r}")
    return amount, unit


def _milligrams(label: Resource, name: str) -> Decimal:
    return _mg(parameter_named(label, name))


def _mg(parameter: Resource) -> Decimal:
    amount, unit = _printed(parameter)
    if unit != "mg":
        raise CandidateFault(f"{parameter.get('name')} is in {unit!r}, not in mg")
    return amount


def _whole(parameter: Resource) -> int:
    number = decimal_at(parameter, "valueInteger")
    if number % 1:
        raise CandidateFault(f"{parameter.get('name')} is {number}, not a whole number")
    return int(number)
