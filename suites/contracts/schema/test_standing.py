"""The release before comes up on the candidate's database, does its daily work there, and is still there in the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from epjgate.drivers.dsl import Allergy, Epj, LabResult, Note, PatientRef, Prescription
from epjgate.errors import CandidateFault, CandidateUnreachable
from epjgate.model.person import Person
from epjgate.model.target import Target

pytestmark = [pytest.mark.needs("patients"), pytest.mark.severity("blocker")]


@pytest.mark.rule("schema-earlier-release-starts")
def test_the_earlier_release_answers(earlier_epj: Epj, patient: PatientRef, person: Person) -> None:
    """It was started after the migration, and finds by number whom the candidate has registered."""
    assert earlier_epj.find_patient_by_cpr(person.cpr) == patient


@pytest.mark.needs("encounters", "notes", "allergies", "medication", "laboratory")
@pytest.mark.rule("schema-earlier-release-works")
def test_the_earlier_release_does_its_daily_work(
    target: Target,
    earlier_epj: Epj,
    patient: PatientRef,
    people: Callable[[int], list[Person]],
    prescription: Prescription,
    result: Callable[..., LabResult],
    at: Callable[[str], datetime],
) -> None:
    """Registering, admitting, prescribing and all else that writes: whatever it cannot do any more is named at once."""
    (newcomer,) = people(1)
    acts: dict[str, Callable[[], object]] = {
        "register a patient": lambda: earlier_epj.register_patient(newcomer),
        "admit": lambda: earlier_epj.admit(patient, at("2026-02-03 14:05"), "Medicinsk afsnit Ø3"),
        "write a note": lambda: earlier_epj.write_note(patient, Note("Notat", "Set.", at("2026-02-03 15:00"))),
        "record an allergy": lambda: earlier_epj.record_allergy(patient, Allergy("J01CE02", "Penicillin")),
        "prescribe": lambda: earlier_epj.prescribe(patient, prescription),
        "report a result": lambda: earlier_epj.report_lab_result(patient, result()),
    }
    refused = [f"{what}: {why}" for what, act in acts.items() if (why := refusal(act))]
    who = f"{target.system} {target.earlier.release}" if target.earlier else ""
    assert not refused, f"on the database of {target.release}, {who} cannot {'; '.join(refused)}{last_error(target)}"


@pytest.mark.exclusive
@pytest.mark.rule("schema-earlier-release-stays")
def test_the_earlier_release_serves_to_the_last(earlier_epj: Epj, epj: Epj, person: Person) -> None:
    """After all that both have done it still takes a new patient, whom the candidate finds."""
    patient = earlier_epj.register_patient(person)
    assert epj.find_patient_by_cpr(person.cpr) == patient


def refusal(act: Callable[[], object]) -> str:
    """Return why `act` failed, nothing where it did not."""
    try:
        act()
    except (CandidateFault, CandidateUnreachable) as fault:
        return str(fault).partition("\n")[0]
    return ""


def last_error(target: Target) -> str:
    """Return the last error that the earlier release has logged, as the end of a sentence."""
    log = Path(target.earlier.log) if target.earlier else Path()
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
    errors = [line for line in lines if "Error" in line]
    return f". Its log says: {errors[-1].strip()}" if errors else ""
