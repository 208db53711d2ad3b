"""The audit trail on FHIR R4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from epjgate.drivers.dsl.fhir_audit import FhirAudit
from epjgate.drivers.dsl.oversight import Access
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirClient
from epjgate.errors import CandidateFault

if TYPE_CHECKING:
    from tests.drivers.conftest import StandIn


def event(*references: str, name: str = "", **changes: Any) -> dict[str, Any]:
    entities: list[dict[str, Any]] = [{"what": {"reference": reference}} for reference in references]
    return {
        "resourceType": "AuditEvent",
        "action": "R",
        "recorded": "2026-03-01T08:00:00Z",
        "outcome": "0",
        "agent": [{"who": {"display": "anna"}, "role": [{"coding": [{"code": "nurse"}]}]}],
        "source": {"site": "fhir"},
        "entity": [*entities, *([{"name": name}] if name else [])],
        **changes,
    }


def answers(stand_in: StandIn, *events: dict[str, Any]) -> None:
    stand_in.answers({"resourceType": "Bundle", "entry": [{"resource": one} for one in events]})


@pytest.mark.parametrize(
    ("entry", "record"),
    [
        (event("Observation/3/_history/1", "Patient/7"), "Observation/3"),
        (event("Patient/7"), "Patient/7"),
        (event("Patient/7", name="Observation"), "Observation"),
    ],
)
def test_an_entry_names_its_record(stand_in: StandIn, client: FhirClient, entry: dict[str, Any], record: str) -> None:
    """The record itself, else what was searched for, else the patient."""
    answers(stand_in, entry)
    (found,) = FhirAudit(client).trail_of(PatientRef("7"))
    assert (found.record, found.user, found.role, found.access, found.allowed, found.source) == (
        record,
        "anna",
        "nurse",
        Access.READ,
        True,
        "fhir",
    )


def test_entries_come_in_the_order_in_which_they_happened(stand_in: StandIn, client: FhirClient) -> None:
    """A denial is one of them."""
    later = event("Patient/7", recorded="2026-03-01T09:00:00Z", outcome="4", action="D")
    answers(stand_in, later, event("Patient/7"))
    trail = FhirAudit(client).trail_of(PatientRef("7"))
    assert [(one.access, one.allowed) for one in trail] == [(Access.READ, True), (Access.DELETE, False)]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (event("Patient/8"), "returned another's entry"),
        (event(), "returned another's entry"),
        (event("Patient/7", action="X"), "action is 'X'"),
        (event("Patient/7", agent=[]), "is missing"),
    ],
)
def test_an_entry_that_says_too_little_is_the_candidates_fault(
    stand_in: StandIn, client: FhirClient, wrong: dict[str, Any], told: str
) -> None:
    """Whose, what and who are what a trail is for."""
    answers(stand_in, wrong)
    with pytest.raises(CandidateFault, match=told):
        FhirAudit(client).trail_of(PatientRef("7"))
