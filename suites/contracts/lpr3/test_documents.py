"""Every report that the register is sent keeps its rules; each rule is checked by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from epjgate.contracts.checks import Document
from epjgate.drivers.admin import moment
from epjgate.drivers.dsl import EncounterRef, Epj, PatientRef
from epjgate.model.person import Person
from epjgate.plugin.rules import each_rule

if TYPE_CHECKING:
    from suites.contracts.lpr3.conftest import Register

pytestmark = [
    pytest.mark.needs("patients", "encounters", "national_register", "delivery_ledger"),
    pytest.mark.severity("critical"),
]

Violations = Callable[[str, Document], list[str]]


@pytest.fixture
def course(
    epj: Epj, patient: PatientRef, person: Person, at: Callable[[str], datetime], register: Register
) -> list[dict[str, Any]]:
    """Return all reports about a patient with a corrected stay long ago, one of today, an open and a withdrawn one."""
    today = datetime.now(UTC).replace(microsecond=0)
    old = epj.discharge(epj.admit(patient, at("2026-01-12 07:30"), "Afsnit Ø"), at("2026-01-14 15:10"), "DI109")
    epj.discharge(old, at("2026-01-14 15:40"), "DE112A")
    epj.discharge(epj.admit(patient, today - timedelta(hours=3), "Afsnit Ø"), today, "DZ038PE01")
    epj.admit(patient, today - timedelta(hours=1), "Afsnit Ø")
    epj.strike_out_encounter(epj.admit(patient, at("2026-02-01 09:00"), "Afsnit Ø"))
    reports = register.accepted(patient, person.cpr)
    assert len(reports) >= 8, f"{len(reports)} reports arrived of the eight that there were to make"
    return reports


@each_rule(
    "lpr3-time-not-in-future",
    "lpr3-closed-contact-has-diagnosis",
    "lpr3-late-closed-contact-has-diagnosis",
    "lpr3-sor-code-at-start",
    "lpr3-sks-code-in-period",
    "lpr3-birth-date-of-number",
    "lpr3-sex-of-number",
    "lpr3-document-well-formed",
    "lpr3-times-with-offset",
    "lpr3-end-not-before-begin",
    "lpr3-contact-id-uuid5",
)
def test_every_report_keeps_the_rule(violations: Violations, course: list[dict[str, Any]], rule: str) -> None:
    """No report of a patient with old, new, open and withdrawn contacts breaks the rule."""
    broken = [broken for report in course for broken in violations(rule, report)]
    assert broken == []


@each_rule(
    "lpr3-contact-id-stable",
    "lpr3-one-document-a-contact",
    "lpr3-version-builds-on-latest",
    "lpr3-nullify-permanent",
)
def test_all_versions_together_keep_the_rule(violations: Violations, course: list[dict[str, Any]], rule: str) -> None:
    """The reports of a patient, in the order of their arrival, keep the rule about versions."""
    assert violations(rule, course) == []


@pytest.mark.rule("lpr3-report-as-happened", "lpr3-version-builds-on-latest")
def test_every_version_says_what_has_happened_and_no_more(
    epj: Epj, patient: PatientRef, person: Person, at: Callable[[str], datetime], register: Register
) -> None:
    """Version, ParentVersion, Type, PersonIdentifier, Sex, BirthDate and Contact of each version, whole."""
    ended = epj.discharge(epj.admit(patient, at("2026-01-12 07:30"), "Afsnit Ø"), at("2026-01-14 15:10"), "DI109")
    epj.strike_out_encounter(epj.discharge(ended, at("2026-01-14 15:40"), "DE112A"))
    reports = [one["Report"] for one in register.accepted(patient, person.cpr)]
    assert len(reports) == 4, f"{len(reports)} versions arrived of the four that there were to make"
    contact = {name: reports[0]["Contact"][name] for name in ("Identifier", "SorCode")}
    begun = contact | {"Begin": at("2026-01-12 07:30")}
    first = begun | {"End": at("2026-01-14 15:10"), "ActionDiagnosis": "DI109"}
    mended = begun | {"End": at("2026-01-14 15:40"), "ActionDiagnosis": "DE112A"}
    whose = {
        "DocumentId": reports[0]["DocumentId"],
        "PersonIdentifier": person.cpr,
        "Sex": person.sex.value,
        "BirthDate": person.birth_date.isoformat(),
    }
    assert [{**report, "Contact": in_moments(report["Contact"])} for report in reports] == [
        {**whose, "Version": 1, "Type": "Contact", "Contact": begun},
        {**whose, "Version": 2, "ParentVersion": 1, "Type": "Contact", "Contact": first},
        {**whose, "Version": 3, "ParentVersion": 2, "Type": "Contact", "Contact": mended},
        {**whose, "Version": 4, "ParentVersion": 3, "Type": "Nullify", "Contact": mended},
    ]


def in_moments(contact: dict[str, Any]) -> dict[str, Any]:
    """Return a contact with its times as moments, whichever zone they are written in."""
    return {**contact, **{name: moment(contact[name], name) for name in ("Begin", "End") if name in contact}}


@pytest.mark.rule("lpr3-birth-date-of-number", "lpr3-sex-of-number")
@pytest.mark.parametrize("number", range(4))
def test_persons_of_every_age_and_sex_are_reported(
    violations: Violations,
    epj: Epj,
    people: Callable[[int], list[Person]],
    stay: Callable[..., EncounterRef],
    register: Register,
    number: int,
) -> None:
    """Whoever is admitted is reported with number, sex and birth date of their own."""
    someone = people(number + 1)[number]
    patient = epj.register_patient(someone)
    stay(patient)
    reports = register.accepted(patient, someone.cpr)
    told = {(one["Report"]["Sex"], one["Report"]["BirthDate"]) for one in reports}
    assert told == {(someone.sex.value, someone.birth_date.isoformat())}
    for rule in ("lpr3-birth-date-of-number", "lpr3-sex-of-number"):
        assert [broken for report in reports for broken in violations(rule, report)] == []
