"""What the LPR3 contract tests share: what arrived at the register, and stays to report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from epjgate.drivers import exact_json
from epjgate.drivers.dsl import Delivery, EncounterRef, Epj, PatientRef, Receiver
from epjgate.drivers.sent import SentList, as_sent
from epjgate.evidence.recorder import Recorder
from epjgate.model.partner import Received
from epjgate.model.target import Target
from epjgate.partners.client import Partners

REGISTER = Receiver.NATIONAL_REGISTER
WARD = "Børneafsnit Å2"


@dataclass(frozen=True)
class Register:
    """The register, asked about one person at a time; waits until nothing about the person is on its way."""

    partners: Partners
    epj: Epj

    def received(self, patient: PatientRef, cpr: str) -> list[Received]:
        """Return every report that arrived about `cpr`, refused and repeated ones included."""
        self.epj.wait_for_deliveries(patient)
        return SentList(self.partners.received(REGISTER.partner, cpr))

    def accepted(self, patient: PatientRef, cpr: str) -> list[dict[str, Any]]:
        """Return the reports that the register accepted, each once, as checks want them: when, and what."""
        reports = [
            {"ReceivedAt": one.at.isoformat(), "Report": as_sent(exact_json.decode(one.text.encode("utf-8")))}
            for one in self.received(patient, cpr)
            if one.accepted and not one.repeated
        ]
        assert {one["Report"]["PersonIdentifier"] for one in reports} <= {cpr}, "a report is about another person"
        return SentList(reports)

    def contacts(self, patient: PatientRef, cpr: str) -> list[dict[str, Any]]:
        """Return what the register holds now: the newest version of each contact, without nullified ones."""
        newest = {one["Report"]["DocumentId"]: one["Report"] for one in self.accepted(patient, cpr)}
        return SentList(report["Contact"] for report in newest.values() if report["Type"] != "Nullify")

    def ledger(self, patient: PatientRef) -> list[Delivery]:
        """Return what the sender says of its reports about `patient`, earliest first."""
        self.epj.wait_for_deliveries(patient)
        return SentList(one for one in self.epj.deliveries_of(patient) if one.receiver is REGISTER)


@pytest.fixture
def partners(target: Target, recorder: Recorder) -> Iterator[Partners]:
    """Give a client of the receiving systems that the gate plays."""
    with Partners(target.partners, recorder) as client:
        yield client


@pytest.fixture
def register(partners: Partners, epj: Epj) -> Register:
    """Give the register."""
    return Register(partners, epj)


@pytest.fixture
def stay(epj: Epj, at: Callable[[str], datetime]) -> Callable[..., EncounterRef]:
    """Call it with a patient, begin and end in Danish time and an SKS code for a stay that is over and reported."""

    def admit_and_discharge(
        patient: PatientRef, begin: str = "2026-01-12 07:30", end: str = "2026-01-14 15:10", diagnosis: str = "DI109"
    ) -> EncounterRef:
        return epj.discharge(epj.admit(patient, at(begin), WARD), at(end), diagnosis)

    return admit_and_discharge
