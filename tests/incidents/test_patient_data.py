"""Numbers in a record that could be somebody's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import population
from epjgate.incidents.patient_data import is_possible_person, possible_persons
from epjgate.incidents.record import read_record

if TYPE_CHECKING:
    from tests.incidents.conftest import Suites

REAL_SHAPE = "0702614082"  # passes mod 11; made by arithmetic, of nobody known


def test_a_number_that_could_be_a_persons_is_found_wherever_it_stands(suites: Suites) -> None:
    """In the record, the test and the recipe, with a hyphen or without; what is told does not repeat it."""
    folder = suites.record(story=f"## Cause\n\nPatient {REAL_SHAPE[:6]}-{REAL_SHAPE[6:]} had two cards.\n")
    suites.write(f"incidents/{folder.name}/fault.toml", f'about = "{REAL_SHAPE}"\n')
    found = possible_persons(read_record(folder))
    assert found == ("fault.toml: 070261-....", "incident.md: 070261-....")


@given(seed=st.integers(0, 2**32 - 1), index=st.integers(0, 5))
def test_numbers_of_the_population_may_stand_anywhere(seed: int, index: int) -> None:
    """What fixtures/population makes can belong to nobody."""
    assert not is_possible_person(population.person(seed, index).cpr)


@pytest.mark.parametrize(
    ("number", "possible"),
    [
        (REAL_SHAPE, True),
        ("0101900000", True),  # of 1 January, where numbers that fail mod 11 were given
        ("3102610000", False),  # 31 February
        ("6702614082", False),  # a test number: day of birth plus 60
        ("0702614083", False),  # fails mod 11
        ("0702610AB2", False),  # a replacement number
        ("2902041230", False),
    ],
)
def test_which_numbers_could_be_a_persons(number: str, *, possible: bool) -> None:
    """A day that exists, and mod 11 or 1 January."""
    assert is_possible_person(number) is possible
