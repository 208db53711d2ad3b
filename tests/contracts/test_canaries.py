"""Canaries: what a check must do before it is believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from epjgate.contracts.canaries import canary_of, try_checks
from epjgate.contracts.rules import RuleBook, load_rules
from epjgate.errors import UsageError

CONTRACTS = Path(__file__).parents[2] / "contracts"
Write = Callable[..., None]
CLOSED = {"door": {"closed": True, "hinges": ["upper", "lower"], "height": 2.10}}
OPEN = {"op": "replace", "path": "/door/closed", "value": False}


def closed(document: Any) -> Iterator[str]:
    """Yield that the door stands open."""
    if not document["door"]["closed"]:
        yield "door: it stands open"


def blind(document: Any) -> Iterator[str]:  # noqa: ARG001 - that it looks at nothing is its fault
    """See nothing."""
    yield from ()


def strict(document: Any) -> Iterator[str]:
    """Object to everything."""
    yield f"{document} will not do"


def test_a_check_that_knows_good_from_bad_is_believed(contracts: Path, book: RuleBook, canary: Write) -> None:
    """It is tried, and fit."""
    canary("door-closed", CLOSED, OPEN)
    canaries = try_checks(contracts, book, {"door-closed": closed})
    assert (canaries.tried, canaries.unfit) == (("door-closed",), {})


@pytest.mark.parametrize(("check", "why"), [(blind, "lets its known-bad"), (strict, "objects to its known-good")])
def test_a_check_that_does_not_is_unfit(
    contracts: Path, book: RuleBook, canary: Write, check: Callable[[Any], Iterator[str]], why: str
) -> None:
    """One that sees nothing is as useless as one that objects to everything."""
    canary("door-closed", CLOSED, OPEN)
    canaries = try_checks(contracts, book, {"door-closed": check})
    assert why in canaries.unfit["door-closed"]


def test_a_check_without_a_canary_is_unfit(contracts: Path, book: RuleBook) -> None:
    """What was never tried is not believed."""
    canaries = try_checks(contracts, book, {"door-closed": closed, "door-blue": closed})
    assert "no canary" in canaries.unfit["door-closed"]
    assert "there is no rule" in canaries.unfit["door-blue"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"op": "replace", "path": "/door/closed", "value": True}, "changes nothing"),
        ({"op": "replace", "path": "/door/colour", "value": "green"}, "colour"),
        ({"op": "remove", "path": "/door/hinges/7"}, "IndexError"),
        ({"op": "paint", "path": "/door/closed"}, "paint"),
        ({"path": "/door/closed"}, "KeyError"),
    ],
)
def test_a_recipe_that_makes_no_bad_document_is_refused(
    contracts: Path, canary: Write, change: dict[str, Any], why: str
) -> None:
    """A canary that sings for nothing would make any check look honest."""
    canary("door-closed", CLOSED, change)
    with pytest.raises(UsageError, match=why):
        canary_of(contracts / "door", "door-closed")


@pytest.mark.parametrize(
    ("change", "hinges"),
    [
        ({"op": "add", "path": "/door/hinges/-", "value": "third"}, ["upper", "lower", "third"]),
        ({"op": "add", "path": "/door/hinges/0", "value": "third"}, ["third", "upper", "lower"]),
        ({"op": "remove", "path": "/door/hinges/0"}, ["lower"]),
        ({"op": "replace", "path": "/door/hinges/1", "value": "bent"}, ["upper", "bent"]),
    ],
)
def test_lists_are_changed_where_the_path_says(
    contracts: Path, canary: Write, change: dict[str, Any], hinges: list[str]
) -> None:
    """RFC 6902: a number is a place, a hyphen the end."""
    canary("door-closed", CLOSED, change)
    _good, bad = canary_of(contracts / "door", "door-closed")
    assert bad["door"]["hinges"] == hinges


def test_numbers_keep_their_digits(contracts: Path, canary: Write) -> None:
    """A check may care about 2.10 and 2.1."""
    canary("door-closed", CLOSED, OPEN)
    good, _bad = canary_of(contracts / "door", "door-closed")
    assert good["door"]["height"] == Decimal("2.1")
    assert isinstance(good["door"]["height"], Decimal)


def test_other_texts_are_changed_by_words(contracts: Path, canary: Write) -> None:
    """An HL7 v2 message keeps its lone CRs; what is to be replaced must be there."""
    canary("door-closed", "MSH|a\rPID|b\r", {"replace": "PID|b", "by": "PID|"})
    assert canary_of(contracts / "door", "door-closed") == ("MSH|a\rPID|b\r", "MSH|a\rPID|\r")
    canary("door-closed", "MSH|a\r", {"replace": "PID", "by": "PV1"})
    with pytest.raises(UsageError, match="'PID' is not in"):
        canary_of(contracts / "door", "door-closed")


def test_every_check_of_this_repository_is_fit() -> None:
    """Each tells its known-good document from its known-bad one."""
    canaries = try_checks(CONTRACTS, load_rules(CONTRACTS))
    assert canaries.unfit == {}
