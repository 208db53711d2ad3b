"""A general practice that a test plays writes to FMK past the candidate, and its failures are the harness's own."""

from __future__ import annotations

from typing import Any

import pytest
from tests.partners.messages import ONE

from epjgate.partners.client import Partners
from epjgate.partners.interface import PartnerUnfit
from epjgate.partners.other_system import OtherSystem
from epjgate.partners.site import Site

PANODIL: dict[str, Any] = {
    "Identifier": "fra-egen-læge",
    "Drug": {"AtcCode": "N02BE01", "Name": "Panodil"},
    "Strength": {"Value": "500", "Unit": "mg"},
    "Dosage": {"Quantity": "2", "Unit": "tablet", "IntervalSeconds": 21600, "Text": "2 tabletter hver 6. time"},
    "BeginDate": "2026-01-14T08:00:00+01:00",
    "Status": "Active",
}


def test_what_it_writes_is_on_the_card(site: Site, partners: Partners) -> None:
    """Added and overwritten as a whole, each on the version that the card has."""
    practice = OtherSystem(site.control_url)
    assert practice.card_of(ONE.cpr)["MedicineCardVersion"] == 0
    practice.adds(ONE.cpr, PANODIL)
    practice.overwrites(ONE.cpr, {**PANODIL, "Status": "Stopped"})
    assert practice.card_of(ONE.cpr) == {
        "PersonIdentifier": ONE.cpr,
        "MedicineCardVersion": 2,
        "DrugMedications": [{**PANODIL, "Status": "Stopped"}],
    }
    assert [one.accepted for one in partners.received("fmk", ONE.cpr)] == [True, True]


def test_a_refusal_is_the_harness_s_fault(site: Site) -> None:
    """A test that plays a sender badly must not convict the candidate."""
    practice = OtherSystem(site.control_url)
    with pytest.raises(PartnerUnfit, match="400"):
        practice.adds(ONE.cpr, {**PANODIL, "Status": "Paused"})


def test_a_partner_of_another_kind_is_none(site: Site) -> None:
    """Only FMK has cards to write to."""
    with pytest.raises(PartnerUnfit, match="404"):
        OtherSystem(site.control_url, "lpr3").card_of(ONE.cpr)


def test_nobody_there_is_the_harness_s_fault(site: Site) -> None:
    """A control server that is gone, or knows no such partner."""
    with pytest.raises(PartnerUnfit, match="404"):
        OtherSystem(site.control_url, "pharmacy")
    site.close()
    with pytest.raises(PartnerUnfit):
        OtherSystem(site.control_url)
