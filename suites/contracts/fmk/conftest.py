"""What the FMK contract tests share: orders, the card as FMK holds it, and what arrived for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from epjgate.drivers import exact_json
from epjgate.drivers.dsl import Delivery, Drug, Epj, OrderRef, PatientRef, Prescription, Receiver
from epjgate.drivers.sent import SentList, SentObject, as_sent
from epjgate.evidence.recorder import Recorder
from epjgate.model.partner import Received
from epjgate.model.target import Target
from epjgate.partners.client import Partners
from epjgate.partners.other_system import OtherSystem

FMK = Receiver.SHARED_MEDICATION_RECORD
LIMIT_S = 10.0


@dataclass(frozen=True)
class Fmk:
    """FMK, asked about one patient at a time; waits until nothing about the patient is on its way."""

    partners: Partners
    epj: Epj

    def received(self, patient: PatientRef, cpr: str) -> list[Received]:
        """Return every message that arrived about `cpr`, refused and repeated ones included."""
        self.epj.wait_for_deliveries(patient, within_s=LIMIT_S)
        return SentList(self.partners.received(FMK.partner, cpr))

    def changes(self, patient: PatientRef, cpr: str, order: OrderRef) -> list[dict[str, Any]]:
        """Return the messages about `order` that FMK accepted, each once, in the order of their arrival."""
        told = [
            as_sent(exact_json.decode(one.text.encode("utf-8")))
            for one in self.received(patient, cpr)
            if one.accepted and not one.repeated
        ]
        assert {message["PersonIdentifier"] for message in told} <= {cpr}, "a message is about another person"
        return SentList(message for message in told if message["DrugMedication"]["Identifier"] == order.id)

    def card(self, patient: PatientRef, cpr: str) -> dict[str, Any] | None:
        """Return the card of `cpr` as FMK hands it out, None where nobody has written to one."""
        self.epj.wait_for_deliveries(patient, within_s=LIMIT_S)
        text = self.partners.medicine_card(FMK.partner, cpr)
        return None if text is None else as_sent(exact_json.decode(text.encode("utf-8")))

    def on_card(self, patient: PatientRef, cpr: str) -> dict[str, dict[str, Any]]:
        """Return what the card of `cpr` says of each drug medication, by its identifier."""
        card = self.card(patient, cpr)
        if card is None:
            return SentObject()
        assert card["PersonIdentifier"] == cpr, "FMK hands out the card of another person"
        names = [one["Identifier"] for one in card["DrugMedications"]]
        assert len(names) == len(set(names)), "the card holds a drug medication twice"
        return SentObject(zip(names, card["DrugMedications"], strict=True))

    def ledger(self, patient: PatientRef) -> list[Delivery]:
        """Return what the sender says of its messages to FMK about `patient`, earliest first."""
        self.epj.wait_for_deliveries(patient, within_s=LIMIT_S)
        return SentList(one for one in self.epj.deliveries_of(patient) if one.receiver is FMK)


@pytest.fixture
def partners(target: Target, recorder: Recorder) -> Iterator[Partners]:
    """Give a client of the receiving systems that the gate plays."""
    with Partners(target.partners, recorder) as client:
        yield client


@pytest.fixture
def fmk(partners: Partners, epj: Epj) -> Fmk:
    """Give FMK."""
    return Fmk(partners, epj)


@pytest.fixture
def practice(target: Target) -> OtherSystem:
    """Give a general practice that writes to the same cards."""
    return OtherSystem(target.partners)


@pytest.fixture
def weekly(at: Callable[[str], datetime]) -> Prescription:
    """Three tablets of methotrexate once a week, until further notice."""
    return Prescription(
        drug=Drug(atc_code="L04AX03", name="Methotrexat"),
        strength_mg=Decimal("2.5"),
        dose=Decimal(3),
        dose_unit="{tablet}",
        interval=timedelta(weeks=1),
        start=at("2026-02-02 08:00"),
        text="3 tabletter hver uge, ikke på tom mave",
    )


@pytest.fixture
def daily(weekly: Prescription, at: Callable[[str], datetime]) -> Prescription:
    """Two tablets of warfarin every evening, until further notice."""
    return replace(
        weekly,
        drug=Drug(atc_code="B01AA03", name="Warfarin"),
        dose=Decimal(2),
        interval=timedelta(days=1),
        start=at("2026-02-03 18:00"),
        text="2 tabletter hver aften mod øget størkning af blodet",
    )
