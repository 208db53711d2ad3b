"""What becomes of a report that the register refuses, does not answer or cannot be reached with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.admin import moment
from epjgate.drivers.dsl import DeliveryState, EncounterRef, Epj, PatientRef
from epjgate.model.person import Person

if TYPE_CHECKING:
    from suites.contracts.lpr3.conftest import Register

pytestmark = [
    pytest.mark.needs("patients", "encounters", "national_register", "delivery_ledger"),
    pytest.mark.severity("blocker"),
]

Moment = Callable[[str], datetime]
Stay = Callable[..., EncounterRef]
REGISTER = "national register"
FAR = timedelta(days=400)


@pytest.mark.rule("lpr3-refused-report-alarms")
@pytest.mark.parametrize(
    ("code", "late", "diagnosis"),
    [
        pytest.param("05.14", timedelta(), "", id="no diagnosis"),
        pytest.param("02.51", timedelta(), "D1", id="no SKS code"),
        pytest.param("00.01", FAR, "DI109", id="in the future"),
    ],
)
def test_a_refusal_is_an_alarm(
    epj: Epj, patient: PatientRef, person: Person, register: Register, code: str, late: timedelta, diagnosis: str
) -> None:
    """Whichever rule the register refuses a report by, the sender's ledger says so, and somebody is alarmed.

    A candidate may as well keep such a report back: then its ledger has the alarm without an arrival.
    """
    today = datetime.now(UTC).replace(microsecond=0)
    epj.discharge(epj.admit(patient, today - timedelta(hours=2), "Afsnit Ø"), today + late, diagnosis)
    arrived = register.received(patient, person.cpr)
    last = register.ledger(patient)[-1]
    assert (last.state, last.alarm) == (DeliveryState.REFUSED, True), "nobody is told that a contact is not reported"
    refused = [one.reason for one in arrived if not one.accepted]
    assert all(reason.startswith(code) for reason in refused), refused
    assert refused == [] or code in last.error
    assert all("End" not in contact for contact in register.contacts(patient, person.cpr))


@pytest.mark.rule("lpr3-refused-report-not-lost", "lpr3-version-builds-on-latest")
def test_what_was_refused_arrives_when_it_is_mended(
    epj: Epj, patient: PatientRef, person: Person, at: Moment, register: Register
) -> None:
    """A discharge without a diagnosis is refused; with one the whole contact is reported, and no version is skipped."""
    admitted = epj.admit(patient, at("2026-01-12 07:30"), "Afsnit Ø")
    epj.discharge(admitted, at("2026-01-14 15:10"))
    assert register.ledger(patient)[-1].alarm, "a refused report raised no alarm"
    epj.discharge(admitted, at("2026-01-14 15:10"), "DI109")
    reports = [one["Report"] for one in register.accepted(patient, person.cpr)]
    assert [one["Version"] for one in reports] == [1, 2]
    assert reports[1]["Contact"]["ActionDiagnosis"] == "DI109"
    assert moment(reports[1]["Contact"]["End"], "End") == at("2026-01-14 15:10")


@pytest.mark.rule("lpr3-refused-report-not-lost", "lpr3-version-builds-on-latest")
def test_a_refusal_does_not_take_later_reports_with_it(
    epj: Epj, patient: PatientRef, person: Person, at: Moment, register: Register
) -> None:
    """What waited behind a report that is refused is accepted as the version that the register expects next."""
    admitted = epj.admit(patient, at("2026-01-12 07:30"), "Afsnit Ø")
    register.accepted(patient, person.cpr)
    with epj.receiver(REGISTER).is_unreachable(patient):
        epj.discharge(admitted, at("2026-01-14 15:10"))
        epj.discharge(admitted, at("2026-01-14 15:10"), "DI109")
    reports = [one["Report"] for one in register.accepted(patient, person.cpr)]
    assert [one["Version"] for one in reports] == [1, 2], "a refused report took the one behind it with it"
    assert reports[1]["Contact"]["ActionDiagnosis"] == "DI109"


@pytest.mark.rule("lpr3-resent-until-acknowledged", "lpr3-every-contact-once")
@pytest.mark.parametrize("how", ["loses_the_acknowledgement", "is_busy", "breaks_the_connection", "answers_twice"])
def test_a_report_is_stored_once_whatever_happens_on_the_way(
    epj: Epj, patient: PatientRef, person: Person, at: Moment, register: Register, how: str
) -> None:
    """A report whose way there or back is disturbed arrives, unchanged, and the register has it once."""
    with getattr(epj.receiver(REGISTER), how)(patient):
        epj.admit(patient, at("2026-01-12 07:30"), "Afsnit Ø")
    reports = register.accepted(patient, person.cpr)
    assert len(reports) == 1, f"the register holds {len(reports)} reports of one admission"
    arrived = register.received(patient, person.cpr)
    assert len({one.text for one in arrived}) == 1, "a report was sent again with other content"
    assert [one.state for one in register.ledger(patient)] == [DeliveryState.ACKNOWLEDGED]


@pytest.mark.rule("lpr3-order-kept", "lpr3-every-contact-once")
def test_reports_wait_for_the_register_in_their_order(
    epj: Epj, patient: PatientRef, person: Person, stay: Stay, register: Register
) -> None:
    """Stays while the register is out of reach arrive afterwards, all of them, in the order in which they were made."""
    codes = ["DI109", "DJ189", "DR074"]
    with epj.receiver(REGISTER).is_unreachable(patient):
        for month, code in enumerate(codes, start=1):
            stay(patient, f"2026-0{month}-12 07:30", f"2026-0{month}-14 15:10", code)
    reports = [one["Report"] for one in register.accepted(patient, person.cpr)]
    told = [(one["Version"], one["Contact"].get("ActionDiagnosis", "")) for one in reports]
    assert told == [pair for code in codes for pair in ((1, ""), (2, code))]
    assert {one.state for one in register.ledger(patient)} == {DeliveryState.ACKNOWLEDGED}


@pytest.mark.rule("lpr3-danish-letters", "lpr3-document-well-formed")
@pytest.mark.severity("critical")
def test_danish_letters_break_no_report(epj: Epj, person: Person, at: Moment, register: Register) -> None:
    """A person called Søren Ærø-Åkjær on a ward with æøå is reported like anybody else."""
    named = replace(person, given_names=("Søren",), family_name="Ærø-Åkjær")
    patient = epj.register_patient(named)
    epj.admit(patient, at("2026-01-12 07:30"), "Øjenafsnit Æ, Århus")
    (arrived,) = register.received(patient, person.cpr)
    assert (arrived.accepted, arrived.reason) == (True, "")
    assert "\N{REPLACEMENT CHARACTER}" not in arrived.text
    assert [one.state for one in register.ledger(patient)] == [DeliveryState.ACKNOWLEDGED]
