"""The labelled pairs of OpenAPI documents get the grades and the rules that they deserve."""

from __future__ import annotations

from typing import Any

import pytest
from benchmarks.openapi_diff import NONE, Answer, Pair, Score, answer, load_pairs, score, table

from epjgate.contracts.diff import RULES
from epjgate.model.contract_change import Grade

PAIRS = load_pairs()
AT_LEAST = 240
"""How many pairs there are at least, so that none gets lost unnoticed."""
# Measured. A new pair that is not graded right is a fault to mend, not a reason to lower these.
FLOOR = Score(precision=1, recall=1, same_grade=1, same_rules=1)


@pytest.fixture(scope="module")
def answers() -> list[Answer]:
    """What the comparison says of all pairs."""
    return [answer(pair) for pair in PAIRS]


def test_breaking_changes_are_found_and_no_others(answers: list[Answer]) -> None:
    """Precision, recall and the share of exact grades are printed and do not fall below what was measured."""
    print(table(answers))  # noqa: T201 — the figures are for who runs this with -s
    found = score(answers)
    assert found.precision >= FLOOR.precision
    assert found.recall >= FLOOR.recall
    assert found.same_grade >= FLOOR.same_grade
    assert found.same_rules >= FLOOR.same_rules


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.topic}/{pair.id}")
def test_pair(pair: Pair) -> None:
    """Each pair gets its grade, by its rules: a breaking change found for a wrong reason is no evidence."""
    told = answer(pair)
    assert (told.grade, sorted(told.rules)) == (pair.grade, sorted(pair.rules)), pair.why


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.topic}/{pair.id}")
def test_a_document_differs_in_nothing_from_itself(pair: Pair) -> None:
    """Nor from one with its members the other way round and a text for people in each schema."""
    readable = () if "not-comparable" in pair.rules else (pair.after,)  # else it is compared to the letter only
    for one in (pair.before, *readable):
        both = (Pair("", "", one, other, NONE, frozenset(), "") for other in (one, _retold(one)))
        assert [answer(each).changes for each in both] == [(), ()]


def _retold(document: Any) -> Any:
    """Return `document` in other words, so that no schema is the same to the letter and all are compared."""
    turned = _turned(document)
    for schema in turned.get("components", {}).get("schemas", {}).values():
        if isinstance(schema, dict):
            schema["description"] = "Told once more"
    return turned


def _turned(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _turned(node[key]) for key in reversed(node)}
    return [_turned(one) for one in node] if isinstance(node, list) else node


def test_there_are_enough_pairs_of_each_grade() -> None:
    """A set without changes that look harmful and are not would measure no precision."""
    grades = [pair.grade for pair in PAIRS]
    assert len(PAIRS) >= AT_LEAST
    assert {grade: grades.count(grade) >= 10 for grade in [*Grade, NONE]} == dict.fromkeys([*Grade, NONE], True)
    assert all(pair.why for pair in PAIRS)


def test_every_rule_about_openapi_has_a_pair() -> None:
    """No rule is unproven: each is what grades one of the pairs."""
    shown = {f"diff-openapi-{rule}" for pair in PAIRS for rule in pair.rules}
    unshown = {rule.id for rule in RULES.values() if rule.interface == "openapi"} - shown
    # Whole parts that are missing are no pair of documents: test_absence.py shows these.
    assert sorted(unshown) == ["diff-openapi-part-first-seen", "diff-openapi-part-lost"]
