"""What one release writes the other reads unchanged, in either direction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.dsl import (
    Allergy,
    Drug,
    EncounterState,
    Investigation,
    InvestigationState,
    LabResult,
    Note,
    NoteState,
    OrderState,
    PatientRef,
    Prescription,
)
from epjgate.model.person import Person

if TYPE_CHECKING:
    from suites.contracts.schema.conftest import Pair

pytestmark = [pytest.mark.needs("patients"), pytest.mark.severity("blocker")]

Moment = Callable[[str], datetime]
PHENOXYMETHYLPENICILLIN = Drug(atc_code="J01CE02", name="Phenoxymethylpenicillin")
PENICILLIN = Allergy(atc_code="J01CE02", substance="Phenoxymethylpenicillin", reaction="udslæt og åndenød")


@pytest.mark.rule("schema-text-and-digits-kept")
def test_a_person_is_the_same_through_both(pair: Pair, known: PatientRef, person: Person) -> None:
    """Name, number, sex, birth date and address are what was entered, and the number leads to that patient."""
    assert pair.reader.read_patient(known) == person
    assert pair.reader.find_patient_by_cpr(person.cpr) == known


@pytest.mark.needs("encounters")
def test_a_stay_is_the_same_through_both(pair: Pair, known: PatientRef, at: Moment) -> None:
    """One stay that is over and one that lasts: ward, times and diagnosis."""
    over = pair.writer.admit(known, at("2026-01-12 07:30"), "Børneafsnit Å2")
    pair.writer.discharge(over, at("2026-01-14 15:10"), "DI109")
    lasting = pair.writer.admit(known, at("2026-02-03 14:05"), "Medicinsk afsnit Ø3")
    first, second = pair.reader.encounters_of(known)
    assert (first.ref, first.state, first.ward) == (over, EncounterState.DISCHARGED, "Børneafsnit Å2")
    assert (first.admitted_at, first.discharged_at) == (at("2026-01-12 07:30"), at("2026-01-14 15:10"))
    assert first.diagnosis == "DI109"
    assert (second.ref, second.state, second.ward) == (lasting, EncounterState.ADMITTED, "Medicinsk afsnit Ø3")
    assert (second.admitted_at, second.discharged_at) == (at("2026-02-03 14:05"), None)


@pytest.mark.needs("notes")
@pytest.mark.rule("schema-text-and-digits-kept")
def test_a_note_is_the_same_through_both(pair: Pair, known: PatientRef, at: Moment) -> None:
    """A draft is read letter by letter, and is a draft."""
    note = Note("Notat", "Patienten er set på stuen.\nÆ, ø, å & <2 µg/l.", at("2026-02-03 08:00"))
    written = pair.writer.write_note(known, note)
    (read,) = pair.reader.notes_of(known)
    assert (read.ref, read.state, read.note) == (written, NoteState.DRAFT, note)


@pytest.mark.needs("allergies")
def test_an_allergy_is_the_same_through_both(pair: Pair, known: PatientRef) -> None:
    """Substance and reaction stand there once."""
    pair.writer.record_allergy(known, PENICILLIN)
    assert pair.reader.allergies_of(known) == [PENICILLIN]


@pytest.mark.needs("allergies", "allergy_alerts")
def test_an_allergy_warns_through_both(pair: Pair, known: PatientRef, prescription: Prescription) -> None:
    """Who prescribes through the other release is warned of what was recorded, and of nothing else."""
    pair.writer.record_allergy(known, PENICILLIN)
    alerts = pair.reader.allergy_alerts(known, PHENOXYMETHYLPENICILLIN)
    assert alerts == pair.writer.allergy_alerts(known, PHENOXYMETHYLPENICILLIN)
    assert len(alerts) == 1
    assert pair.reader.allergy_alerts(known, prescription.drug) == []


@pytest.mark.needs("medication")
@pytest.mark.rule("schema-text-and-digits-kept")
@pytest.mark.parametrize("interval", [timedelta(minutes=90), timedelta(hours=8), timedelta(days=7)])
def test_a_drug_is_the_same_through_both(
    pair: Pair, known: PatientRef, prescription: Prescription, interval: timedelta
) -> None:
    """Drug, strength, dose with its digits, interval, start and label are what was ordered."""
    ordered = replace(prescription, interval=interval)
    written = pair.writer.prescribe(known, ordered)
    (order,) = pair.reader.medication_orders_of(known)
    (as_written,) = pair.writer.medication_orders_of(known)
    assert (order.ref, order.state, order.prescription) == (written, OrderState.ACTIVE, ordered)
    assert str(order.prescription) == str(as_written.prescription), "the digits of a number are not the same"
    assert order.prescription.dose_mg == Decimal("0.075")


@pytest.mark.needs("medication", "prescription_label")
def test_a_label_is_the_same_through_both(pair: Pair, known: PatientRef, prescription: Prescription) -> None:
    """What the pharmacy prints does not depend on the release that it is asked of."""
    order = pair.writer.prescribe(known, prescription)
    assert pair.reader.label_of(order) == pair.writer.label_of(order)


@pytest.mark.needs("laboratory")
@pytest.mark.rule("schema-text-and-digits-kept")
def test_a_result_is_the_same_through_both(pair: Pair, known: PatientRef, result: Callable[..., LabResult]) -> None:
    """Value with its digits, unit, reference range, time and comment."""
    written = result("3.90")
    pair.writer.report_lab_result(known, written)
    (read,), (as_written,) = pair.reader.lab_results_of(known), pair.writer.lab_results_of(known)
    assert read == written
    assert str(read) == str(as_written), "the digits of a number are not the same"


@pytest.mark.needs("orders", "laboratory")
def test_an_order_is_answered_through_the_other(
    pair: Pair, known: PatientRef, at: Moment, result: Callable[..., LabResult]
) -> None:
    """An investigation that one release ordered is open for the other, whose answer closes it for both."""
    ordered = Investigation("P-Kalium", at("2026-02-03 06:00"), "NPU03230")
    order = pair.writer.order_lab(known, ordered)
    (open_one,) = pair.reader.orders_of(known)
    assert (open_one.ref, open_one.state, open_one.investigation) == (order, InvestigationState.ACTIVE, ordered)
    pair.reader.report_lab_result(known, result(), answers=order)
    for release in (pair.writer, pair.reader):
        assert [one.state for one in release.orders_of(known)] == [InvestigationState.COMPLETED]
