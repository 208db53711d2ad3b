"""The national register holds every contact, however short (INC-0013)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from epjgate.drivers.dsl import Epj, NationalReport, PatientRef

CONTACTS = (
    ("2026-01-12 07:30", "2026-01-12 15:10", "DI109"),  # begun and ended on one day
    ("2026-01-12 22:50", "2026-01-13 00:20", "DR074"),  # the same patient again that day, over midnight
    ("2026-01-31 12:00", "2026-02-02 09:00", "DJ189"),  # over the turn of a month
    ("2026-02-10 03:15", "2026-02-10 03:15", "DR969"),  # over as soon as it had begun
    ("2026-03-28 20:00", "2026-03-29 04:30", "DS720"),  # through the night in which summer time begins
    ("2026-04-01 08:00", "2026-05-20 11:45", "DG359"),  # longer than a month
)


def test_every_contact_in_the_chart_is_in_the_register(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Contacts of an hour, a night and seven weeks: the register holds those of the chart, with times and diagnoses."""
    for begin, end, diagnosis in CONTACTS:
        epj.discharge(epj.admit(patient, at(begin), "Medicinsk afsnit M1"), at(end), diagnosis)
    charted = [(stay.admitted_at, stay.discharged_at, stay.diagnosis) for stay in epj.encounters_of(patient)]
    standing = reports_that_stand(epj.national_reports_of(patient))
    reported = sorted((report.begin, report.end, report.diagnosis) for report in standing if report.end is not None)

    assert charted == [(at(begin), at(end), diagnosis) for begin, end, diagnosis in CONTACTS], (
        "the chart does not hold the contacts that there were"
    )
    assert len(standing) == len(CONTACTS), "a contact is missing in the national register"
    assert reported == charted, "the national register holds other contacts than the chart"
    assert epj.undelivered_of(patient) == [], "a report is not acknowledged"


def reports_that_stand(reports: list[NationalReport]) -> list[NationalReport]:
    """Return the newest version of each report, without those that were withdrawn."""
    newest = {report.document: report for report in reports}
    return [report for report in newest.values() if not report.nullified]
