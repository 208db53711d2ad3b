"""From evidence to a row: nothing becomes green that was not seen to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.incidents.conftest import NOW, SEEN

from epjgate.incidents.record import Record
from epjgate.incidents.rows import row_of
from epjgate.model.events import TestsCollected
from epjgate.model.evidence import Evidence
from epjgate.model.matrix import Row, SeenRed, Showing
from epjgate.model.outcome import Outcome

if TYPE_CHECKING:
    from tests.incidents.conftest import MakeSeen, MakeTests


def shown(record: Record, evidence: Evidence) -> Row:
    """Return the row of a build that left `evidence`."""
    return row_of((record,), evidence, "sha256:1", NOW)


def test_a_test_that_fails_with_a_fingerprint_is_red(
    record: Record, make_tests: MakeTests, make_seen: MakeSeen
) -> None:
    """With what it said, and where the source code came from."""
    row = shown(record, make_seen(*make_tests(Outcome.FAILED, times=1)))
    assert row == Row(
        source="sha256:1", at=NOW, red={"INC-0001": SeenRed(fingerprints=(SEEN,), message="the desk says yes")}
    )


def test_a_test_that_passes_is_green(record: Record, make_tests: MakeTests, make_seen: MakeSeen) -> None:
    """Having asked and checked something."""
    assert shown(record, make_seen(*make_tests(times=1))).showings == {"INC-0001": Showing.GREEN}


def test_a_test_that_lacks_a_capability_is_not_applicable(
    record: Record, make_tests: MakeTests, make_seen: MakeSeen
) -> None:
    """That is said, and is no green."""
    tests = make_tests(Outcome.NOT_APPLICABLE, times=1, fault=None, reason="no theatre")
    assert shown(record, make_seen(*tests)).showings == {"INC-0001": Showing.NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"outcome": Outcome.BROKEN}, "broke before it judged the build"),
        ({"outcome": Outcome.UNFINISHED}, "did not come to an end"),
        ({"outcome": Outcome.UNREACHABLE}, "got no answer"),
        ({"outcome": Outcome.SKIPPED, "fault": None, "reason": "not today"}, "was skipped: not today"),
        ({"outcome": Outcome.PASSED, "assertions": 0}, "passes without checking anything"),
        ({"outcome": Outcome.PASSED, "exchanges": 0}, "without asking the build"),
        ({"outcome": Outcome.FAILED, "fingerprint": ""}, "fails without a fingerprint"),
        ({"outcome": Outcome.FAILED, "exchanges": 0}, "fails without asking the build anything"),
        ({"outcome": Outcome.PASSED, "times": 2}, "ran 2 times and not 1"),
    ],
)
def test_everything_else_is_unclear(
    record: Record, make_tests: MakeTests, make_seen: MakeSeen, given: dict[str, Any], why: str
) -> None:
    """With the reason: neither red, which would speak of the build, nor green, which would speak for it."""
    row = shown(record, make_seen(*make_tests(**{"times": 1} | given)))
    assert row.showings == {"INC-0001": Showing.UNCLEAR}
    assert why in "; ".join(row.unclear["INC-0001"])


def test_one_unclear_test_spoils_the_others(record: Record, make_tests: MakeTests, make_seen: MakeSeen) -> None:
    """An incident with two tests, one of which does not apply, is not green by the other."""
    absent = make_tests(Outcome.NOT_APPLICABLE, times=1, name="test_other", fault=None)
    assert shown(record, make_seen(*make_tests(times=1), *absent)).showings == {"INC-0001": Showing.UNCLEAR}


@pytest.mark.parametrize("outcome", [None, Outcome.NOT_APPLICABLE])
def test_a_test_that_cannot_be_read_is_unclear(
    record: Record, make_tests: MakeTests, make_seen: MakeSeen, outcome: Outcome | None
) -> None:
    """An import error is seen, and so is an incident without a test."""
    tests = make_tests(outcome, times=1, fault=None) if outcome else []
    unread = TestsCollected(tests={}, errors=(f"incidents/{record.folder.name}/test_b.py: ImportError",))
    assert shown(record, make_seen(*tests, collected=(unread,))).showings == {"INC-0001": Showing.UNCLEAR}
    assert shown(record, make_seen()).unclear == {"INC-0001": ("it has no test",)}
