"""The registry of rules."""

from __future__ import annotations

import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from epjgate.cli.exit_codes import exit_code_of
from epjgate.model.evidence import Evidence
from epjgate.model.verdict import Blame
from epjgate.policy import rules
from epjgate.policy.interface import Rule
from epjgate.policy.judge import judge
from epjgate.policy.rules import REHEARSAL_RULES, RULES

if TYPE_CHECKING:
    from tests.policy.conftest import Builders


EVERY = tuple({rule.id: rule for rule in (*RULES, *REHEARSAL_RULES)}.values())
DOCUMENT = Path(__file__).parents[3] / "docs" / "policy.md"


def test_every_rule_is_asked_once_in_a_fixed_order() -> None:
    """The order is part of the report's layout."""
    assert [rule.id for rule in RULES] == [
        "evidence-complete",
        "environment-healthy",
        "suites-executed",
        "tests-passed",
        "no-vacuous-test",
        "incidents-proven",
        "suites-sensitive",
        "contract-changes",
        "skips-declared",
        "not-applicable",
        "floors",
        "candidate-identified",
    ]


def test_a_rehearsal_is_asked_what_an_upgrade_must_show() -> None:
    """What its suites cannot say is asked of the release in its own run."""
    assert [rule.id for rule in REHEARSAL_RULES] == [
        "evidence-complete",
        "environment-healthy",
        "upgrade-steps-done",
        "window-kept",
        "records-kept",
        "reachable-during-upgrade",
        "suites-executed",
        "tests-passed",
        "no-vacuous-test",
        "skips-declared",
        "not-applicable",
        "candidate-identified",
    ]
    left_out = {rule.id for rule in RULES} - {rule.id for rule in REHEARSAL_RULES}
    assert left_out == {"incidents-proven", "suites-sensitive", "contract-changes", "floors"}


def test_every_module_here_is_registered() -> None:
    """A rule that is written and not registered would never be asked."""
    modules = {found.name.replace("_", "-") for found in pkgutil.iter_modules(rules.__path__)}
    assert modules == {rule.id for rule in EVERY}


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.id)
def test_every_rule_has_a_heading_in_the_documentation(rule: Rule) -> None:
    """A finding names its rule, and the reader finds it under that name."""
    assert f"\n### {rule.id}\n" in DOCUMENT.read_text(encoding="utf-8")


@pytest.mark.parametrize("blame", list(Blame))
def test_every_blame_is_in_the_documented_table(blame: Blame) -> None:
    """The table says for each blame what is decided and how epjgate ends; it must agree with the code."""
    row = f"| `{blame.value}` | *{blame.decision.value}* | {exit_code_of(blame).value} |"
    assert row in DOCUMENT.read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.id)
def test_no_rule_holds_on_no_evidence(build: Builders, rule: Rule) -> None:
    """Empty never passes, for any rule on its own."""
    verdict = judge(build.case(Evidence(manifest=None)), build.now, rules=(rule,))
    assert not verdict.rules[0].holds
    assert verdict.blame is not Blame.NOBODY


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.id)
def test_every_finding_names_its_own_rule_and_states_it_briefly(build: Builders, rule: Rule) -> None:
    """Findings are grouped by rule and shown on one line; what stands in the way says what to do."""
    broken = build.evidence(
        build.failed("a", "long " * 60, title="title " * 40),
        build.test("b", outcome="skipped"),
        build.test("c", outcome="not_applicable", capabilities=("patients",)),
        build.test("d", assertions=0),
        manifest=build.manifest(candidate=""),
        ready=build.ready(),
        checked=None,
        suites_finished=None,
    )
    findings = (*rule.check(build.case(broken)), *rule.check(build.case(Evidence(manifest=None))))
    assert findings
    for finding in findings:
        assert finding.rule == rule.id
        assert 0 < len(finding.summary) <= 120
        assert "\n" not in finding.summary
        assert finding.fix or finding.blame is Blame.NOBODY
