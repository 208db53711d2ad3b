"""Investigations on FHIR R4."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.drivers.dsl.fhir_orders import FhirOrders
from epjgate.drivers.dsl.orders import (
    Discipline,
    ImagingAnswer,
    Investigation,
    InvestigationOrder,
    InvestigationRef,
    InvestigationState,
    TextAnswer,
)
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirClient
from epjgate.errors import CandidateFault

if TYPE_CHECKING:
    from tests.drivers.dsl.conftest import FhirMemory

PATIENT = PatientRef("7")
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize("discipline", list(Discipline))
@pytest.mark.parametrize("code", ["NPU02192", ""])
def test_an_order_reads_back_the_same(client: FhirClient, discipline: Discipline, code: str) -> None:
    """With its code where it has one."""
    orders = FhirOrders(client)
    investigation = Investigation("P-Glukose", AT, code)
    ref = orders.order(PATIENT, discipline, investigation)
    expected = InvestigationOrder(ref, discipline, InvestigationState.ACTIVE, investigation)
    assert orders.of(PATIENT) == [expected]


@pytest.mark.parametrize("asked", [InvestigationRef("9"), None])
def test_an_imaging_answer_reads_back_the_same(client: FhirClient, asked: InvestigationRef | None) -> None:
    """With the order that it answers, where there is one."""
    orders = FhirOrders(client)
    answer = ImagingAnswer("Røntgen", "Ingen infiltrater.", AT, asked)
    orders.report_imaging(PATIENT, answer)
    assert orders.imaging_answers_of(PATIENT) == [answer]


def test_answers_in_text_name_their_department(client: FhirClient, memory: FhirMemory) -> None:
    """What the laboratory wrote is among them, what was entered in error is not."""
    orders = FhirOrders(client)
    orders.report_imaging(PATIENT, ImagingAnswer("Røntgen", "Ingen infiltrater.", AT, InvestigationRef("9")))
    report = memory.only("DiagnosticReport")
    expected = TextAnswer("Røntgen", "Ingen infiltrater.", AT, Discipline.IMAGING, InvestigationRef("9"))
    assert orders.text_answers_of(PATIENT) == [expected]
    report["category"][0]["coding"][0]["code"] = "laboratory"
    assert orders.text_answers_of(PATIENT) == [replace(expected, discipline=Discipline.LABORATORY)]
    report["status"] = "entered-in-error"
    assert orders.text_answers_of(PATIENT) == []


@pytest.mark.parametrize(
    "changes", [{"status": "entered-in-error"}, {"category": [{"coding": [{"code": "laboratory"}]}]}]
)
def test_what_is_no_valid_image_is_left_out(client: FhirClient, memory: FhirMemory, changes: dict[str, Any]) -> None:
    """Errors, and what the laboratory wrote in text."""
    orders = FhirOrders(client)
    orders.report_imaging(PATIENT, ImagingAnswer("Røntgen", "Ingen infiltrater.", AT))
    report = memory.only("DiagnosticReport")
    category = report["category"][0]["coding"][0]
    report.update(changes)
    for concept in changes.get("category", []):
        concept["coding"][0]["system"] = category["system"]
    assert orders.imaging_answers_of(PATIENT) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"status": "done"}, "status is 'done'"),
        ({"category": []}, "category lost what was written"),
        ({"code": {}}, "code.text is missing"),
    ],
)
def test_what_was_lost_is_the_candidates_fault(
    client: FhirClient, memory: FhirMemory, changes: dict[str, Any], told: str
) -> None:
    """State, department and name are all needed to know what is waited for."""
    orders = FhirOrders(client)
    orders.order(PATIENT, Discipline.LABORATORY, Investigation("P-Glukose", AT))
    memory.only("ServiceRequest").update(changes)
    with pytest.raises(CandidateFault, match=told):
        orders.of(PATIENT)
