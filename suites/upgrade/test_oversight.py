"""Who did what, who may do what, and what stands on the downtime copy, across the upgrade."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.dsl import (
    Access,
    AccessDenied,
    Allergy,
    AuditEntry,
    DowntimeChart,
    Epj,
    LabResult,
    Note,
    PatientRef,
    Prescription,
)
from epjgate.model.person import Person

if TYPE_CHECKING:
    from suites.upgrade.conftest import Walk

pytestmark = [pytest.mark.needs("patients"), pytest.mark.severity("critical")]

Moment = Callable[[str], datetime]
# A copy of a large record takes its time.
LIMIT_S = 30.0
PENICILLIN = Allergy("J01CE02", "Phenoxymethylpenicillin")


@pytest.mark.needs("audit", "access_control", "notes", "medication")
@pytest.mark.severity("blocker")
def test_the_audit_trail_goes_on_where_it_was(epj: Epj, patient: PatientRef, weekly: Prescription, at: Moment) -> Walk:
    """Every entry is still there, in its order and to the letter, and what each release did since stands behind it."""
    epj.write_note(patient, Note("Notat", "Set på stuen.", at("2026-02-03 08:00")))
    with pytest.raises(AccessDenied):
        epj.signed_in_as("secretary").notes_of(patient)
    old = trail(epj, patient)
    assert [(one.role, one.allowed) for one in old if one.role == "secretary"] == [("secretary", False)]
    epj = yield
    assert trail(epj, patient) == old, "the trail before the upgrade is no longer what it was"
    order = epj.prescribe(patient, weekly)
    later = trail(epj, patient)
    assert later[: len(old)] == old
    assert [(one.access, one.role, one.record) for one in later[len(old) :] if one.access is Access.CREATE] == [
        (Access.CREATE, "doctor", f"MedicationRequest/{order.id}")
    ]
    epj = yield
    assert trail(epj, patient) == later, "the trail before the rollback is no longer what it was"
    epj.read_patient(patient)
    assert trail(epj, patient)[: len(later)] == later
    assert len(trail(epj, patient)) > len(later), "the old release writes no trail any more"


@pytest.mark.needs("access_control", "notes", "medication")
@pytest.mark.severity("blocker")
def test_everybody_is_let_in_as_before_and_no_further(
    epj: Epj, patient: PatientRef, person: Person, weekly: Prescription
) -> Walk:
    """Who was signed in still is: doctor, nurse and secretary do what is theirs, and the others are still kept out."""

    def rights(epj: Epj) -> list[str]:
        nurse, secretary, nobody = epj.signed_in_as("nurse"), epj.signed_in_as("secretary"), epj.not_signed_in()
        assert [user.read_patient(patient).cpr for user in (epj, nurse, secretary)] == [person.cpr] * 3
        acts: dict[str, Callable[[], object]] = {
            "the nurse prescribes": lambda: nurse.prescribe(patient, weekly),
            "the secretary reads notes": lambda: secretary.notes_of(patient),
            "nobody reads a patient": lambda: nobody.read_patient(patient),
        }
        return [what for what, act in acts.items() if is_allowed(act)]

    assert rights(epj) == []
    epj = yield
    assert rights(epj) == [], "somebody may do more than before the upgrade"
    epj = yield
    assert rights(epj) == [], "somebody may do more than before the rollback"


@pytest.mark.needs("downtime_copy", "encounters", "allergies", "medication", "laboratory")
@pytest.mark.severity("blocker")
def test_the_downtime_copy_shows_who_was_there_before(
    epj: Epj, patient: PatientRef, weekly: Prescription, potassium: LabResult, clinic_seed: int, at: Moment
) -> Walk:
    """Medication, allergies, results and bed of an old patient, and of what was written since; the copy is renewed."""
    ward = f"Afsnit Ø{clinic_seed:x}"
    epj.admit(patient, at("2026-02-03 07:00"), ward)
    epj.prescribe(patient, weekly)
    epj.record_allergy(patient, PENICILLIN)
    epj.report_lab_result(patient, potassium)
    old = copied(epj, patient)
    assert [one.prescription for one in old.medication] == [weekly]
    assert (old.ward, old.allergies, len(old.results)) == (ward, (PENICILLIN,), 1)
    epj = yield
    assert copied(epj, patient) == old, "the copy does not show what it showed before the upgrade"
    epj.report_lab_result(patient, replace(potassium, taken_at=at("2026-02-04 06:40")))
    new = copied(epj, patient)
    assert len(new.results) == 2, "the copy is not renewed after the upgrade"
    assert [bed.person.patient for bed in epj.beds_on_downtime_copy(ward, within_s=0)] == [patient]
    epj = yield
    assert copied(epj, patient) == new, "the copy does not show what it showed before the rollback"
    assert epj.downtime_copy_reaches_record(), "the copy is not renewed after the rollback"


def trail(epj: Epj, patient: PatientRef) -> list[AuditEntry]:
    """Return who did what to the record of `patient`, without the reading of the trail itself."""
    return [one for one in epj.read_audit_trail(patient) if one.role != "auditor"]


def is_allowed(act: Callable[[], object]) -> bool:
    """Whether the system lets somebody do it."""
    try:
        act()
    except AccessDenied:
        return False
    return True


def copied(epj: Epj, patient: PatientRef) -> DowntimeChart:
    """Return the chart of `patient` on a fresh downtime copy, without how old it is; it must be there."""
    chart = epj.downtime_chart(patient, within_s=LIMIT_S)
    assert chart is not None, "the downtime copy does not have the patient"
    return replace(chart, copied_at=datetime.min.replace(tzinfo=UTC), age=timedelta())
