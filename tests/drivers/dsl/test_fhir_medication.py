"""Medication orders on FHIR R4."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epjgate.drivers.dsl.fhir_medication import STATES, FhirMedication
from epjgate.drivers.dsl.medication import Drug, MedicationOrder, OrderState, Prescription
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirClient
from epjgate.errors import CandidateFault

if TYPE_CHECKING:
    from tests.drivers.dsl.conftest import FhirMemory

PATIENT = PatientRef("7")
AT = datetime(2026, 3, 29, 1, 30, tzinfo=ZoneInfo("Europe/Copenhagen"))
WEEKLY = Prescription(
    drug=Drug("L04AX03", "Methotrexat"),
    strength_mg=Decimal("2.50"),
    dose=Decimal(3),
    dose_unit="{tablet}",
    interval=timedelta(weeks=1),
    start=AT,
    text="3 tabletter én gang om ugen",
)


@pytest.fixture
def medication(client: FhirClient) -> FhirMedication:
    return FhirMedication(client)


@pytest.mark.parametrize("end", [None, AT + timedelta(days=10)])
def test_a_prescription_reads_back_the_same(medication: FhirMedication, end: datetime | None) -> None:
    """Drug, strength, dose, interval, period and label survive; an end that was not set stays unset."""
    prescription = replace(WEEKLY, end=end)
    ref = medication.prescribe(PATIENT, prescription)
    (order,) = medication.orders_of(PATIENT)
    assert order == MedicationOrder(ref, OrderState.ACTIVE, prescription)
    assert str(order.prescription.strength_mg) == "2.50"
    assert (ref.version, order.ref.version) == ("1", "1")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(seconds=st.integers(1, 366 * 86400), dose=st.decimals("0.001", 5000, places=3))
def test_interval_and_dose_survive(medication: FhirMedication, memory: FhirMemory, seconds: int, dose: Decimal) -> None:
    """Every interval of whole seconds and every dose is read back as it was ordered."""
    memory.records.clear()
    ordered = replace(WEEKLY, interval=timedelta(seconds=seconds), dose=dose)
    medication.prescribe(PATIENT, ordered)
    assert medication.orders_of(PATIENT)[0].prescription == ordered


@pytest.mark.parametrize(
    ("interval", "period", "unit"),
    [
        (timedelta(weeks=1), 1, "wk"),
        (timedelta(days=1), 1, "d"),
        (timedelta(days=10), 10, "d"),
        (timedelta(hours=36), 36, "h"),
        (timedelta(minutes=90), 90, "min"),
        (timedelta(seconds=61), 61, "s"),
    ],
)
def test_an_interval_is_written_in_its_largest_whole_unit(
    medication: FhirMedication, memory: FhirMemory, interval: timedelta, period: int, unit: str
) -> None:
    """Weekly is once a week on the wire, not once in 168 hours."""
    medication.prescribe(PATIENT, replace(WEEKLY, interval=interval))
    repeat = memory.only("MedicationRequest")["dosageInstruction"][0]["timing"]["repeat"]
    assert (repeat["frequency"], repeat["period"], repeat["periodUnit"]) == (1, period, unit)


def test_three_times_a_day_is_every_eight_hours(medication: FhirMedication, memory: FhirMemory) -> None:
    """A server may say the same interval by another frequency."""
    medication.prescribe(PATIENT, replace(WEEKLY, interval=timedelta(hours=8)))
    repeat = memory.only("MedicationRequest")["dosageInstruction"][0]["timing"]["repeat"]
    repeat.update(frequency=3, period=1, periodUnit="d")
    assert medication.orders_of(PATIENT)[0].prescription.interval == timedelta(hours=8)


def test_weekly_that_became_daily_is_seen(medication: FhirMedication, memory: FhirMemory) -> None:
    """The interval that is read is the one that stands there."""
    medication.prescribe(PATIENT, WEEKLY)
    memory.only("MedicationRequest")["dosageInstruction"][0]["timing"]["repeat"]["periodUnit"] = "d"
    assert medication.orders_of(PATIENT)[0].prescription.interval == timedelta(days=1)


@pytest.mark.parametrize(
    "repeat",
    [
        {"frequency": 0},
        {"frequency": -1},
        {"frequency": 7},
        {"period": 0},
        {"period": 10**30},
        {"periodUnit": "mo"},
        {"frequency": "1"},
    ],
)
def test_an_interval_that_cannot_have_been_ordered_is_the_candidates_fault(
    medication: FhirMedication, memory: FhirMemory, repeat: dict[str, Any]
) -> None:
    """Nothing is rounded and nothing crashes."""
    medication.prescribe(PATIENT, replace(WEEKLY, interval=timedelta(days=1)))
    memory.only("MedicationRequest")["dosageInstruction"][0]["timing"]["repeat"].update(repeat)
    with pytest.raises(CandidateFault, match=r"not the interval that was ordered|not a number"):
        medication.orders_of(PATIENT)


def test_stopping_ends_the_order(medication: FhirMedication) -> None:
    """State and end change; the rest of the prescription stays."""
    ref = medication.prescribe(PATIENT, WEEKLY)
    stopped = medication.stop(ref, AT + timedelta(days=10))
    assert (stopped, stopped.version) == (ref, "2")
    (order,) = medication.orders_of(PATIENT)
    assert order == MedicationOrder(ref, OrderState.STOPPED, replace(WEEKLY, end=AT + timedelta(days=10)))


def test_stopping_needs_a_zone(medication: FhirMedication, memory: FhirMemory) -> None:
    """Nothing is sent without one."""
    ref = medication.prescribe(PATIENT, WEEKLY)
    with pytest.raises(ValueError, match="no time zone"):
        medication.stop(ref, AT.replace(tzinfo=None))
    assert memory.only("MedicationRequest")["status"] == "active"


def test_orders_come_in_the_order_of_their_start(medication: FhirMedication) -> None:
    """Whatever the order in which they were written; other patients' are not among them."""
    later = medication.prescribe(PATIENT, replace(WEEKLY, start=AT + timedelta(days=1)))
    earlier = medication.prescribe(PATIENT, WEEKLY)
    medication.prescribe(PatientRef("8"), WEEKLY)
    assert [order.ref for order in medication.orders_of(PATIENT)] == [earlier, later]


def test_orders_are_found_by_their_state(medication: FhirMedication) -> None:
    """Only those that the system finds under the state, and all of them; none where no order is in it."""
    going_on, stopped = medication.prescribe(PATIENT, WEEKLY), medication.prescribe(PATIENT, WEEKLY)
    medication.stop(stopped, AT + timedelta(days=10))
    assert [order.ref for order in medication.orders_of(PATIENT, OrderState.ACTIVE)] == [going_on]
    assert [order.ref for order in medication.orders_of(PATIENT, OrderState.STOPPED)] == [stopped]
    assert medication.orders_of(PATIENT, OrderState.PAUSED) == []


@pytest.mark.parametrize(("code", "state"), STATES.items())
def test_every_state_of_r4_is_known(
    medication: FhirMedication, memory: FhirMemory, code: str, state: OrderState
) -> None:
    """Each code of the value set has a word of the clinic."""
    medication.prescribe(PATIENT, WEEKLY)
    memory.only("MedicationRequest")["status"] = code
    assert medication.orders_of(PATIENT)[0].state is state


def set_strength_per_two(record: Any) -> None:
    record["contained"][0]["ingredient"][0]["strength"]["denominator"]["value"] = 2


def set_strength_in_grams(record: Any) -> None:
    record["contained"][0]["ingredient"][0]["strength"]["numerator"]["code"] = "g"


def set_dose_in_capsules(record: Any) -> None:
    record["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["code"] = "{capsule}"


@pytest.mark.parametrize("alter", [set_strength_per_two, set_strength_in_grams, set_dose_in_capsules])
def test_a_strength_that_does_not_fit_the_dose_is_the_candidates_fault(
    medication: FhirMedication, memory: FhirMemory, alter: Callable[[Any], None]
) -> None:
    """Strength times count must stay milligrams of the units that are taken."""
    medication.prescribe(PATIENT, WEEKLY)
    alter(memory.only("MedicationRequest"))
    with pytest.raises(CandidateFault, match="the strength is"):
        medication.orders_of(PATIENT)


@pytest.mark.parametrize("lost", ["status", "contained", "medicationReference", "dosageInstruction"])
def test_a_lost_element_is_the_candidates_fault(medication: FhirMedication, memory: FhirMemory, lost: str) -> None:
    """What the order wrote must be there when it is read."""
    medication.prescribe(PATIENT, WEEKLY)
    del memory.only("MedicationRequest")[lost]
    with pytest.raises(CandidateFault, match=rf"MedicationRequest\.{lost}"):
        medication.orders_of(PATIENT)
