"""The rules that grade differences, and how changes are told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.contracts.diff import RULES
from epjgate.contracts.diff.register import BOOKS
from epjgate.contracts.diff.rules import SHOWN, Rulebook, canonical, in_order, short
from epjgate.model.contract_change import Grade, Kind


def test_every_rule_has_an_id_of_its_own_a_title_and_a_reason() -> None:
    """Approvals name rules by id, and readers decide by the reason."""
    assert len(RULES) == sum(len(book.rules) for book in BOOKS)
    assert len(RULES) >= 50
    assert {rule.id for rule in RULES.values()} == RULES.keys()
    assert all(rule.title and rule.says.endswith(".") and rule.says[0].isupper() for rule in RULES.values())
    assert all("\n" not in rule.says and ". " not in rule.says for rule in RULES.values()), "one sentence"


def test_every_interface_has_rules_of_the_worst_grade_and_the_best() -> None:
    """An interface at which nothing can break would never stop a release."""
    grades = {(rule.interface, rule.grade) for rule in RULES.values()}
    for interface in ("fhir_r4", "openapi", "hl7v2", "database", "messages"):
        assert {(interface, Grade.BREAKING), (interface, Grade.SAFE)} <= grades


def test_an_id_is_given_once() -> None:
    """A second rule of one id would grade under the name of the first."""
    book = Rulebook("hl7v2", "test")
    first = book.breaking("gone", "Gone", "It is gone.")
    assert (first.id, first.grade) == ("diff-test-gone", Grade.BREAKING)
    with pytest.raises(ValueError, match="diff-test-gone"):
        book.safe("gone", "Gone", "It is gone.")


def test_a_rule_makes_changes_of_its_interface_and_grade() -> None:
    """What stood there and what stands there now is told, short."""
    rule = Rulebook("database", "test").risky("moved", "Moved", "It moved.")
    changed = rule.changed("table a", {"b": 1.0}, "x" * 500)
    assert (changed.kind, changed.grade, changed.interface) == (Kind.CHANGED, Grade.RISKY, "database")
    assert (changed.before, len(changed.after), changed.says) == ('{"b":1}', SHOWN, "It moved.")
    assert (rule.added("a", "b").after, rule.removed("a", "b").before) == ("b", "b")


def test_changes_stand_worst_first_and_each_once() -> None:
    """The order of two comparisons of the same is the same; what leads to something else is another change."""
    book = Rulebook("database", "test")
    breaking, safe = book.breaking("b", "B", "B."), book.safe("a", "A", "A.")
    changes = [
        safe.added("z"),
        breaking.added("z", "two"),
        safe.added("a"),
        breaking.added("z", "one"),
        safe.added("z"),
    ]
    expected = [(Grade.BREAKING, "one"), (Grade.BREAKING, "two"), (Grade.SAFE, ""), (Grade.SAFE, "")]
    assert [(one.grade, one.after) for one in in_order(changes)] == expected
    assert [one.place for one in in_order(changes)] == ["z", "z", "a", "z"]
    assert in_order(changes) == in_order(reversed(changes))


def test_long_values_that_differ_at_the_end_are_told_apart() -> None:
    """An approval binds to what is told: two lists of values that begin alike are not the same list."""
    first, second = ("x" * 500 + end for end in "ab")
    assert short(first) != short(second)
    assert len(short(first)) == len(short(second)) == SHOWN
    assert short("x" * SHOWN) == "x" * SHOWN


@given(st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), st.text()), st.lists))
def test_equal_json_has_one_text(value: object) -> None:
    """Whatever the order of members; and true is not 1."""
    assert canonical({"a": value, "b": 1.0}) == canonical({"b": 1, "a": value})
    assert canonical([value, True]) != canonical([value, 1])
    assert len(short(value)) <= SHOWN
