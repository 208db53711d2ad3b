"""Encounters on FHIR R4."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from epjgate.drivers.dsl.encounters import Encounter, EncounterState
from epjgate.drivers.dsl.fhir_encounters import STATES, FhirEncounters
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirClient
from epjgate.errors import CandidateFault

if TYPE_CHECKING:
    from tests.drivers.dsl.conftest import FhirMemory

PATIENT = PatientRef("7")
# The hour that comes twice at the end of summer time, the second time.
AT = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Copenhagen"), fold=1)
WARD = "Ortopædkirurgisk afsnit Ø2"


@pytest.fixture
def encounters(client: FhirClient) -> FhirEncounters:
    return FhirEncounters(client)


def test_an_admission_reads_back_the_same(encounters: FhirEncounters) -> None:
    """Ward and time survive, and nothing says that it is over."""
    ref = encounters.admit(PATIENT, AT, WARD)
    assert encounters.of(PATIENT) == [Encounter(ref, EncounterState.ADMITTED, WARD, AT)]
    assert (ref.version, encounters.of(PATIENT)[0].ref.version) == ("1", "1")


def test_a_discharge_ends_the_encounter_and_its_stay(encounters: FhirEncounters, memory: FhirMemory) -> None:
    """State, end and location change; admission and ward stay."""
    ref = encounters.admit(PATIENT, AT, WARD)
    over = encounters.discharge(ref, AT + timedelta(days=2))
    assert (over, over.version) == (ref, "2")
    assert encounters.of(PATIENT) == [Encounter(ref, EncounterState.DISCHARGED, WARD, AT, AT + timedelta(days=2))]
    assert memory.only("Encounter")["location"] == [{"location": {"display": WARD}, "status": "completed"}]


def test_encounters_come_in_the_order_of_admission(encounters: FhirEncounters) -> None:
    """Whatever the order in which they were written; other patients' are not among them."""
    later, earlier = (encounters.admit(PATIENT, AT + timedelta(days=days), WARD) for days in (5, 1))
    encounters.admit(PatientRef("8"), AT, WARD)
    assert [encounter.ref for encounter in encounters.of(PATIENT)] == [earlier, later]


@pytest.mark.parametrize(("code", "state"), STATES.items())
def test_every_state_of_r4_is_known(
    encounters: FhirEncounters, memory: FhirMemory, code: str, state: EncounterState
) -> None:
    """Each code of the value set has a word of the clinic."""
    encounters.admit(PATIENT, AT, WARD)
    memory.only("Encounter")["status"] = code
    assert encounters.of(PATIENT)[0].state is state


@pytest.mark.parametrize("lost", ["status", "location", "period"])
def test_a_lost_element_is_the_candidates_fault(encounters: FhirEncounters, memory: FhirMemory, lost: str) -> None:
    """What the admission wrote must be there when it is read."""
    encounters.admit(PATIENT, AT, WARD)
    del memory.only("Encounter")[lost]
    with pytest.raises(CandidateFault, match=rf"Encounter\.{lost}"):
        encounters.of(PATIENT)


def test_times_need_a_zone_before_anything_is_sent(encounters: FhirEncounters, memory: FhirMemory) -> None:
    """Neither admission nor discharge goes out without one."""
    ref = encounters.admit(PATIENT, AT, WARD)
    with pytest.raises(ValueError, match="no time zone"):
        encounters.admit(PATIENT, AT.replace(tzinfo=None), WARD)
    with pytest.raises(ValueError, match="no time zone"):
        encounters.discharge(ref, AT.replace(tzinfo=None))
    assert memory.only("Encounter")["meta"]["versionId"] == "1"
