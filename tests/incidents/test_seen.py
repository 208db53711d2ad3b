"""What the evidence of one build shows of one incident."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.incident_fixtures import FOLDER
from tests.incidents.conftest import BROKE, SEEN

from epjgate.incidents.record import Record
from epjgate.incidents.seen import (
    TroubleKind,
    base_of,
    red_of,
    refused_green,
    refused_reason,
    trouble_of,
)
from epjgate.model.events import (
    EvidenceLost,
    Interrupted,
    SuitesBroke,
    TestsCollected,
)
from epjgate.model.outcome import Outcome

if TYPE_CHECKING:
    from tests.incidents.conftest import MakeSeen, MakeTests

OTHER = "0000000000000000"


def test_red_with_one_fingerprint_in_every_attempt(record: Record, make_tests: MakeTests, make_seen: MakeSeen) -> None:
    """One test may pass where another one shows the fault."""
    seen = make_seen(*make_tests(Outcome.FAILED), *make_tests(name="test_other"))
    red = red_of(record, seen, 3)
    assert (red.refused, red.fingerprints, red.message) == ((), (SEEN,), "the desk says yes")
    assert refused_reason(record, red) == ""


def test_green_in_every_attempt(record: Record, make_tests: MakeTests, make_seen: MakeSeen) -> None:
    """Every test passed, having asked and checked something."""
    assert refused_green(record, make_seen(*make_tests()), 3) == ()


def test_a_red_for_another_reason_is_not_the_recorded_one(
    record: Record, make_tests: MakeTests, make_seen: MakeSeen
) -> None:
    """What was expected, what was seen, and what it said."""
    red = red_of(record, make_seen(*make_tests(Outcome.FAILED, fingerprint=OTHER, message="no door")), 3)
    assert red.refused == ()
    reason = refused_reason(record, red)
    assert SEEN in reason
    assert OTHER in reason
    assert "'no door'" in reason
    both = make_seen(*make_tests(Outcome.FAILED), *make_tests(Outcome.FAILED, name="test_other", fingerprint=OTHER))
    assert "another reason" in refused_reason(record, red_of(record, both, 3))


@pytest.mark.parametrize(
    ("given_", "told"),
    [
        ({"exchanges": 0}, "without asking the build anything"),
        ({"exchanges": 0, "message": "not written yet"}, "its test is not written yet"),
        ({"fingerprint": ""}, "without a fingerprint"),
        (
            {"kind": "CandidateFault"},
            "fails by CandidateFault at test_no_such_door.py:1, not by an assertion of its own",
        ),
        ({"kind": "ExceptionGroup"}, "fails by ExceptionGroup at"),
        ({"location": "conftest.py:7"}, "fails by AssertionError at conftest.py:7, not by an assertion of its own"),
    ],
)
def test_a_failure_that_shows_nothing_is_not_red(
    record: Record, make_tests: MakeTests, make_seen: MakeSeen, given_: dict[str, Any], told: str
) -> None:
    """A test that fails by itself says nothing of the build."""
    (reason,) = red_of(record, make_seen(*make_tests(Outcome.FAILED, **given_)), 3).refused
    assert told in reason


def test_a_fingerprint_that_changes_asks_for_a_message(
    record: Record, make_tests: MakeTests, make_seen: MakeSeen
) -> None:
    """What cannot be recognised cannot be recorded."""
    first, second, _ = make_tests(Outcome.FAILED)
    (*_, third) = make_tests(Outcome.FAILED, fingerprint=OTHER)
    (reason,) = red_of(record, make_seen(first, second, third), 3).refused
    assert "no stable fingerprint" in reason
    assert "give the assertion a message" in reason


def test_tests_that_all_pass_do_not_see_the_fault(record: Record, make_tests: MakeTests, make_seen: MakeSeen) -> None:
    """Green on the known-bad build is the very thing a proof is to exclude."""
    (reason,) = red_of(record, make_seen(*make_tests()), 3).refused
    assert "do not see the fault" in reason


@pytest.mark.parametrize("given_", [{"assertions": 0}, {"exchanges": 0}])
def test_a_pass_that_shows_nothing_is_not_green(
    record: Record, make_tests: MakeTests, make_seen: MakeSeen, given_: dict[str, int]
) -> None:
    """It would pass on any build."""
    (reason,) = refused_green(record, make_seen(*make_tests(**given_)), 3)
    assert "test_door passes without" in reason


def test_red_on_the_fixed_build_is_told(record: Record, make_tests: MakeTests, make_seen: MakeSeen) -> None:
    """Once, with what it said."""
    assert refused_green(record, make_seen(*make_tests(Outcome.FAILED)), 3) == ("test_door is red: the desk says yes",)


@pytest.mark.parametrize("outcome", [one for one in Outcome if one not in (Outcome.PASSED, Outcome.FAILED)])
def test_an_end_that_does_not_judge_the_build_is_neither(
    record: Record, make_tests: MakeTests, make_seen: MakeSeen, outcome: Outcome
) -> None:
    """Broken, unanswered, left out: not red and not green, even beside tests that are."""
    seen = make_seen(*make_tests(Outcome.FAILED), *make_tests(outcome, name="test_other", message="import error"))
    for reasons in (red_of(record, seen, 3).refused, refused_green(record, seen, 3)):
        assert len(reasons) == 1
        assert reasons[0].startswith("test_other ")
        assert reasons[0].endswith(": import error")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # the record is only read
@given(outcomes=st.lists(st.sampled_from([Outcome.PASSED, Outcome.FAILED]), min_size=3, max_size=6))
def test_attempts_that_differ_are_flaky(
    record: Record, make_tests: MakeTests, make_seen: MakeSeen, outcomes: list[Outcome]
) -> None:
    """Red only if all attempts failed, green only if all passed; anything mixed is refused as flaky."""
    times = len(outcomes)
    tests = [make_tests(outcome, times=times)[number] for number, outcome in enumerate(outcomes)]
    red, green = red_of(record, make_seen(*tests), times), refused_green(record, make_seen(*tests), times)
    assert (red.refused == ()) is (set(outcomes) == {Outcome.FAILED})
    assert (green == ()) is (set(outcomes) == {Outcome.PASSED})
    mixed = len(set(outcomes)) == 2
    assert any("flaky" in reason for reason in red.refused) is mixed
    assert any("flaky" in reason for reason in green) is mixed


def test_an_attempt_that_is_missing_is_seen(record: Record, make_tests: MakeTests, make_seen: MakeSeen) -> None:
    """Two attempts are not three."""
    seen = make_seen(*make_tests(Outcome.FAILED, times=2))
    assert red_of(record, seen, 3).refused == ("test_door ran 2 times and not 3",)


def test_a_test_that_cannot_be_read_is_told_with_why(record: Record, make_seen: MakeSeen) -> None:
    """An import error is no red; the error of another incident's test is not this one's."""
    errors = (f"incidents/{FOLDER}/test_no_such_door.py: ImportError: no module", "incidents/INC-0002_x/t.py: E")
    seen = make_seen(collected=(TestsCollected(tests={}, errors=errors),))
    assert red_of(record, seen, 3).refused == ("its test cannot be read: test_no_such_door.py: ImportError: no module",)
    assert red_of(record, make_seen(), 3).refused == ("it has no test",)


@pytest.mark.parametrize(
    ("given_", "kind", "told"),
    [
        ({"interrupted": Interrupted(signal="SIGINT"), "broke": BROKE}, TroubleKind.INTERRUPTED, "SIGINT"),
        ({"broke": BROKE, "flaws": ("cut",)}, TroubleKind.ENVIRONMENT, "the engine is down: no socket"),
        ({"flaws": ("the journal is cut",)}, TroubleKind.HARNESS, "the journal is cut"),
        ({"lost": (EvidenceLost(why="disk full"),)}, TroubleKind.HARNESS, "disk full"),
        ({"suites_broke": (SuitesBroke(problem="died", why="oom"),)}, TroubleKind.HARNESS, "died: oom"),
        ({"ready": None}, TroubleKind.HARNESS, "did not come to its end"),
        ({"checked": None}, TroubleKind.HARNESS, "did not come to its end"),
        ({"suites_finished": None}, TroubleKind.HARNESS, "did not come to its end"),
    ],
)
def test_a_run_that_cannot_be_relied_on_is_trouble(
    make_tests: MakeTests, make_seen: MakeSeen, given_: dict[str, Any], kind: TroubleKind, told: str
) -> None:
    """Whose trouble it is, and what it was."""
    trouble = trouble_of(make_seen(*make_tests(Outcome.FAILED), **given_))
    assert trouble is not None
    assert trouble.kind is kind
    assert told in trouble.why


def test_a_whole_run_is_no_trouble(make_tests: MakeTests, make_seen: MakeSeen) -> None:
    """Failing tests are not trouble: they are what is looked for."""
    assert trouble_of(make_seen(*make_tests(Outcome.FAILED))) is None


@pytest.mark.parametrize(
    ("test", "base"),
    [
        ("t.py::test_a[attempt 2]", "t.py::test_a"),
        ("t.py::test_a[6h-attempt 2]", "t.py::test_a[6h]"),
        ("t.py::test_a", "t.py::test_a"),
        ("t.py::test_a[attempt 3]", "t.py::test_a[attempt 3]"),
    ],
)
def test_the_attempt_is_no_part_of_a_tests_name(make_tests: MakeTests, test: str, base: str) -> None:
    """With other parameters or without; a parameter that looks alike is left."""
    assert base_of(make_tests(test=test, attempt=2)[0]) == base
