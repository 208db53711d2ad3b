"""Rules and where they come from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from epjgate.contracts.checks.interface import all_checks
from epjgate.contracts.rules import RuleBook, load_rules
from epjgate.errors import UsageError
from epjgate.model.events import Level

REPO = Path(__file__).parents[2]


def test_a_rule_brings_its_source_along(book: RuleBook) -> None:
    """Evidence keeps the standard, the section, the level and the id."""
    rule = book.rule("door-closed").requirement()
    assert (rule.rule, rule.specification, rule.section) == ("door-closed", "House rules 2", "1 Doors")
    assert (rule.level, rule.url) == (Level.SHALL, "https://example.org/house")
    assert book.rule("door-green").requirement().level is Level.SHOULD


def test_a_rule_that_nobody_wrote_down_is_refused(book: RuleBook) -> None:
    """A typing error in an id is no rule without a source."""
    with pytest.raises(UsageError, match="door-clsoed"):
        book.rule("door-clsoed")


def test_without_documents_there_is_no_rule(tmp_path: Path) -> None:
    """An empty folder, or none, is an empty book."""
    assert load_rules(tmp_path / "nothing").rules == {}


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ('source = "house"', 'source = "garden"', "garden"),
        ("rules.door-closed", "rules.window-closed", "begin with door-"),
        ('section = "1 Doors"', 'section = ""', "rules.door-closed.section"),
        ('level = "should"', 'level = "may"', "rules.door-green.level"),
        ("rules/1", "rules/2", "schema_version"),
        ("says = ", "sais = ", "unknown key"),
    ],
)
def test_a_mistake_is_named(contracts: Path, right: str, wrong: str, named: str) -> None:
    """A document with a mistake is not read in part."""
    file = contracts / "door/rules.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_rules(contracts)
    assert named in str(caught.value)


def test_two_documents_cannot_have_one_rule(contracts: Path) -> None:
    """An id means one thing."""
    (contracts / "gate").mkdir()
    (contracts / "gate/rules.toml").write_bytes((contracts / "door/rules.toml").read_bytes())
    with pytest.raises(UsageError, match="door has this id too"):
        load_rules(contracts)


def test_a_document_that_is_no_text_is_named(contracts: Path) -> None:
    """Bytes that are not UTF-8 are told with their file."""
    (contracts / "door/rules.toml").write_bytes(b"\xff")
    with pytest.raises(UsageError, match=r"door/rules\.toml cannot be read"):
        load_rules(contracts)


def test_every_rule_of_this_repository_is_pinned_by_a_test_and_every_id_used_exists() -> None:
    """A rule that no test names is only a sentence; a check without a rule has no source."""
    book = load_rules(REPO / "contracts")
    files = [*(REPO / "suites/contracts").rglob("*.py"), *(REPO / "contracts").glob("*/consumers.toml")]
    texts = [file.read_text(encoding="utf-8") for file in files]
    named = {word for text in texts for word in re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', text)}
    assert sorted(book.rules.keys() - named) == []
    assert sorted(all_checks().keys() - book.rules.keys()) == []
