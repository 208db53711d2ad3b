"""docs/contract-differences.md says what the program does."""

from __future__ import annotations

from collections.abc import Callable

from epjgate.contracts.diff import RULES
from epjgate.model.approved_change import ApprovedChange, ApprovedChanges
from epjgate.model.contract_change import Grade
from epjgate.model.parsing import parse_toml
from epjgate.model.surface import PARTS

Rows = list[dict[str, str]]
DOCUMENT = "docs/contract-differences.md"


def test_every_part_of_a_surface_is_documented(
    document: Callable[[str], str], table: Callable[[str, str], Rows]
) -> None:
    """With where it is taken from, and where it is absent."""
    assert [row["Part"].strip("`") for row in table(document(DOCUMENT), "Part")] == list(PARTS)


def test_every_key_of_an_approval_is_documented_and_needed(
    document: Callable[[str], str], table: Callable[[str, str], Rows]
) -> None:
    """The rows are the keys, in their order, and the document says that only `to` may be left out."""
    assert [row["Key"].strip("`") for row in table(document(DOCUMENT), "Key")] == list(ApprovedChange.model_fields)
    assert [name for name, field in ApprovedChange.model_fields.items() if not field.is_required()] == ["to"]
    assert "All keys but `to` are needed" in document(DOCUMENT)


def test_the_examples_are_approvals(document: Callable[[str], str], block: Callable[[str, str], str]) -> None:
    """They are read without a mistake, and their keys are such as rules of today give; one is bound to a value."""
    first, second = parse_toml(block(document(DOCUMENT), "toml approved"), DOCUMENT, ApprovedChanges).approved
    assert first.is_about("reference_epj", "1.0.8", "1.2.30")
    assert (first.to, second.to) == ("", "100")
    for one in (first, second):
        assert RULES[one.change.rpartition(":")[2]].grade is Grade.BREAKING


def test_every_grade_is_told(document: Callable[[str], str]) -> None:
    """Each is explained under its name."""
    assert all(f"`{grade.value}`:" in document(DOCUMENT) for grade in Grade)
