"""The national register accepts every diagnosis that a doctor can choose, as it was chosen (INC-0012)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from epjgate.drivers.dsl import Epj, PatientRef, Receiver

FEW = settings(
    max_examples=6, deadline=None, database=None, phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False
)
# SKS: a D, the letter and two digits of an ICD-10 category, and up to five more places of Danish detail.
CODES = st.from_regex(r"D[A-Z][0-9]{2}[0-9A-Z]{0,5}", fullmatch=True)


def test_every_diagnosis_reaches_the_register_as_it_was_chosen(
    epj: Epj, patient: PatientRef, at: Callable[[str], datetime]
) -> None:
    """Short codes and long ones: the register holds each stay with its code, and has refused no report."""
    chosen: list[str] = []

    @FEW
    @given(code=CODES)
    @example(code="DI10")
    @example(code="DI109")
    @example(code="DE112A")
    @example(code="DZ038PE01")
    def admit_and_discharge(code: str) -> None:
        admitted = at("2026-01-05 08:00") + timedelta(days=7 * len(chosen))
        stay = epj.admit(patient, admitted, "Medicinsk afsnit M1")
        epj.discharge(stay, admitted + timedelta(days=2), code)
        chosen.append(code)

    admit_and_discharge()
    reported = [report.diagnosis for report in epj.national_reports_of(patient) if report.end is not None]
    refused = [one for one in epj.receiver(Receiver.NATIONAL_REGISTER).messages_about(patient) if not one.accepted]

    assert refused == [], "the national register refused a report"
    assert reported == chosen, "the national register holds other diagnoses than those chosen"
    assert epj.undelivered_of(patient) == [], "a report is not acknowledged"
