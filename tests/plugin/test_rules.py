"""Tests pin rules of `contracts/` by their ids, and ask only checks that can be believed."""

from __future__ import annotations

import json

import pytest
from tests.contracts.conftest import RULES
from tests.plugin.conftest import Inner

from epjgate.model.outcome import Outcome

PINNED = """
import pytest
from epjgate.plugin.rules import each_rule

@pytest.mark.rule("door-green", "door-closed")
def test_both(desk):
    assert desk.request("GET", "/").status == 200

@each_rule("door-closed", "door-green")
def test_each(desk, rule):
    assert desk.request("GET", "/").status == 200
"""
UNKNOWN = """
import pytest

@pytest.mark.rule("door-clsoed")
def test_unknown(desk):
    assert desk.request("GET", "/").status == 200
"""
ASKS = """
from epjgate.contracts.checks import check

@check("door-closed")
def closed(document):
    {body}

def test_asks(desk, violations):
    assert desk.request("GET", "/").status == 200
    assert violations("door-closed", {document}) == []
"""


@pytest.fixture
def project(inner: Inner) -> Inner:
    """An inner run in a project that has rules, and a canary for one of them."""
    inner.pytester.makepyprojecttoml("[tool.epjgate]\n")
    folder = inner.pytester.path / "contracts/door"
    (folder / "good").mkdir(parents=True)
    (folder / "bad").mkdir()
    (folder / "rules.toml").write_text(RULES, encoding="utf-8")
    (folder / "good/door.json").write_text('{"closed": true}', encoding="utf-8")
    recipe = {"good": "door.json", "change": [{"op": "replace", "path": "/closed", "value": False}]}
    (folder / "bad/door-closed.json").write_text(json.dumps(recipe), encoding="utf-8")
    return inner


def test_the_rules_that_a_test_pins_are_in_its_evidence(project: Inner) -> None:
    """By id, with their source; a test for each rule pins that one."""
    project.run(PINNED)
    ends = project.ends()
    assert [rule.rule for rule in ends["test_both"].requirements] == ["door-green", "door-closed"]
    assert [rule.rule for rule in ends["test_each[door-green]"].requirements] == ["door-green"]
    assert ends["test_each[door-closed]"].requirements[0].specification == "House rules 2"


def test_a_rule_that_is_written_down_nowhere_ends_the_session(project: Inner) -> None:
    """A typing error is no requirement of any level, and no pass."""
    result = project.run(UNKNOWN)
    assert result.ret not in (0, 1)
    assert not any(end.outcome is Outcome.PASSED for end in project.ends().values())
    assert "there is no rule 'door-clsoed'" in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize(
    ("body", "document", "outcome"),
    [
        ("return [] if document['closed'] else ['open']", "{'closed': True}", Outcome.PASSED),
        ("return [] if document['closed'] else ['open']", "{'closed': False}", Outcome.FAILED),
        ("return []", "{'closed': True}", Outcome.BROKEN),
        ("return ['no door is good enough']", "{'closed': False}", Outcome.BROKEN),
    ],
    ids=["kept", "broken", "blind", "strict"],
)
def test_a_check_is_believed_only_after_its_canaries(
    project: Inner, body: str, document: str, outcome: Outcome
) -> None:
    """A check that lets its known-bad document through, or objects to the known-good one, is the harness's fault."""
    project.run(ASKS.format(body=body, document=document))
    assert project.ends()["test_asks"].outcome is outcome
