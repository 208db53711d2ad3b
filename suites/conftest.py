"""What every suite stands on: synthetic persons, each test with its own."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

import population
from epjgate.model.person import Person


@pytest.fixture
def person(clinic_seed: int) -> Person:
    """A synthetic person whom no other test of this run knows."""
    return population.person(clinic_seed, 0)


@pytest.fixture
def people(clinic_seed: int) -> Callable[[int], list[Person]]:
    """Call it with n for n more synthetic persons, none of them `person` and none given before."""
    index = count(1)
    return lambda n: [population.person(clinic_seed, next(index)) for _ in range(n)]
