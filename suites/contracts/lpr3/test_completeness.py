"""Completeness: the register holds every contact of a known set of stays once, as full as production reports it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.contracts.checks import Document
from epjgate.contracts.completeness import load_completeness
from epjgate.drivers.admin import moment
from epjgate.drivers.dsl import EncounterRef, Epj, Issuer, PatientRef, ReplacementCpr
from epjgate.drivers.fhir import FhirClient
from epjgate.model.person import Person
from population.fhir_r4 import encounter

if TYPE_CHECKING:
    from suites.contracts.lpr3.conftest import Register

pytestmark = [
    pytest.mark.needs("patients", "encounters", "national_register", "delivery_ledger"),
    pytest.mark.severity("blocker"),
]

PRODUCTION = load_completeness(Path(__file__).parents[3] / "contracts/lpr3")
ENDED = (
    ("2026-01-12 07:30", "2026-01-12 15:10", "DI109"),  # begun and ended on one day
    ("2026-01-12 22:50", "2026-01-13 00:20", "DR074"),  # the same day again, over midnight
    ("2026-01-31 12:00", "2026-02-02 09:00", "DJ189"),  # over the turn of a month
    ("2026-02-10 03:15", "2026-02-10 03:15", "DR969"),  # over as soon as it had begun
    ("2026-03-28 20:00", "2026-03-29 04:30", "DS720"),  # through the night in which summer time begins
    ("2026-04-01 08:00", "2026-05-20 11:45", "DE112A"),  # longer than a month
    ("2025-10-25 20:00", "2025-10-26 02:30", "DZ038PE01"),  # into the hour that comes twice
)
ON_LEAVE = "2026-06-01 08:00"
LASTING = ("2026-06-10 08:00", "2026-06-11 23:59")

Moment = Callable[[str], datetime]


@dataclass(frozen=True)
class Standard:
    """The ten stays as the clinic knows them: begin, end, diagnosis; and whose they are."""

    patient: PatientRef
    stays: list[tuple[datetime, datetime | None, str]]


@pytest.fixture
def standard(epj: Epj, patient: PatientRef, at: Moment) -> Standard:
    """Let a patient have the standard set of stays."""
    for begin, end, diagnosis in ENDED:
        epj.discharge(epj.admit(patient, at(begin), "Afsnit Ø"), at(end), diagnosis)
    epj.send_on_leave(epj.admit(patient, at(ON_LEAVE), "Afsnit Ø"), at("2026-06-02 08:00"))
    for begin in LASTING:
        epj.admit(patient, at(begin), "Afsnit Ø")
    ended = [(utc(at(begin)), utc(at(end)), diagnosis) for begin, end, diagnosis in ENDED]
    return Standard(patient, [*ended, *((utc(at(begin)), None, "") for begin in (ON_LEAVE, *LASTING))])


def utc(moment: datetime) -> datetime:
    """Return `moment` in UTC: times of the hour that comes twice are equal to none in another zone."""
    return moment.astimezone(UTC)


def held(contact: dict[str, Any]) -> tuple[datetime, datetime | None, str]:
    """Return begin, end and diagnosis of a contact as the register holds it."""
    end = utc(moment(contact["End"], "End")) if "End" in contact else None
    return utc(moment(contact["Begin"], "Begin")), end, str(contact.get("ActionDiagnosis", ""))


@pytest.mark.rule("lpr3-every-contact-once", "lpr3-diagnosis-as-chosen")
def test_every_stay_is_in_the_register_once(standard: Standard, person: Person, register: Register) -> None:
    """Ten stays of all lengths, open ones included: ten contacts with their times and codes, and no refusal."""
    contacts = register.contacts(standard.patient, person.cpr)
    reported = [held(contact) for contact in contacts]
    assert sorted(reported, key=str) == sorted(standard.stays, key=str)
    assert len({contact["Identifier"] for contact in contacts}) == len(standard.stays)
    assert [one.reason for one in register.received(standard.patient, person.cpr) if not one.accepted] == []


@pytest.mark.rule("lpr3-fields-filled-as-in-production")
def test_no_field_is_filled_less_than_in_production(
    violations: Callable[[str, Document], list[str]], standard: Standard, person: Person, register: Register
) -> None:
    """The newest reports of the standard stays fill what contracts/lpr3/completeness.toml says of production."""
    reports = [one["Report"] for one in register.accepted(standard.patient, person.cpr)]
    newest = {report["DocumentId"]: report for report in reports}
    compared = {"Production": PRODUCTION.model_dump(mode="json"), "Reports": [*newest.values()]}
    assert violations("lpr3-fields-filled-as-in-production", compared) == []


@pytest.mark.rule("lpr3-every-contact-once")
def test_a_contact_of_another_class_is_a_contact(
    fhir: FhirClient, patient: PatientRef, person: Person, at: Moment, register: Register
) -> None:
    """An ambulatory visit is reported like a stay, with the times that it had."""
    code = [{"coding": [{"system": "urn:oid:1.2.208.176.2.4", "code": "DZ000"}]}]
    fhir.create(encounter(f"Patient/{patient.id}", reasonCode=code)).expect(201)
    (contact,) = register.contacts(patient, person.cpr)
    assert held(contact) == (at("2024-03-14 08:00"), at("2024-03-14 09:00"), "DZ000")


@pytest.mark.rule("lpr3-nothing-but-contacts")
@pytest.mark.parametrize("status", ["planned", "cancelled"])
def test_what_is_no_contact_is_not_reported(
    fhir: FhirClient,
    patient: PatientRef,
    bystander: PatientRef,
    person: Person,
    stay: Callable[..., EncounterRef],
    register: Register,
    epj: Epj,
    status: str,
) -> None:
    """Beside a real stay neither what is planned nor what was cancelled arrives, and nobody else gets a contact."""
    other = epj.read_patient(bystander).cpr
    fhir.create(encounter(f"Patient/{patient.id}", status=status)).expect(201)
    stay(patient)
    codes = [contact["ActionDiagnosis"] for contact in register.contacts(patient, person.cpr)]
    assert codes == ["DI109"]
    assert register.received(bystander, other) == []


@pytest.mark.needs("replacement_cpr")
@pytest.mark.rule("lpr3-local-number-waits")
@pytest.mark.severity("critical")
def test_a_local_number_waits_for_a_national_one(
    epj: Epj, person: Person, stay: Callable[..., EncounterRef], register: Register, at: Moment
) -> None:
    """Somebody without a CPR number is not reported by the hospital's own number; identified, the stay is reported."""
    unknown = epj.register_unknown_patient(person.sex, person.birth_date)
    numbers = epj.replacement_numbers_of(unknown)
    local = [one.number for one in numbers if one.issuer is not Issuer.NATIONAL]
    assert numbers != []
    stay(unknown)
    early = [one for number in local for one in register.received(unknown, number)]
    assert early == [], "a person was reported by a number that only this hospital knows"
    known = epj.identify_patient(unknown, person.cpr)
    (contact,) = register.contacts(known, person.cpr)
    assert held(contact) == (at("2026-01-12 07:30"), at("2026-01-14 15:10"), "DI109")


@pytest.mark.needs("replacement_cpr")
@pytest.mark.rule("lpr3-local-number-waits", "lpr3-every-contact-once")
@pytest.mark.severity("critical")
def test_a_national_replacement_number_is_reported(
    epj: Epj, person: Person, stay: Callable[..., EncounterRef], register: Register, at: Moment
) -> None:
    """An X-eCPR names one person in the whole country: the stay is reported by it at once."""
    century = "1" if person.birth_date.year < 2000 else "7"
    last = "1" if person.sex.value == "male" else "2"
    letters = f"{chr(ord('A') + int(person.cpr[6:8]) % 26)}{chr(ord('A') + int(person.cpr[8:]) % 26)}"
    number = f"{person.birth_date:%d%m%y}{century}{letters}{last}"
    patient = epj.register_patient_with_replacement_cpr(person, ReplacementCpr(number, Issuer.NATIONAL))
    stay(patient)
    (contact,) = register.contacts(patient, number)
    assert held(contact) == (at("2026-01-12 07:30"), at("2026-01-14 15:10"), "DI109")
