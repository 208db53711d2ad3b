"""The page of contracts says what the code holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ci.contracts_page import BEGIN, END, PAGE, ROOT, page_with, tables


def test_the_page_is_up_to_date() -> None:
    """`python ci/contracts_page.py` would change nothing."""
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with(page, tables(ROOT))


def test_every_interface_has_a_table_and_every_rule_a_test(tmp_path: Path) -> None:
    """A rule that no suite pins has an empty last cell, and none of this repository has."""
    told = tables(ROOT)
    assert "| `fhir-update-new-version`" in told
    assert not [line for line in told.splitlines() if line.startswith("| `") and line.endswith("|  |")]
    shutil.copytree(ROOT / "contracts", tmp_path / "contracts", ignore=shutil.ignore_patterns("consumers.toml"))
    (tmp_path / "suites/contracts").mkdir(parents=True)
    alone = [line for line in tables(tmp_path).splitlines() if line.startswith("| `")]
    assert alone
    assert all(line.endswith("|  |") for line in alone)


@pytest.mark.parametrize("page", ["", BEGIN, END])
def test_a_page_without_marks_is_not_overwritten(page: str) -> None:
    """Whoever took them out is told."""
    with pytest.raises(ValueError, match="lacks one of its marks"):
        page_with(page, "tables")
