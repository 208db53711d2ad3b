"""Assertions are counted one by one, those that hold and no others."""

from __future__ import annotations

from _pytest.assertion import util
from tests.plugin.conftest import Inner

from epjgate.model.outcome import Outcome
from epjgate.plugin.assertions import Tally, counted_by

MANY = '''
import pytest

class Explained:
    """Its comparison holds; explaining it would fail the test."""

    def __eq__(self, other): return True
    def __repr__(self): raise RuntimeError("somebody explains what holds")
    __hash__ = None

@pytest.fixture
def checked():
    assert 1 + 1 == 2
    yield
    assert True

def test_three(desk, checked):
    assert desk.request("GET", "/a").status == 200
    for number in range(2):
        assert number < 2, "with a message"

def test_none(desk):
    desk.request("GET", "/a")

def test_second_fails(desk):
    assert 1 == 1
    assert 1 == 2
    assert 1 == 1

def test_is_not_explained(desk):
    assert Explained() == 1
    assert Explained() in [Explained()]

def test_failure_is_explained(desk):
    assert desk.request("GET", "/a").status == 404
'''


def test_what_holds_is_counted(inner: Inner) -> None:
    """Set-up, call and teardown count, each test for itself; one that fails counts what held before it did."""
    inner.run(MANY)
    ends = inner.ends()
    assert (ends["test_three"].outcome, ends["test_three"].assertions) == (Outcome.PASSED, 5)
    assert (ends["test_none"].outcome, ends["test_none"].assertions) == (Outcome.PASSED, 0)
    assert (ends["test_second_fails"].outcome, ends["test_second_fails"].assertions) == (Outcome.FAILED, 1)


def test_only_what_fails_is_explained(inner: Inner) -> None:
    """Counting asks nothing of what was compared; an assertion that fails says as much as under plain pytest."""
    inner.run(MANY)
    ends = inner.ends()
    assert (ends["test_is_not_explained"].outcome, ends["test_is_not_explained"].assertions) == (Outcome.PASSED, 2)
    fault = ends["test_failure_is_explained"].fault
    assert fault is not None
    assert fault.message.startswith("assert 200 == 404")


def test_a_pytest_that_tells_without_asking_is_heard() -> None:
    """What is told counts as what is asked does, and pytest's own place is given back."""
    tally, before = Tally(), util._assertion_pass
    with counted_by(tally):
        assert util._assertion_pass is not None
        util._assertion_pass(1, "1 == 1", "1 == 1")
    assert tally.count == 1
    assert util._assertion_pass is before
