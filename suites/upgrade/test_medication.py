"""Medication across the upgrade: which drug, how much, how often, and whether it is still to be given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.dsl import Epj, MedicationOrder, OrderRef, OrderState, PatientRef, Prescription
from epjgate.drivers.fhir import FhirClient

if TYPE_CHECKING:
    from suites.upgrade.conftest import Walk

pytestmark = [pytest.mark.needs("patients", "medication"), pytest.mark.severity("blocker")]

Moment = Callable[[str], datetime]


def test_an_order_in_use_is_the_one_that_was_given(
    epj: Epj, patient: PatientRef, bystander: PatientRef, weekly: Prescription, hourly: Prescription
) -> Walk:
    """Drug, strength, dose with its digits, interval, times and text to the letter: weekly is never daily."""
    ordered = [epj.prescribe(patient, weekly), epj.prescribe(patient, hourly)]

    def stand(epj: Epj) -> list[str]:
        orders = epj.medication_orders_of(patient)
        assert [(one.ref, one.state) for one in orders] == [(ref, OrderState.ACTIVE) for ref in ordered]
        assert [one.prescription for one in orders] == [weekly, hourly], "an order is no longer the one that was given"
        assert epj.medication_orders_of(bystander) == []
        return [str(one.prescription) for one in orders]

    written = stand(epj)
    epj = yield
    assert stand(epj) == written, "the digits of a number have changed"
    epj = yield
    assert stand(epj) == written, "the digits of a number have changed"


def test_an_order_that_is_over_stays_over(
    epj: Epj, patient: PatientRef, weekly: Prescription, hourly: Prescription, at: Moment
) -> Walk:
    """Stopped at its time, paused, and in use: each is what it was, and a search for what is in use finds one."""
    stopped = epj.stop_medication(epj.prescribe(patient, weekly), at("2026-02-10 09:15"))
    paused = epj.pause_medication(epj.prescribe(patient, hourly))
    used = epj.prescribe(patient, replace(weekly, start=at("2026-02-04 08:00")))

    def states(epj: Epj) -> dict[OrderRef, tuple[OrderState, datetime | None]]:
        assert [one.ref for one in in_use(epj, patient)] == [used], "what is in use is not what was in use"
        return {one.ref: (one.state, one.prescription.end) for one in epj.medication_orders_of(patient)}

    expected = {
        stopped: (OrderState.STOPPED, at("2026-02-10 09:15")),
        paused: (OrderState.PAUSED, hourly.end),
        used: (OrderState.ACTIVE, None),
    }
    assert states(epj) == expected
    epj = yield
    assert states(epj) == expected, "an order has changed its state"
    epj = yield
    assert states(epj) == expected, "an order has changed its state"


@pytest.mark.parametrize("status", ["completed", "cancelled", "entered-in-error"])
def test_an_order_that_others_ended_stays_ended(
    epj: Epj, patient: PatientRef, weekly: Prescription, fhir: FhirClient, status: str
) -> Walk:
    """The clinic has no word for it: another system sets the status, without an end date that would say the same."""
    order, used = epj.prescribe(patient, weekly), epj.prescribe(patient, weekly)
    known = fhir.read("MedicationRequest", order.id).expect(200)
    fhir.update({**known.resource, "status": status}, if_match=known.etag).expect(200)

    def states(epj: Epj) -> dict[OrderRef, OrderState]:
        assert [one.ref for one in in_use(epj, patient)] == [used], "what is in use is not what was in use"
        return {one.ref: one.state for one in epj.medication_orders_of(patient)}

    expected = {order: OrderState(status.replace("-", " ")), used: OrderState.ACTIVE}
    assert states(epj) == expected
    epj = yield
    assert states(epj) == expected, "an order that was over is over no longer"
    epj = yield
    assert states(epj) == expected, "an order that was over is over no longer"


@pytest.mark.needs("medication_renewal", "prescription_label")
def test_an_old_order_is_renewed_as_it_stands(epj: Epj, patient: PatientRef, weekly: Prescription, at: Moment) -> Walk:
    """A dose that was changed before the upgrade is the one that is renewed after it, and printed on the label."""
    order = epj.change_dose(epj.prescribe(patient, weekly), Decimal(4), text="4 tabletter hver mandag")
    changed = replace(weekly, dose=Decimal(4), text="4 tabletter hver mandag")
    (stands,) = epj.medication_orders_of(patient)
    assert stands.prescription == changed
    epj = yield
    renewed = epj.renew(order, at("2026-03-02 08:00"))
    assert in_use(epj, patient) == [
        MedicationOrder(renewed, OrderState.ACTIVE, replace(changed, start=at("2026-03-02 08:00")))
    ]
    assert epj.label_of(renewed).interval == weekly.interval
    epj = yield
    assert in_use(epj, patient) == [
        MedicationOrder(renewed, OrderState.ACTIVE, replace(changed, start=at("2026-03-02 08:00")))
    ]
    assert epj.label_of(renewed).interval == weekly.interval


def test_what_is_ordered_and_stopped_meanwhile_outlasts_the_rollback(
    epj: Epj, patient: PatientRef, weekly: Prescription, hourly: Prescription, at: Moment
) -> Walk:
    """An old order that the candidate stopped is stopped, and one that it took in is there as it was given."""
    old = epj.prescribe(patient, weekly)
    assert [one.ref for one in epj.medication_orders_of(patient)] == [old]
    epj = yield
    epj.stop_medication(old, at("2026-02-16 08:00"))
    new = epj.prescribe(patient, hourly)
    written = [
        MedicationOrder(old, OrderState.STOPPED, replace(weekly, end=at("2026-02-16 08:00"))),
        MedicationOrder(new, OrderState.ACTIVE, hourly),
    ]
    assert epj.medication_orders_of(patient) == written
    epj = yield
    assert epj.medication_orders_of(patient) == written, "what the candidate did is lost or changed"


def in_use(epj: Epj, patient: PatientRef) -> list[MedicationOrder]:
    """Return what is to be given to `patient` now."""
    return epj.medication_orders_of(patient, OrderState.ACTIVE)
