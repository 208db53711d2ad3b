"""Hypothesis is seeded by the run where a test uses it, and left alone where none does."""

from __future__ import annotations

import pytest
from tests.plugin.conftest import Inner

GENERATED = """
from hypothesis import given, settings, strategies as st

@settings(database=None, max_examples=5)
@given(st.integers(0, 10**9))
def test_generated(number):
    print("generated", number)
    assert number >= 0
"""
ATTEMPTED = """
from hypothesis import given, settings, strategies as st

def test_generated():
    numbers = []

    @settings(database=None, max_examples=5)
    @given(st.integers(0, 10**9))
    def generate(number):
        numbers.append(number)

    generate()
    print("generated", numbers)
    assert numbers
"""
PLAIN = """
import sys

def test_plain():
    assert "hypothesis" not in sys.modules
"""


def generated(result: pytest.RunResult) -> list[str]:
    """Return the lines that name generated numbers."""
    result.assert_outcomes(passed=1)
    return [line for line in result.outlines if line.startswith("generated ")]


def test_the_same_run_generates_the_same(inner: Inner) -> None:
    """What is generated follows from the seed of the target; Hypothesis's own option overrules it."""
    first, again = (generated(inner.run(GENERATED, "-s")) for _ in range(2))
    assert first == again != []
    assert generated(inner.run(GENERATED, "-s", "--hypothesis-seed=8")) != first


def test_every_attempt_generates_its_own(inner: Inner) -> None:
    """A fault that only some examples show is flaky in sight; the first attempt is what a run of one attempt meets."""
    (once,) = numbers(inner.run(ATTEMPTED, "-s"))
    first, second, third = numbers(inner.run(ATTEMPTED, "-s", "--epj-times=3"))
    assert first == once
    assert len({first, second, third}) == 3
    same = numbers(inner.run(ATTEMPTED, "-s", "--epj-times=3", "--hypothesis-seed=8"))
    assert len(set(same)) == 1


def numbers(result: pytest.RunResult) -> list[str]:
    """Return the numbers of each attempt."""
    return [line.partition("generated ")[2] for line in result.outlines if "generated " in line]


def test_who_does_not_use_it_does_not_wait_for_it(inner: Inner) -> None:
    """Without a test that uses it Hypothesis is never imported."""
    inner.run(PLAIN).assert_outcomes(passed=1)
