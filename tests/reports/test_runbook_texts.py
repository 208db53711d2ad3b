"""The texts of a runbook: whole in both languages."""

from __future__ import annotations

import string

import pytest

from epjgate.model.cutover import Caution, Reason
from epjgate.model.rehearsal import StepKind
from epjgate.reports.runbook_remarks import CAUTIONS, REASONS
from epjgate.reports.runbook_steps import LOOK, STEPS
from epjgate.reports.runbook_texts import BEFORE, REOPEN, ROLES, TEXTS, Text

ALL: dict[str, Text] = {
    **TEXTS,
    **{f"reason.{key}": text for key, text in REASONS.items()},
    **{f"caution.{key}": text for key, text in CAUTIONS.items()},
    **{f"step.{key}": text for key, text in STEPS.items()},
    **{f"look.{key}": text for key, text in LOOK.items()},
}


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", ALL)
def test_both_languages_leave_the_same_places_for_figures(key: str) -> None:
    """What one language tells, the other tells too."""
    english, danish = ALL[key]
    assert places(english) == places(danish)
    assert english.strip()
    assert danish.strip()


def test_nothing_that_may_come_up_lacks_its_words() -> None:
    """Every reason, caution and step, and every line to tick or fill in."""
    assert set(REASONS) == set(Reason)
    assert set(CAUTIONS) == set(Caution)
    assert set(STEPS) == set(LOOK) == set(StepKind)
    lists = {"role": ROLES, "before": BEFORE, "reopen": REOPEN}
    for group, keys in lists.items():
        assert {key for key in TEXTS if key.startswith(f"{group}.")} == {f"{group}.{key}" for key in keys}
