"""The checks of messages to FMK: each finds its own fault, and nothing where there is none."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.contracts.canaries import try_checks
from epjgate.contracts.checks import CHECKS, violations
from epjgate.contracts.checks.interface import all_checks
from epjgate.contracts.rules import load_rules

CONTRACTS = Path(__file__).parents[3] / "contracts"
GOOD = CONTRACTS / "fmk/good"
ABOUT_SEVERAL = {"fmk-message-id-of-its-own", "fmk-card-version-rises", "fmk-identifier-stable"}
RULES = sorted(rule for rule in all_checks() if rule.startswith("fmk-"))


def good(name: str = "order") -> Any:
    """Return a known-good document of the contract."""
    return json.loads((GOOD / f"{name}.json").read_text(encoding="utf-8"))


def dosed(**dosage: Any) -> Any:
    """Return the known-good order with parts of its dosage replaced."""
    order = good()
    order["DrugMedication"]["Dosage"].update(dosage)
    return order


def test_every_check_stands_its_canaries() -> None:
    """Sixteen checks, each of which objects to its known-bad document only."""
    canaries = try_checks(CONTRACTS, load_rules(CONTRACTS), {rule: CHECKS[rule] for rule in RULES})
    assert dict(canaries.unfit) == {}
    assert len(canaries.tried) == 16


@pytest.mark.parametrize("rule", RULES)
def test_nothing_at_all_breaks_every_rule(rule: str) -> None:
    """What is no message is not let through."""
    assert violations(rule, None) != []
    assert violations(rule, [{}] if rule in ABOUT_SEVERAL else {}) != []


@pytest.mark.parametrize("rule", RULES)
def test_good_messages_break_no_rule(rule: str) -> None:
    """An order with an end, a paused one, and the two changes of one order."""
    documents = [good("changes")] if rule in ABOUT_SEVERAL else [good("order"), good("paused"), *good("changes")]
    assert [broken for document in documents for broken in violations(rule, document)] == []


@pytest.mark.parametrize(
    ("text", "quantity", "interval_s", "broken"),
    [
        ("2 tabletter hver morgen", "2", 86400, False),
        ("2 tabletter hver morgen", "1", 86400, True),
        ("1½ tablet hver 6. time", "1.5", 21600, False),
        ("½ tablet dagligt", "0.5", 86400, False),
        ("2,5 ml 3 gange daglig", "2.50", 28800, False),
        ("2,5 ml 3 gange daglig", "2.5", 86400, True),
        ("3 tabletter hver uge", "3", 604800, False),
        ("3 tabletter hver uge", "3", 86400, True),
        ("3 tabletter ugentligt", "3", 86400, True),
        ("3 tabletter en gang om ugen", "3", 604800, False),
        ("Mod smerter, højst 8 i døgnet", "2", 21600, False),  # it says neither dose nor interval
        ("Efter skema", "1", 3600, False),
    ],
)
def test_a_text_says_what_the_structure_says(text: str, quantity: str, interval_s: int, *, broken: bool) -> None:
    """Amount and interval in the words of Danish labels; where the text tells neither, there is nothing to compare."""
    order = dosed(Text=text, Quantity=quantity, IntervalSeconds=interval_s)
    assert bool(violations("fmk-dose-text-equals-structure", order)) is broken


@given(amount=st.decimals(min_value="0.0001", max_value=99999, places=4))
def test_every_plain_decimal_is_an_amount(amount: Decimal) -> None:
    """However small; and never as a number or with an exponent."""
    text = format(amount, "f")
    assert violations("fmk-amounts-exact-decimals", dosed(Quantity=text)) == []
    for wrong in (float(text), f"{amount:E}", f"-{text}", f"{text} ", text.replace(".", ",")):
        assert violations("fmk-amounts-exact-decimals", dosed(Quantity=wrong)) != []


@pytest.mark.parametrize("amount", ["0", "0.00", "", None, "1.", ".5", "NaN", "05"])
def test_what_is_no_amount_is_found(amount: object) -> None:
    """Nothing, less than nothing, and what only looks like a number."""
    assert violations("fmk-amounts-exact-decimals", dosed(Quantity=amount)) != []


@pytest.mark.parametrize("value", [0, -1, True, None, "86400", 86400.0])
def test_an_interval_is_a_whole_number_of_seconds(value: object) -> None:
    """Above 0, and a number."""
    assert violations("fmk-interval-named", dosed(IntervalSeconds=value)) != []


@pytest.mark.parametrize("version", [-1, True, None, "0", 1.5])
def test_a_card_version_is_a_whole_number(version: object) -> None:
    """From 0 on."""
    assert violations("fmk-card-version-named", {**good(), "MedicineCardVersion": version}) != []


@pytest.mark.parametrize("code", ["", "L04", "L04AX0", "L04AX033", "l04ax03", "L04AX3"])
def test_an_atc_code_names_a_substance(code: str) -> None:
    """Seven places; a group of drugs is none."""
    order = good()
    order["DrugMedication"]["Drug"]["AtcCode"] = code
    assert violations("fmk-drug-identified", order) != []


@pytest.mark.parametrize("key", ["EndDate", "Pause"])
def test_null_is_no_way_to_say_nothing(key: str) -> None:
    """A key that has no value is left out."""
    order = good()
    order["DrugMedication"][key] = None
    assert violations("fmk-message-well-formed", order) == [f"DrugMedication.{key} is null"]


def test_a_pause_needs_its_begin() -> None:
    """And a pause that is there is read."""
    paused = good("paused")
    paused["DrugMedication"]["Pause"] = {}
    assert violations("fmk-pause-of-active-only", paused) == ["Pause.BeginDate is missing"]
    paused["DrugMedication"]["Pause"] = {"BeginDate": "2026-02-10T09:00:00"}
    assert violations("fmk-times-with-offset", paused) != []
