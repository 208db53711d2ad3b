"""The downtime copy keeps its promises: fresh, read-only, with the record's rights, and for everybody at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from epjgate.drivers.dsl import AccessDenied, Allergy, Epj, PatientRef
from epjgate.drivers.dsl.waiting import wait_until
from epjgate.model.person import Address, Person

pytestmark = pytest.mark.needs("patients", "encounters", "downtime_copy", "access_control")

PROMISED_S = 10.0
CLOCKS_DIFFER = timedelta(seconds=2)
WARDS, READERS = 6, 60
PENICILLIN = Allergy("J01CE02", "Phenoxymethylpenicillin")
HIDING_PLACE = Address(line="Skærmvænget 7, st. th.", postal_code="9899", city="Lønstrup Hede")


@pytest.mark.severity("blocker")
@pytest.mark.requirement("Downtime", "promise 1: a marker patient is on the copy in time, and its age is told")
def test_a_marker_patient_is_on_the_copy_in_time(epj: Epj, person: Person) -> None:
    """Who is registered now is on the copy within ten seconds, and the copy is no older than that."""
    registered_at = datetime.now(UTC)
    marker = epj.register_patient(person)
    arrived = wait_until(lambda: epj.find_on_downtime_copy(person.cpr, within_s=0) == [marker], PROMISED_S)
    assert arrived, "a patient is not on the copy within the promised time"
    chart = epj.downtime_chart(marker, within_s=0)
    assert chart is not None, "the downtime copy does not have the patient"
    assert chart.copied_at > registered_at - CLOCKS_DIFFER, "the copy says that it is older than what it holds"
    assert timedelta() <= chart.age < timedelta(seconds=PROMISED_S)


@pytest.mark.needs("allergies", "audit")
@pytest.mark.severity("blocker")
@pytest.mark.requirement("Downtime", "promise 3: every write is refused, and every read is in the journal")
def test_the_copy_refuses_writes_and_journals_reads(epj: Epj, patient: PatientRef) -> None:
    """POST, PUT, PATCH and DELETE change nothing; the attempts and a nurse's look are in the journal."""
    epj.record_allergy(patient, PENICILLIN)
    nurse = epj.signed_in_as("nurse")
    before = nurse.downtime_chart(patient)
    assert nurse.changes_accepted_by_downtime_copy(patient) == []
    after = nurse.downtime_chart(patient)
    assert before is not None, "the downtime copy does not have the patient"
    assert after is not None, "the patient is gone from the downtime copy"
    assert before.allergies == after.allergies == (PENICILLIN,)
    trail = [(entry.role, entry.allowed) for entry in epj.read_downtime_audit_trail(patient) if entry.role == "nurse"]
    assert trail.count(("nurse", True)) == 2, "a look into the copy is not in its journal"
    assert trail.count(("nurse", False)) >= 3, "a refused change is not in the journal"


@pytest.mark.severity("critical")
@pytest.mark.requirement("Downtime", "promise 6: the copy bears a shift change")
def test_everybody_gets_the_list_of_their_own_ward(
    epj: Epj, people: Callable[[int], list[Person]], clinic_seed: int, at: Callable[[str], datetime]
) -> None:
    """Sixty readers of six wards at once: each gets all who lie on theirs, and nobody else."""
    wards = [f"Afsnit Ø{clinic_seed}-{number}" for number in range(WARDS)]
    lying: dict[str, set[PatientRef]] = {ward: set() for ward in wards}
    for index, person in enumerate(people(2 * WARDS)):
        patient = epj.register_patient(person)
        epj.admit(patient, at("2026-02-03 07:00"), wards[index % WARDS])
        lying[wards[index % WARDS]].add(patient)
    epj.beds_on_downtime_copy(wards[0])

    def read(number: int) -> bool:
        ward = wards[number % WARDS]
        beds = epj.beds_on_downtime_copy(ward, within_s=0)
        return len(beds) == len(lying[ward]) and {bed.person.patient for bed in beds} == lying[ward]

    with ThreadPoolExecutor(READERS) as readers:
        answers = list(readers.map(read, range(READERS)))
    assert answers == [True] * READERS, "a reader got another list than that of the ward"


@pytest.mark.needs("address_protection", "allergies")
@pytest.mark.severity("blocker")
@pytest.mark.requirement("Downtime", "promise 7: access rules and address protection hold")
def test_rights_and_protected_addresses_hold_on_the_copy(epj: Epj, person: Person, patient: PatientRef) -> None:
    """The nurse reads allergies and no protected address, the secretary the other way round, a stranger nothing."""
    epj.change_address(patient, HIDING_PLACE)
    epj.protect_address(patient)
    epj.record_allergy(patient, PENICILLIN)
    nurse = epj.signed_in_as("nurse").downtime_chart(patient)
    assert nurse is not None, "the downtime copy does not have the patient"
    assert (nurse.allergies, nurse.person.home) == ((PENICILLIN,), None)
    (seen,) = epj.signed_in_as("secretary").persons_on_downtime_copy(nurse.cpr, within_s=0)
    assert seen.home == HIDING_PLACE, "who may see a protected address does not see it"
    with pytest.raises(AccessDenied) as denied:
        epj.not_signed_in().downtime_chart(patient, within_s=0)
    assert denied.value.reveals(person, PENICILLIN.substance) == [], "a denial holds something of the record"


@pytest.mark.needs("replacement_cpr", "allergies")
@pytest.mark.severity("blocker")
@pytest.mark.requirement("Downtime", "promise 11: temporary identities reconcile")
def test_a_temporary_identity_goes_up_in_the_real_one(epj: Epj, person: Person) -> None:
    """What was written under a replacement number is with the patient afterwards, in the record and on the copy."""
    epj.register_patient(person)
    unknown = epj.register_unknown_patient(person.sex, person.birth_date)
    epj.record_allergy(unknown, PENICILLIN)
    (number,) = epj.replacement_numbers_of(unknown)
    survivor = epj.identify_patient(unknown, person.cpr)
    assert survivor == epj.find_patient_by_cpr(person.cpr), "another patient survived than who has the number"
    assert epj.allergies_of(survivor) == [PENICILLIN], "what was written in downtime is lost or doubled"
    assert epj.find_patients_by_replacement_cpr(number.number) == [survivor]
    chart = epj.downtime_chart(survivor)
    assert chart is not None, "the downtime copy does not have the patient"
    assert chart.allergies == (PENICILLIN,)
    assert epj.find_on_downtime_copy(person.cpr, within_s=0) == [survivor]
