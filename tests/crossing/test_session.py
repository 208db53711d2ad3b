"""A session that crosses an upgrade: what each part meets, what is recorded of it, and what becomes of the rest."""

from __future__ import annotations

import shutil
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from epjgate.model.events import SuitesFinished
from epjgate.suite_runner.handover import Part

if TYPE_CHECKING:
    from tests.crossing.conftest import Inner, Rehearsal

CROSSES = """
def said(desk):
    return desk.request("GET", "/").content.decode()

def test_there_and_back(epj, desk):
    '''What was before is after.'''
    first, kept = epj, said(desk)
    assert kept == "old"
    epj = yield
    assert said(desk) == "new"
    assert kept == "old"
    assert epj is not first
    epj = yield
    assert said(desk) == "old again"

def test_nothing_crosses(desk):
    assert said(desk) == "old"

def test_there(epj, desk):
    assert said(desk) == "old"
    epj = yield
    assert said(desk) == "new"
"""


def test_each_part_meets_its_release_in_its_turn(inner: Inner, rehearsal: Rehearsal) -> None:
    """All parts before the upgrade have ended when it is asked for, all after it when the rollback is."""
    status, output = inner.run(CROSSES, rehearsal=rehearsal)
    assert status == 0, output
    before = ["test_there_and_back[before]", "test_nothing_crosses", "test_there[before]"]
    after = ["test_there_and_back[after]", "test_there[after]"]
    assert inner.order() == [*before, *after, "test_there_and_back[back]"]
    names = {part: [test.rpartition("::")[2] for test in ended] for part, ended in rehearsal.asked}
    assert names == {Part.AFTER: before, Part.BACK: [*before, *after]}


def test_each_part_is_recorded_as_a_test_of_its_own(inner: Inner, rehearsal: Rehearsal) -> None:
    """With its own assertions and exchanges, so that a part that checks nothing is seen as one."""
    inner.run(CROSSES, rehearsal=rehearsal)
    ends = inner.ends()
    assert {name: (end.outcome, end.assertions, end.exchanges) for name, end in ends.items()} == {
        "test_there_and_back[before]": ("passed", 1, 1),
        "test_there_and_back[after]": ("passed", 3, 1),
        "test_there_and_back[back]": ("passed", 1, 1),
        "test_nothing_crosses": ("passed", 1, 1),
        "test_there[before]": ("passed", 1, 1),
        "test_there[after]": ("passed", 1, 1),
    }
    assert {end.title for name, end in ends.items() if "back" in name} == {"What was before is after."}
    assert {end.suite for end in ends.values()} == {"suite"}


def test_a_part_that_checks_nothing_shows_nothing(inner: Inner, rehearsal: Rehearsal) -> None:
    """Reaching a yield is no assertion, and what another part asserted does not count here."""
    inner.run(
        "def test_idle(epj, desk):\n    assert desk.request('GET', '/').status == 200\n    yield\n", rehearsal=rehearsal
    )
    assert {name: (end.assertions, end.exchanges) for name, end in inner.ends().items()} == {
        "test_idle[before]": (1, 1),
        "test_idle[after]": (0, 0),
    }


FAILS = """
import pytest

@pytest.fixture
def falls_down(desk):
    yield
    raise OSError("no way back")

def test_fails_before(epj, desk):
    assert desk.request("GET", "/").status == 500
    epj = yield
    epj = yield

def test_fails_after(epj, desk):
    assert desk.request("GET", "/").status == 200
    epj = yield
    assert desk.request("GET", "/").status == 500
    epj = yield

def test_breaks_in_teardown(epj, falls_down):
    assert epj
    epj = yield
"""


def test_who_fails_once_is_blamed_once(inner: Inner, rehearsal: Rehearsal) -> None:
    """The part that did not pass says so, at the line of the suite; those after it were not tested, and say why."""
    inner.run(FAILS, rehearsal=rehearsal)
    ends = inner.ends()
    assert {name: (end.outcome, end.reason) for name, end in ends.items()} == {
        "test_fails_before[before]": ("failed", ""),
        "test_fails_before[after]": ("skipped", "its part on the release before the upgrade did not pass"),
        "test_fails_before[back]": ("skipped", "its part on the release before the upgrade did not pass"),
        "test_fails_after[before]": ("passed", ""),
        "test_fails_after[after]": ("failed", ""),
        "test_fails_after[back]": ("skipped", "its part on the candidate after the upgrade did not pass"),
        "test_breaks_in_teardown[before]": ("broken", ""),
        "test_breaks_in_teardown[after]": ("skipped", "its part on the release before the upgrade did not pass"),
    }
    faults = [ends[name].fault for name in ("test_fails_before[before]", "test_fails_after[after]")]
    assert [fault and fault.location for fault in faults] == ["test_suite.py:10", "test_suite.py:17"]


NOT_WHOLE = """
def test_ends_early(epj, desk):
    assert desk.request("GET", "/").status == 200
    if not desk:
        epj = yield

def test_goes_on(epj, desk):
    for _ in range(3):
        assert desk.request("GET", "/").status == 200
        epj = yield

def test_misses_the_way_back(epj, desk):
    assert desk.request("GET", "/").status == 200
    if desk:
        epj = yield
    else:
        epj = yield
"""


def test_a_test_that_is_not_whole_is_broken(inner: Inner, rehearsal: Rehearsal) -> None:
    """Neither fewer parts than the function's yields say, nor more, ever pass for the test."""
    inner.run(NOT_WHOLE, rehearsal=rehearsal)
    ends = inner.ends()
    assert {name: end.outcome for name, end in ends.items()} == {
        "test_ends_early[before]": "broken",
        "test_ends_early[after]": "skipped",
        "test_goes_on[before]": "passed",
        "test_goes_on[after]": "broken",
        "test_misses_the_way_back[before]": "passed",
        "test_misses_the_way_back[after]": "broken",
        "test_misses_the_way_back[back]": "skipped",
    }
    messages = [ends[name].fault for name in ("test_ends_early[before]", "test_goes_on[after]")]
    assert ["ended on the release before the upgrade" in str(one) for one in messages] == [True, False]
    assert ["yields more often than it says" in str(one) for one in messages] == [False, True]


def test_a_release_that_does_not_come_up_ends_the_rest(inner: Inner, rehearsal: Rehearsal) -> None:
    """The parts after it are not tested, with the rehearsal's reason; the rollback is not asked for."""
    rehearsal.refuses[Part.AFTER] = "the migration ended with 1"
    inner.run(CROSSES, rehearsal=rehearsal)
    ends = inner.ends()
    assert {name: end.outcome for name, end in ends.items() if end.outcome != "passed"} == {
        "test_there_and_back[after]": "skipped",
        "test_there_and_back[back]": "skipped",
        "test_there[after]": "skipped",
    }
    assert {end.reason for end in ends.values()} == {"", "the migration ended with 1"}
    assert [part for part, _ in rehearsal.asked] == [Part.AFTER]


HOLDS = """
from contextlib import contextmanager

@contextmanager
def held():
    try:
        yield
    finally:
        raise OSError("it is stuck")

def test_holds(epj, desk):
    assert desk.request("GET", "/").status == 200
    with held():
        epj = yield
"""


def test_a_test_that_cannot_go_on_leaves_what_it_held(inner: Inner, rehearsal: Rehearsal) -> None:
    """Its `with` blocks end; what goes wrong in that is told, and changes nothing else."""
    rehearsal.refuses[Part.AFTER] = "no release"
    inner.run(HOLDS, rehearsal=rehearsal)
    end = inner.ends()["test_holds[after]"]
    assert end.outcome == "skipped"
    assert end.reason == "no release (and its last words went wrong: OSError: it is stuck)"


SHORT_OF = """
import pytest
from epjgate.errors import CapabilityMissing

@pytest.mark.needs("surgery")
def test_needs(epj, desk):
    assert desk
    epj = yield

def test_finds_out(epj, desk):
    epj.requires("medication")
    epj = yield

@pytest.mark.declared_skip(reason="known", owner="the clinic")
def test_skipped(epj, desk):
    assert desk
    epj = yield
"""


def test_what_is_not_tested_before_is_not_tested_after_for_the_same_reason(inner: Inner, rehearsal: Rehearsal) -> None:
    """Not applicable, whether the marker says so or a word; a declared skip with its reason and owner."""
    inner.run(SHORT_OF, rehearsal=rehearsal)
    ends = inner.ends()
    for name, outcome in {"needs": "not_applicable", "finds_out": "not_applicable", "skipped": "skipped"}.items():
        before, after = ends[f"test_{name}[before]"], ends[f"test_{name}[after]"]
        assert (before.outcome, before.reason, before.owner) == (after.outcome, after.reason, after.owner)
        assert before.outcome == outcome
        assert before.reason != ""


PARAMETERS = """
import pytest

@pytest.mark.parametrize("door", ["front", "side"])
@pytest.mark.parametrize("key", [1, 2])
def test_door(epj, desk, door, key):
    kept = (door, key)
    assert desk.request("GET", "/").status == 200
    epj = yield
    assert desk.request("GET", "/").status == 200
    assert kept == (door, key)
    MET.append(kept)

MET = []

def test_all(epj, desk):
    assert desk.request("GET", "/").status == 200
    epj = yield
    epj = yield
    assert sorted(MET) == sorted(2 * [(door, key) for door in ("front", "side") for key in (1, 2)])
"""


def test_parameters_have_their_own_way_each(inner: Inner, rehearsal: Rehearsal) -> None:
    """Each set goes on with what it kept, once in every attempt."""
    status, output = inner.run(PARAMETERS, "--epj-times=2", rehearsal=rehearsal)
    assert status == 0, output
    ends = inner.ends()
    assert len(ends) == 8 * 2 + 2 * 3
    assert sorted({end.attempt for end in ends.values()}) == [1, 2]
    assert {end.outcome for end in ends.values()} == {"passed"}


def test_a_file_that_cannot_be_read_asks_for_nothing(inner: Inner, rehearsal: Rehearsal) -> None:
    """No upgrade is begun for tests that will not run."""
    status, _output = inner.run("import nothing_of_the_kind\n", rehearsal=rehearsal)
    assert status == 2
    assert rehearsal.asked == []


def test_without_a_part_the_rollback_is_asked_for_all_the_same(inner: Inner, rehearsal: Rehearsal) -> None:
    """A rehearsal waits for every part, whatever the tests."""
    inner.run("def test_stays(desk):\n    assert desk.request('GET', '/').status == 200\n", rehearsal=rehearsal)
    assert [part for part, _ in rehearsal.asked] == [Part.AFTER, Part.BACK]


def test_a_stop_at_the_first_failure_asks_for_nothing_more(inner: Inner, rehearsal: Rehearsal) -> None:
    """What pytest was told to stop at ends the session."""
    inner.run(FAILS, "-x", rehearsal=rehearsal)
    assert rehearsal.asked == []
    assert inner.order() == ["test_fails_before[before]"]


WAITS = """
import pathlib

def test_holds(epj, desk):
    assert desk.request("GET", "/").status == 200
    try:
        epj = yield
    finally:
        pathlib.Path({left!r}).touch()
"""


def test_an_interruption_ends_the_waiting(inner: Inner, tmp_path: Path) -> None:
    """At once, with the evidence closed, and the test leaves what it held."""
    folder = tmp_path / "handover"
    folder.mkdir()
    left = tmp_path / "left"
    with inner.start(WAITS.format(left=str(left)), f"--epj-handover={folder}") as process:
        while not (folder / "after.asked.json").exists():
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        process.communicate(timeout=30)
    assert time.monotonic() - began < 10
    assert process.returncode == 2
    assert left.exists()
    assert isinstance(inner.events[-1], SuitesFinished)
    assert list(inner.ends()) == ["test_holds[before]"]


def test_a_rehearsal_that_is_gone_ends_the_waiting(inner: Inner, tmp_path: Path) -> None:
    """Its folder went with it: what was to come after the upgrade was not tested, and the evidence says why."""
    folder = tmp_path / "handover"
    folder.mkdir()
    with inner.start(CROSSES, f"--epj-handover={folder}") as process:
        while not (folder / "after.asked.json").exists():
            assert process.poll() is None
            time.sleep(0.05)
        shutil.rmtree(folder)
        process.communicate(timeout=30)
    end = inner.ends()["test_there[after]"]
    assert (end.outcome, end.reason) == (
        "skipped",
        "the rehearsal ended before the candidate after the upgrade stood",
    )
    assert isinstance(inner.events[-1], SuitesFinished)
