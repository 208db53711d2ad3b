"""Which mutants are tried, and which tests they meet."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from tests.sensing.conftest import mutant

from epjgate.model.mutant import Mutant, Operator
from epjgate.model.outcome import Outcome
from epjgate.sensing.ledger import Sighting
from epjgate.sensing.sampling import chosen, ranked, seen_by

LARGE = [mutant(Operator.DROP, f"field{number}", "Patient") for number in range(100)]
SMALL = [mutant(Operator.DROP, f"field{number}", "Medication") for number in range(4)]


def sighting(test: str, *mutants: Mutant, suite: str = "clinic", duration_s: float = 0.1) -> Sighting:
    return Sighting(test=test, suite=suite, outcome=Outcome.PASSED, duration_s=duration_s, mutants=mutants)


@given(st.integers(0, 2**32 - 1), st.randoms())
def test_the_same_seed_gives_the_same_sample(seed: int, shuffled: Random) -> None:
    """In whatever order the places were seen."""
    mutants = LARGE + SMALL
    shuffled.shuffle(mutants)
    assert ranked(mutants, seed) == ranked(LARGE + SMALL, seed)
    assert set(ranked(mutants, seed)) == set(mutants)


def test_another_seed_gives_another_sample() -> None:
    """So that in time every place is tried."""
    assert ranked(LARGE, 1)[:10] != ranked(LARGE, 2)[:10]


@given(st.integers(0, 2**32 - 1), st.integers(8, 100))
def test_every_beginning_is_a_fair_sample(seed: int, budget: int) -> None:
    """A subject with few places is not forgotten beside one with many, and has no more than its root of a share."""
    counted = Counter(one.place.subject for one in ranked(LARGE + SMALL, seed)[:budget])
    assert counted["Medication"] >= 1
    assert abs(counted["Medication"] - min(4, budget * 2 / 12)) <= 1


def test_the_test_that_is_about_a_place_meets_it_first() -> None:
    """Unless it takes long; further variants of a test come when every test has had its turn."""
    one, other = mutant(Operator.DROP, "name"), mutant(Operator.DROP, "name", "Patient")
    tests = seen_by(
        [
            sighting("a::all", one, other),
            sighting("a::about[2]", one, duration_s=0.2),
            sighting("a::about[1]", one),
            sighting("a::slow", one, duration_s=3.0),
        ],
        lambda _: frozenset(),
    )
    assert [test.test for test in tests[one]] == ["a::about[1]", "a::all", "a::slow", "a::about[2]"]
    assert [test.test for test in tests[other]] == ["a::all"]


def test_tests_that_speak_of_the_place_come_by_turns_with_cheap_ones() -> None:
    """Each variant by its own words; a second one that says the same counts for half."""
    one = mutant(Operator.DROP, "referenceRange.low", "Observation")
    words = {
        "a::cheap": "name",
        "b::rule[id]": "id",
        "b::rule[low-1]": "low",
        "b::rule[low-2]": "low",
        "c::other": "observation",
    }
    tests = [sighting(test, one, duration_s=0.1 if test == "a::cheap" else 2) for test in words]
    order = seen_by(tests, lambda test: frozenset({words[test]}))[one]
    assert [test.test for test in order] == ["c::other", "a::cheap", "b::rule[low-1]", "b::rule[id]", "b::rule[low-2]"]


def test_each_suite_has_its_share_of_tests() -> None:
    """A large suite leaves room for a small one."""
    tests = [sighting(f"a::{number}") for number in range(5)] + [sighting("b::0", suite="incidents")]
    assert chosen(tests, 2) == {"clinic": ("a::0", "a::1"), "incidents": ("b::0",)}


def test_tests_that_take_long_are_fewer_and_never_none() -> None:
    """One that takes as long as many short ones stands for them."""
    tests = [sighting(f"a::{number}", duration_s=1.0) for number in range(5)]
    assert chosen(tests, 12) == {"clinic": ("a::0", "a::1", "a::2")}
    assert chosen([sighting("a::0", duration_s=60.0)], 12) == {"clinic": ("a::0",)}
