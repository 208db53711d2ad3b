"""docs/partners.md tells of every kind of partner and every fault, as the program has them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from epjgate.model.partner import FaultKind, PartnerKind
from epjgate.partners.inbox import CHARACTERS, MESSAGES

Rows = list[dict[str, str]]


@pytest.mark.parametrize(("head", "words"), [("Kind", PartnerKind), ("Fault", FaultKind)])
def test_every_word_is_documented_and_no_other(
    head: str,
    words: type[PartnerKind | FaultKind],
    document: Callable[[str], str],
    table: Callable[[str, str], Rows],
) -> None:
    """The table has one row a word, in their order."""
    rows = table(document("docs/partners.md"), head)
    assert [row[head] for row in rows] == [f"`{word}`" for word in words]


def test_the_bound_is_the_one_that_is_kept(document: Callable[[str], str]) -> None:
    """How much a partner keeps."""
    assert f"{MESSAGES:,} messages and {CHARACTERS // 1024**2} Mi characters" in document("docs/partners.md")


def test_every_code_of_the_register_is_documented(
    document: Callable[[str], str], table: Callable[[str, str], Rows]
) -> None:
    """The codes are those in the register's rules."""
    told = set(re.findall(r'_Mistake\("([^"]+)"', document("src/epjgate/partners/lpr3.py"))) - {"REFUSED"}
    assert {row["Code"].strip("`") for row in table(document("docs/partners.md"), "Code")} == told
