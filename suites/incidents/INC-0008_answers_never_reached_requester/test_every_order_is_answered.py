"""Every order closes with its answer, whichever department gives it (INC-0008)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from epjgate.drivers.dsl import Epj, Investigation, InvestigationState, LabResult, PatientRef
from epjgate.model.person import Person

HISTOLOGY = "Adenokarcinom i det indsendte væv."
DESCRIPTION = "Ingen blødning. Ingen infarkt."


def test_every_order_closes_with_its_answer(
    epj: Epj, person: Person, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """A number, a pathologist's text and a radiologist's text: each reaches the order that asked, and no other."""
    ordered_at, answered_at = at("2026-02-03 08:00"), at("2026-02-04 14:30")
    potassium = LabResult("NPU03230", "P-Kalium", Decimal("4.1"), "mmol/L", answered_at)
    blood = epj.order_lab(patient, Investigation(potassium.name, ordered_at, potassium.code))
    biopsy = epj.order_lab(patient, Investigation("Histologi, colon", ordered_at))
    scan = epj.order_imaging(patient, Investigation("CT af cerebrum", ordered_at))
    waiting = epj.order_imaging(patient, Investigation("MR af columna", ordered_at))

    told = [
        epj.laboratory_sends_result(person, potassium, answers=blood),
        epj.laboratory_sends_text_answer(person, "Histologi, colon", HISTOLOGY, answered_at, answers=biopsy),
        epj.laboratory_sends_text_answer(person, "CT af cerebrum", DESCRIPTION, answered_at, answers=scan),
    ]
    orders = epj.orders_of(patient)
    closed = {order.ref for order in orders if order.state is InvestigationState.COMPLETED}
    asked_by = {answer.text: answer.answers for answer in epj.text_answers_of(patient)}

    assert all(answer.accepted for answer in told), "an answer to an order was refused"
    assert closed >= {blood, biopsy, scan}, "an order that was answered still waits for its answer"
    assert waiting not in closed, "an order counts as answered that nobody has answered"
    assert asked_by == {HISTOLOGY: biopsy, DESCRIPTION: scan}, "an answer in text does not name the order that asked"
    assert epj.lab_results_of(patient) == [potassium], "the measured value is not the one that was sent"
