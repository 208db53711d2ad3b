"""What the remarks of a runbook say: each names its figures."""

from __future__ import annotations

import pytest

from epjgate.model.cutover import Caution, Reason
from epjgate.reports.runbook_remarks import CAUTIONS, REASONS


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (REASONS[Reason.MAY_NOT_FIT], ("{low_p}", "{least_p}")),
        (REASONS[Reason.ROLLBACK_MAY_NOT_FIT], ("{low_p}", "{least_p}")),
        (REASONS[Reason.WINDOW_SHORTER], ("{real_min}", "{planned_min}")),
        (CAUTIONS[Caution.CLOCKS_BACK], ("{until}", "{again}", "{real_min}", "CET", "CEST")),
        (CAUTIONS[Caution.LPR_LIST_MADE], ("{at}", "LPR3")),
    ],
)
def test_a_remark_names_what_it_rests_on(text: tuple[str, str], names: tuple[str, ...]) -> None:
    """In both languages."""
    assert all(name in told for told in text for name in names)
