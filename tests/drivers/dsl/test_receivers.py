"""Receivers and what they know."""

from __future__ import annotations

import tomllib
from pathlib import Path

from epjgate.drivers.dsl.medication import OrderRef
from epjgate.drivers.dsl.receivers import Receiver, SharedMedicationRecord

REFERENCE = Path(__file__).parents[3] / "fixtures" / "systems" / "reference_epj" / "system.toml"


def test_every_receiver_is_a_partner_of_the_reference_epj() -> None:
    """Their names here are those of its description; the unknown one is nobody's."""
    partners = tomllib.loads(REFERENCE.read_text(encoding="utf-8"))["partners"]
    assert {receiver.partner for receiver in Receiver} - {Receiver.UNKNOWN.partner} == set(partners)


def test_an_empty_card_says_nothing_of_any_order() -> None:
    """None, and no error."""
    assert SharedMedicationRecord().of(OrderRef("9")) is None
