"""The words of the clinic."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.dsl import AccessDenied, Drug, EncounterState, Epj, LabResult, OrderState, PatientRef, Prescription
from epjgate.errors import CapabilityMissing, UsageError
from epjgate.evidence.recorder import Recorder
from epjgate.model.person import Address
from epjgate.model.target import Target
from population.persons import people, person

if TYPE_CHECKING:
    from tests.drivers.conftest import StandIn
    from tests.drivers.dsl.conftest import FhirMemory

PERSON = person(4, 0)
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
GLUCOSE = LabResult("NPU02192", "P-Glucose", Decimal("5.10"), "mmol/L", AT)
DAILY = Prescription(
    Drug("H03AA01", "Eltroxin"), Decimal("0.1"), Decimal(1), "{tablet}", timedelta(days=1), AT, "1 tablet daglig"
)


def test_a_stay_in_the_clinics_words(epj: Epj) -> None:
    """Every word does what it says, on one system."""
    patient = epj.register_patient(PERSON)
    assert epj.find_patient_by_cpr(PERSON.cpr) == patient
    epj.change_address(patient, Address("Havnegade 1", "5000", "Odense C"))
    assert epj.read_patient(patient).address.city == "Odense C"
    encounter = epj.admit(patient, AT, "O2")
    epj.report_lab_result(patient, GLUCOSE)
    order = epj.prescribe(patient, DAILY)
    epj.stop_medication(order, AT + timedelta(days=3))
    epj.discharge(encounter, AT + timedelta(days=3))
    assert epj.lab_results_of(patient) == [GLUCOSE]
    assert [(one.ref, one.state) for one in epj.medication_orders_of(patient)] == [(order, OrderState.STOPPED)]
    assert [(one.ref, one.state) for one in epj.encounters_of(patient)] == [(encounter, EncounterState.DISCHARGED)]


def test_each_word_is_one_step_without_cpr_numbers(epj: Epj, steps: list[str]) -> None:
    """The evidence tells the test in the clinic's words."""
    patient = epj.register_patient(PERSON)
    epj.find_patient_by_cpr(PERSON.cpr)
    epj.read_patient(patient)
    epj.change_address(patient, PERSON.address)
    encounter = epj.admit(patient, AT, "O2")
    epj.discharge(encounter, AT)
    epj.encounters_of(patient)
    epj.report_lab_result(patient, GLUCOSE)
    epj.lab_results_of(patient)
    order = epj.prescribe(patient, DAILY)
    epj.medication_orders_of(patient)
    epj.stop_medication(order, AT)
    assert steps[0] == f"Register patient {PERSON.full_name}"
    assert steps[1].startswith("Find patient by CPR number [cpr ")
    assert [step.split()[0] for step in steps[2:]] == [
        "Read",
        "Change",
        "Admit",
        "Discharge",
        "Read",
        "Report",
        "Read",
        "Prescribe",
        "Read",
        "Stop",
    ]
    assert PERSON.cpr not in " ".join(steps)


def test_no_exchange_holds_the_cpr_number(epj: Epj, recorder: Recorder) -> None:
    """It is sent, and it is not kept."""
    for one in people(5, 10):
        epj.read_patient(epj.register_patient(one))
        epj.find_patient_by_cpr(one.cpr)
        assert one.cpr not in str(recorder.exchanges)
    assert recorder.count == 30
    assert str(recorder.exchanges).count("[cpr ") >= 30


def test_words_may_be_said_from_eight_threads(epj: Epj) -> None:
    """Each thread gets its own patient back."""
    persons = list(people(6, 24))
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda one: epj.read_patient(epj.register_patient(one)), persons)) == persons


def test_required_capabilities_are_checked_without_asking(epj: Epj, stand_in: StandIn) -> None:
    """Nothing is sent and nothing is raised where all are there."""
    epj.requires("patients", "encounters", "laboratory", "medication")
    assert stand_in.asked == []


def test_a_missing_capability_is_told_up_front_and_by_the_word(
    target: Target, recorder: Recorder, stand_in: StandIn
) -> None:
    """Both `requires` and the word itself raise with the system's reason, and nothing is sent."""
    without = target.model_copy(
        update={"capabilities": {"patients": "fhir_r4"}, "absent": {"laboratory": "bought next year"}}
    )
    with Epj(without, recorder) as epj:
        with pytest.raises(CapabilityMissing, match="bought next year"):
            epj.requires("patients", "laboratory")
        with pytest.raises(CapabilityMissing, match="bought next year"):
            epj.lab_results_of(PatientRef("7"))
    assert stand_in.asked == []


def test_a_capability_that_nobody_knows_is_a_mistake_of_the_test(epj: Epj) -> None:
    """A misspelt name must not make a test not applicable."""
    with pytest.raises(UsageError, match="'laboratry' is no capability"):
        epj.requires("laboratry")


@pytest.fixture
def hospital(target: Target) -> Target:
    """A target with users."""
    users = {"doctor": "doctor-token", "nurse": "nurse-token"}
    capabilities = {**target.capabilities, "access_control": "fhir_r4"}
    return target.model_copy(update={"users": users, "capabilities": capabilities})


def tokens(stand_in: StandIn) -> list[str | None]:
    return [asked.headers.get("Authorization") for asked in stand_in.asked]


def test_everyday_work_is_the_doctors_and_others_sign_in(
    hospital: Target, recorder: Recorder, stand_in: StandIn, memory: FhirMemory
) -> None:
    """Each asks with their own token, nobody with none, and all are recorded by one recorder."""
    with Epj(hospital, recorder) as epj:
        patient = epj.register_patient(PERSON)
        epj.signed_in_as("nurse").read_patient(patient)
        with epj.not_signed_in() as stranger:
            stranger.read_patient(patient)
        assert epj.signed_in_as("nurse") is epj.signed_in_as("nurse")
    assert tokens(stand_in) == ["Bearer doctor-token", "Bearer nurse-token", None]
    assert (recorder.count, len(memory.records)) == (3, 1)
    assert "-token" not in str(recorder.exchanges)


def test_on_a_system_without_users_nobody_signs_in(epj: Epj, stand_in: StandIn) -> None:
    """No token is sent, and a test that needs another user is not applicable."""
    epj.register_patient(PERSON)
    assert tokens(stand_in) == [None]
    with pytest.raises(CapabilityMissing, match="does not have access_control"):
        epj.signed_in_as("nurse")
    with pytest.raises(CapabilityMissing, match="does not have access_control"):
        epj.not_signed_in()


def test_a_role_that_nobody_has_is_a_mistake_of_the_test(hospital: Target, recorder: Recorder) -> None:
    """It must not make a test not applicable."""
    with Epj(hospital, recorder) as epj, pytest.raises(UsageError, match="nobody can sign in as 'porter'"):
        epj.signed_in_as("porter")


def test_a_system_with_users_and_without_a_doctor_is_a_mistake(hospital: Target, recorder: Recorder) -> None:
    """Who does the everyday work has to be described."""
    with pytest.raises(UsageError, match="nobody can sign in as 'doctor'"):
        Epj(hospital.model_copy(update={"users": {"nurse": "nurse-token"}}), recorder)


def test_a_denial_is_told_apart_and_searched(hospital: Target, recorder: Recorder, stand_in: StandIn) -> None:
    """What the body of a 403 holds of the person can be asserted."""
    stand_in.answers({"resourceType": "Patient", "name": [{"family": PERSON.family_name}]}, status=403)
    with Epj(hospital, recorder) as epj, pytest.raises(AccessDenied) as caught:
        epj.signed_in_as("nurse").read_patient(PatientRef("7"))
    assert caught.value.reveals(PERSON) == ["family name"]
