"""The exit codes are an interface: they never move."""

from __future__ import annotations

import pytest

from epjgate.cli.exit_codes import ExitCode, exit_code_of
from epjgate.model.verdict import Blame, Decision


def test_the_numbers_are_the_documented_ones() -> None:
    """Pipelines rely on them."""
    assert {code.name: int(code) for code in ExitCode} == {
        "APPROVED": 0,
        "CRASHED": 1,
        "USAGE": 2,
        "NOTHING_TESTED": 3,
        "ENVIRONMENT": 4,
        "HARNESS": 5,
        "REJECTED": 10,
        "INTERRUPTED": 130,
    }


@pytest.mark.parametrize("blame", Blame)
def test_every_blame_has_its_code_and_only_an_approval_is_zero(blame: Blame) -> None:
    """None is left out, and no two blames share a code."""
    code = exit_code_of(blame)
    assert (code == 0) is (blame.decision is Decision.APPROVED)
    assert (code == ExitCode.REJECTED) is (blame.decision is Decision.REJECTED)
    assert [one for one in Blame if exit_code_of(one) == code] == [blame]
