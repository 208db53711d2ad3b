"""What tells one run of a test from another."""

from __future__ import annotations

import pytest

from epjgate.plugin.occasions import OCCASION, own_name


def test_a_run_is_called_by_its_test_and_its_occasion(request: pytest.FixtureRequest) -> None:
    """Where there is but one run, by the test alone: seeds of ordinary runs do not change."""
    item = request.node
    assert own_name(item) == item.nodeid
    item.stash[OCCASION] = "mutant 3"
    assert own_name(item) == f"{item.nodeid} [mutant 3]"
