"""A rule of OpenAPI about which an exploration asked nothing leaves the suite below its floor."""

from __future__ import annotations

from pathlib import Path

from epjgate.contracts.rules import load_rules
from epjgate.model.parsing import parse_toml
from epjgate.policy.document import Floors, Policy

ROOT = Path(__file__).parents[2]
SUITE = "contracts/openapi"


def test_every_rule_has_to_be_asked_on_a_system_that_describes_itself() -> None:
    """The floor is a test for each rule and one for the document: one rule that nothing asked about misses it."""
    floors = parse_toml((ROOT / "ci/floors.toml").read_text(encoding="utf-8"), "floors", Floors)
    rules = [rule for rule in load_rules(ROOT / "contracts").rules.values() if rule.interface == "openapi"]
    assert floors.of("reference_epj")[SUITE] == len(rules) + 1


def test_a_system_without_a_document_says_so_in_the_policy() -> None:
    """Only there may the whole suite be not applicable."""
    policy = parse_toml((ROOT / "ci/policy.toml").read_text(encoding="utf-8"), "policy", Policy)
    assert policy.not_applicable.share_of("sekmet", SUITE) == 1
    assert policy.not_applicable.share_of("reference_epj", SUITE) <= 0.1
    assert SUITE in policy.suites_executed.of("reference_epj")
