"""A change between two releases, its grade and the key that an approval binds to."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from epjgate.model.contract_change import ContractChange, Grade, Kind, worst_grade

CHANGE = ContractChange(
    interface="openapi",
    kind=Kind.REMOVED,
    place="GET /Patient param birthdate",
    grade=Grade.BREAKING,
    rule="diff-openapi-param-removed",
    says="Clients that search by it find other patients too.",
    before="birthdate",
)


def test_grades_are_ordered_worst_first() -> None:
    """A roll-up takes the worst; of nothing it makes no grade up."""
    assert [grade.value for grade in Grade] == ["breaking", "risky", "safe"]
    assert [grade.rank for grade in Grade] == [0, 1, 2]
    safe, risky = (CHANGE.model_copy(update={"grade": grade}) for grade in (Grade.SAFE, Grade.RISKY))
    assert worst_grade([safe, CHANGE, risky]) is Grade.BREAKING
    assert worst_grade([safe, risky]) is Grade.RISKY
    assert worst_grade([]) is None


def test_the_key_says_what_changed_where_by_which_rule() -> None:
    """Not how it is told, so that an approval holds in the next comparison too."""
    assert CHANGE.key == "openapi:removed:GET /Patient param birthdate:diff-openapi-param-removed"
    told_otherwise = CHANGE.model_copy(update={"says": "Gone.", "before": "", "after": "-"})
    assert told_otherwise.key == CHANGE.key
    for field, other in (("kind", Kind.ADDED), ("place", "GET /Patient"), ("rule", "diff-openapi-other")):
        assert CHANGE.model_copy(update={field: other}).key != CHANGE.key


def test_what_is_removed_leads_to_nothing() -> None:
    """What is told of it after that is why, and may be worded otherwise the next time."""
    assert CHANGE.model_copy(update={"kind": Kind.REMOVED, "after": "it crashed"}).leads_to == ""
    for kind in (Kind.ADDED, Kind.CHANGED):
        assert CHANGE.model_copy(update={"kind": kind, "after": "100"}).leads_to == "100"


@pytest.mark.parametrize(
    ("field", "value"),
    [("place", ""), ("says", ""), ("rule", "openapi-param-removed"), ("interface", "soap"), ("grade", "harmless")],
)
def test_a_change_without_place_reason_or_rule_is_refused(field: str, value: str) -> None:
    """Nobody could judge it, nor approve it."""
    with pytest.raises(ValidationError, match=field):
        ContractChange.model_validate(CHANGE.model_dump() | {field: value})
