"""The checks of audit entries: each finds its own fault, and nothing where there is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import population
from epjgate.contracts.canaries import try_checks
from epjgate.contracts.checks import CHECKS, violations
from epjgate.contracts.checks.interface import all_checks
from epjgate.contracts.rules import load_rules

CONTRACTS = Path(__file__).parents[3] / "contracts"
RULES = sorted(rule for rule in all_checks() if rule.startswith("audit-"))


def good() -> Any:
    """Return the known-good entry of the contract."""
    return json.loads((CONTRACTS / "audit/good/read.json").read_text(encoding="utf-8"))


def test_every_check_stands_its_canaries() -> None:
    """Twelve checks, each of which objects to its known-bad document only."""
    canaries = try_checks(CONTRACTS, load_rules(CONTRACTS), {rule: CHECKS[rule] for rule in RULES})
    assert dict(canaries.unfit) == {}
    assert len(canaries.tried) == 12


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "audit-entry-no-person-number"])
@pytest.mark.parametrize("document", [None, {}, {"resourceType": "AuditEvent"}])
def test_nothing_at_all_breaks_every_rule(rule: str, document: object) -> None:
    """An entry without content is not let through."""
    assert violations(rule, document) != []


@given(seed=st.integers(0, 2**32 - 1), hyphen=st.booleans())
def test_every_number_of_a_person_is_found_wherever_it_stands(seed: int, *, hyphen: bool) -> None:
    """With or without a hyphen, alone or inside a text, however deep."""
    cpr = population.person(seed, 0).cpr
    number = f"{cpr[:6]}-{cpr[6:]}" if hyphen else cpr
    for text in (number, f"Patient?identifier=urn:oid:1.2.208.176.1.2|{number}", f"({number})"):
        entry = good()
        entry["entity"][0]["detail"] = [{"type": "note", "valueString": text}]
        assert violations("audit-entry-no-person-number", entry) != []


@pytest.mark.parametrize("text", ["1705481AB2", "170548-1AB2", "(0101007XY1)"])
def test_a_replacement_number_is_found(text: str) -> None:
    """It leads to a person as well."""
    assert violations("audit-entry-no-person-number", {**good(), "outcomeDesc": text}) != []


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-29T01:30:05.120Z",
        "Observation/660f12770d9a5dbcd09",
        "99000000000001",
        "b7a4a1c8-6a52-5f0e-8e67-9d3f5c1e2a44",
        "4711",
        "urn:oid:1.2.208.176.1.1",
    ],
)
def test_other_numbers_are_none_of_a_person(text: str) -> None:
    """Times, ids, SOR codes and UUIDs may stand in an entry."""
    assert violations("audit-entry-no-person-number", {**good(), "outcomeDesc": text}) == []


@pytest.mark.parametrize("recorded", ["2026", "2026-03-29", "2026-03-29T01:30", "2026-03-29T01:30:05", ""])
def test_a_time_is_a_moment(recorded: str) -> None:
    """To the second, with an offset."""
    assert violations("audit-entry-time-with-offset", {**good(), "recorded": recorded}) != []


@pytest.mark.parametrize("who", [{}, {"display": ""}, {"identifier": {"system": "urn:example"}}])
def test_a_user_has_a_name(who: dict[str, Any]) -> None:
    """A requestor whom nothing names is nobody."""
    entry = good()
    entry["agent"][0]["who"] = who
    assert violations("audit-entry-user", entry) == ["agent.who names nobody"]


def test_somebody_asked() -> None:
    """An entry without a requestor is found."""
    entry = good()
    entry["agent"][0]["requestor"] = False
    assert violations("audit-entry-user", entry) == ["0 agents are the requestor; there is one"]


@pytest.mark.parametrize("system", ["urn:oid:1.2.208.176.1.1", "urn:oid:1.2.208.176.1.4", "https://www.gs1.org/gln"])
def test_an_organisation_may_stand_at_an_agent(system: str) -> None:
    """SOR, CVR or GLN, at the observer or at whoever took part."""
    entry = good()
    del entry["source"]["observer"]["identifier"]
    assert violations("audit-entry-organisation", entry) != []
    entry["agent"][1]["who"]["identifier"] = {"system": system, "value": "99000000000001"}
    assert violations("audit-entry-organisation", entry) == []


def test_one_patient_is_the_patient() -> None:
    """Two are as wrong as none, and a patient is a Patient."""
    entry = good()
    entry["entity"].append(entry["entity"][1])
    assert violations("audit-entry-patient", entry) != []
    entry = good()
    entry["entity"][1]["what"]["reference"] = "Person/1"
    assert violations("audit-entry-patient", entry) != []


@pytest.mark.parametrize("element", ["text", "contained"])
def test_content_has_no_place_in_an_entry(element: str) -> None:
    """Neither a narrative nor the resource that was read."""
    assert violations("audit-entry-no-clinical-content", {**good(), element: {}}) != []
