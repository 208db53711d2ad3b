"""Words about what a patient is to take, on the reference EPJ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from epjgate.drivers.dsl import Drug, Epj, Label, OrderState, PatientRef, Prescription, Refused, Tablets
from epjgate.model.person import Person

Somebody = Callable[[], Person]


def test_a_dose_is_changed_and_all_else_stays(clinic: Epj, somebody: Somebody, amoxicillin: Prescription) -> None:
    """Strength and text change where they are given."""
    patient = clinic.register_patient(somebody())
    order = clinic.prescribe(patient, amoxicillin)
    clinic.change_dose(order, Decimal(2))
    assert clinic.medication_orders_of(patient)[0].prescription == replace(amoxicillin, dose=Decimal(2))
    clinic.change_dose(order, Decimal(4), strength_mg=Decimal(250), text="4 små tabletter")
    (changed,) = clinic.medication_orders_of(patient)
    assert changed.prescription == replace(
        amoxicillin, dose=Decimal(4), strength_mg=Decimal(250), text="4 små tabletter"
    )


def test_an_order_pauses_and_goes_on(clinic: Epj, somebody: Somebody, amoxicillin: Prescription) -> None:
    """Its state follows, and nothing else changes."""
    patient = clinic.register_patient(somebody())
    order = clinic.prescribe(patient, amoxicillin)
    clinic.pause_medication(order)
    paused = clinic.medication_orders_of(patient)
    clinic.resume_medication(order)
    resumed = clinic.medication_orders_of(patient)
    assert [one.state for one in (*paused, *resumed)] == [OrderState.PAUSED, OrderState.ACTIVE]
    assert {one.prescription for one in (*paused, *resumed)} == {amoxicillin}


def test_a_renewal_takes_the_place_of_its_order(clinic: Epj, somebody: Somebody, amoxicillin: Prescription) -> None:
    """Label and chart of the new order say what the doctor last decided."""
    patient = clinic.register_patient(somebody())
    order = clinic.prescribe(patient, amoxicillin)
    clinic.change_dose(order, Decimal(2))
    start = amoxicillin.start + timedelta(days=30)
    renewed = clinic.renew(order, start, start + timedelta(days=90))
    old, new = clinic.medication_orders_of(patient)
    assert (old.ref, old.state) == (order, OrderState.COMPLETED)
    expected = replace(amoxicillin, dose=Decimal(2), start=start, end=start + timedelta(days=90))
    assert (new.ref, new.state, new.prescription) == (renewed, OrderState.ACTIVE, expected)
    assert clinic.label_of(renewed) == Label(
        drug="Amoxicillin",
        strength_mg=Decimal(500),
        dose=Decimal(2),
        dose_unit="{tablet}",
        dose_mg=Decimal(1000),
        interval=timedelta(hours=8),
        text=amoxicillin.text,
    )


def test_the_fewest_tablets_make_the_dose(clinic: Epj, somebody: Somebody, amoxicillin: Prescription) -> None:
    """Of the strengths that are there; where none make it, the answer is a refusal."""
    order = clinic.prescribe(clinic.register_patient(somebody()), replace(amoxicillin, dose=Decimal("1.5")))
    tablets = clinic.fewest_tablets(order, [Decimal(250), Decimal(500)])
    assert tablets == (Tablets(Decimal(500), 1), Tablets(Decimal(250), 1))
    assert sum(one.total_mg for one in tablets) == 750
    with pytest.raises(Refused):
        clinic.fewest_tablets(order, [Decimal(400)])


def test_an_order_set_is_ordered_whole(clinic: Epj, somebody: Somebody, amoxicillin: Prescription) -> None:
    """The references come in the order of the set."""
    patient = clinic.register_patient(somebody())
    drugs = [Drug("J01CA04", "Amoxicillin"), Drug("N02BE01", "Paracetamol")]
    ordered = clinic.prescribe_all(patient, [replace(amoxicillin, drug=drug) for drug in drugs])
    stored = {one.ref: one.prescription.drug for one in clinic.medication_orders_of(patient)}
    assert [stored[order] for order in ordered] == drugs


def test_an_order_set_that_cannot_be_ordered_is_refused(clinic: Epj, amoxicillin: Prescription) -> None:
    """Nobody takes it."""
    with pytest.raises(Refused):
        clinic.prescribe_all(PatientRef("nobody"), [amoxicillin])
