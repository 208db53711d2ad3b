"""The exit codes in the documents are those of the program."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from epjgate.cli.exit_codes import ExitCode, exit_code_of
from epjgate.model.verdict import Blame

Rows = list[dict[str, str]]


@pytest.mark.parametrize("name", ["README.md", "docs/exit-codes.md"])
def test_every_code_is_documented_and_no_other(
    name: str, document: Callable[[str], str], table: Callable[[str, str], Rows]
) -> None:
    """The table has one row a code, in their order."""
    assert [int(row["Code"]) for row in table(document(name), "Code")] == list(ExitCode)


def test_every_code_has_its_name(document: Callable[[str], str], table: Callable[[str, str], Rows]) -> None:
    """The names beside the codes are those of the program."""
    rows = table(document("docs/exit-codes.md"), "Code")
    assert {int(row["Code"]): row["Name"].strip("`") for row in rows} == {code: code.name for code in ExitCode}


def test_the_verdict_beside_a_code_is_the_one_it_comes_from(
    document: Callable[[str], str], table: Callable[[str, str], Rows]
) -> None:
    """Where a verdict leads to a code, the table names that verdict; where none does, it says that none was reached."""
    decisions = {int(exit_code_of(blame)): blame.decision.value for blame in Blame}
    for row in table(document("README.md"), "Code"):
        expected = decisions.get(int(row["Code"]), "none was reached")
        assert row["Verdict"].split(",")[0] == expected, row
