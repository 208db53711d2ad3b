"""What the steps of a runbook are called: no two alike, so that nobody ticks the wrong one."""

from __future__ import annotations

import pytest

from epjgate.reports.runbook_steps import STEPS


@pytest.mark.parametrize("column", [0, 1])
def test_no_two_steps_are_called_the_same(column: int) -> None:
    """In either language."""
    names = [text[column] for text in STEPS.values()]
    assert len(set(names)) == len(names)
