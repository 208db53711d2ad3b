"""The page of contract differences says which rules there are."""

from __future__ import annotations

import pytest
from ci.difference_rules_page import BEGIN, END, PAGE, page_with, tables

from epjgate.contracts.diff import RULES


def test_the_page_is_up_to_date() -> None:
    """`python ci/difference_rules_page.py` would change nothing, and every rule has its row."""
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with(page, tables(RULES.values()))
    assert all(page.count(f"| `{rule.id}` | {rule.grade.value} |") == 1 for rule in RULES.values())


def test_a_rule_that_is_left_out_is_missed() -> None:
    """The page is compared with all that there are."""
    page = PAGE.read_text(encoding="utf-8")
    assert page != page_with(page, tables(list(RULES.values())[1:]))


@pytest.mark.parametrize("page", ["", BEGIN, END])
def test_a_page_without_marks_is_not_overwritten(page: str) -> None:
    """Whoever took them out is told."""
    with pytest.raises(ValueError, match="lacks one of its marks"):
        page_with(page, "tables")
