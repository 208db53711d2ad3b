"""Investigations across the upgrade: what was asked before it is answered after it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.dsl import (
    Envelope,
    Epj,
    ImagingAnswer,
    Investigation,
    InvestigationRef,
    InvestigationState,
    LabResult,
    PatientRef,
)
from epjgate.model.person import Person

if TYPE_CHECKING:
    from suites.upgrade.conftest import Walk

pytestmark = [pytest.mark.needs("patients", "orders", "laboratory"), pytest.mark.severity("critical")]

Moment = Callable[[str], datetime]


@pytest.mark.needs("laboratory_feed")
def test_an_open_order_is_closed_by_its_later_answer(
    epj: Epj, patient: PatientRef, person: Person, potassium: LabResult, at: Moment
) -> Walk:
    """Two orders are open: the laboratory answers one to the candidate and one after the rollback, each its own."""
    first = epj.order_lab(patient, Investigation("P-Kalium", at("2026-02-03 06:00"), "NPU03230"))
    second = epj.order_lab(patient, Investigation("P-Kalium", at("2026-02-03 12:00"), "NPU03230"))
    assert states(epj, patient) == {first: InvestigationState.ACTIVE, second: InvestigationState.ACTIVE}
    epj = yield
    assert states(epj, patient) == {first: InvestigationState.ACTIVE, second: InvestigationState.ACTIVE}
    assert epj.laboratory_sends_result(person, potassium, answers=first).accepted
    assert states(epj, patient) == {first: InvestigationState.COMPLETED, second: InvestigationState.ACTIVE}
    epj = yield
    assert states(epj, patient) == {first: InvestigationState.COMPLETED, second: InvestigationState.ACTIVE}
    assert epj.laboratory_sends_result(person, potassium, answers=second).accepted
    assert states(epj, patient) == {first: InvestigationState.COMPLETED, second: InvestigationState.COMPLETED}
    assert [one.value for one in epj.lab_results_of(patient)] == [potassium.value] * 2


@pytest.mark.needs("laboratory_feed")
@pytest.mark.severity("blocker")
def test_a_message_that_comes_again_is_taken_once(
    epj: Epj, patient: PatientRef, person: Person, potassium: LabResult, clinic_seed: int
) -> Walk:
    """The laboratory repeats to each release what it had sent before: one message, one result."""
    envelope = Envelope(message_id=f"UPGRADE{clinic_seed:x}")
    first = epj.laboratory_sends_result(person, potassium, envelope=envelope)
    assert first.accepted
    assert epj.lab_results_of(patient) == [potassium]
    epj = yield
    assert epj.laboratory_sends_result(person, potassium, envelope=envelope) == first
    assert epj.lab_results_of(patient) == [potassium], "one message made two results"
    epj = yield
    assert epj.laboratory_sends_result(person, potassium, envelope=envelope) == first
    assert epj.lab_results_of(patient) == [potassium], "one message made two results"


def test_an_image_is_reported_after_the_upgrade(epj: Epj, patient: PatientRef, at: Moment) -> Walk:
    """What the radiologist says closes the old order, and stands after the rollback as it was said."""
    order = epj.order_imaging(patient, Investigation("Røntgen af thorax", at("2026-02-03 06:00")))
    assert states(epj, patient) == {order: InvestigationState.ACTIVE}
    epj = yield
    assert states(epj, patient) == {order: InvestigationState.ACTIVE}
    answer = ImagingAnswer("Røntgen af thorax", "Intet infiltrat på højre side.", at("2026-02-03 09:30"), order)
    epj.report_imaging(patient, answer)
    assert epj.imaging_answers_of(patient) == [answer]
    assert states(epj, patient) == {order: InvestigationState.COMPLETED}
    epj = yield
    assert epj.imaging_answers_of(patient) == [answer]
    assert states(epj, patient) == {order: InvestigationState.COMPLETED}


def states(epj: Epj, patient: PatientRef) -> dict[InvestigationRef, InvestigationState]:
    """Return how far each investigation of `patient` has come."""
    return {one.ref: one.state for one in epj.orders_of(patient)}
