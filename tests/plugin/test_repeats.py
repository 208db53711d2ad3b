"""Each test several times in one session."""

from __future__ import annotations

import pytest
from tests.plugin.conftest import Inner

SEVERAL = """
import pytest

SEEDS = set()

@pytest.mark.parametrize("door", ["front", "back"])
def test_door(desk, door, clinic_seed):
    assert desk.request("GET", f"/{door}").status == 200
    assert clinic_seed not in SEEDS
    SEEDS.add(clinic_seed)

def test_shut(desk):
    assert desk.request("GET", "/").status == 503, "the desk was open"
"""


def test_every_test_is_repeated_with_its_own_seed_and_the_same_fingerprint(inner: Inner) -> None:
    """Attempts are counted, have ids and patients of their own, and show the same fault under the same fingerprint."""
    inner.run(SEVERAL, "--epj-times=3")
    ends = inner.ends()
    assert {name: end.attempt for name, end in ends.items()} == {
        **{f"test_door[{door}-attempt {number}]": number for door in ("front", "back") for number in (1, 2, 3)},
        **{f"test_shut[attempt {number}]": number for number in (1, 2, 3)},
    }
    assert [end.outcome for name, end in ends.items() if "door" in name] == ["passed"] * 6
    faults = [end.fault for name, end in ends.items() if "shut" in name]
    assert len({fault.fingerprint for fault in faults if fault is not None}) == 1
    assert None not in faults


def test_a_fingerprint_is_the_same_however_often_the_test_runs(inner: Inner) -> None:
    """What is recorded by a session of three attempts is recognised in a session of one."""
    inner.run(SEVERAL, "--epj-times=2")
    twice = inner.ends()["test_shut[attempt 1]"].fault
    (inner.layout.journal).unlink()
    inner.run(SEVERAL)
    once = inner.ends()["test_shut"].fault
    assert twice is not None
    assert once is not None
    assert once.fingerprint == twice.fingerprint


def test_less_than_one_attempt_is_refused(inner: Inner) -> None:
    """Nothing run is nothing shown."""
    result = inner.run(SEVERAL, "--epj-times=0")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*a test is run at least once*"])
