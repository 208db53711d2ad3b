"""A receiver judges a CPR number by its date alone."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.partners.messages import CENTENARIAN, LEAP_DAY

from epjgate.model.person import Sex
from epjgate.partners.person_number import CPR, LOCAL_REPLACEMENT, NATIONAL_REPLACEMENT, read_number
from population import ReplacementKind, passes_mod_11, person, replacement_cpr
from population.cpr import REPLACEMENTS


@given(st.integers(0, 10_000))
def test_every_synthetic_person_is_accepted(index: int) -> None:
    """Numbers that fail mod 11 are valid, and tell birth date and sex."""
    someone = person(3, index)
    holder = read_number(someone.cpr)
    assert not passes_mod_11(someone.cpr)
    assert (holder.system, holder.birth_date, holder.sex) == (CPR, someone.birth_date, someone.sex)


@pytest.mark.parametrize(
    ("number", "born"), [(CENTENARIAN, date(1899, 12, 31)), (LEAP_DAY, date(2000, 2, 29))], ids=["1899", "leap day"]
)
def test_the_seventh_digit_tells_the_century(number: str, born: date) -> None:
    """A number of the 1800s, and 29 February of the year that has one, are what they say."""
    assert read_number(number).birth_date == born


@given(
    st.dates(date(1900, 1, 1), date(2024, 12, 31)),
    st.sampled_from(Sex),
    st.integers(0, REPLACEMENTS - 1),
    st.sampled_from(ReplacementKind),
)
def test_replacement_numbers_are_accepted(born: date, sex: Sex, number: int, kind: ReplacementKind) -> None:
    """National and local replacement numbers tell birth date and sex as well, and which system they belong to."""
    holder = read_number(replacement_cpr(born, sex, number, kind=kind))
    assert (holder.birth_date, holder.sex) == (born, sex)
    system = NATIONAL_REPLACEMENT if kind is ReplacementKind.NATIONAL else LOCAL_REPLACEMENT
    assert holder.system == system


@pytest.mark.parametrize(
    "number",
    ["", "310248200", "31024820022", "3102482002", "2902010002", "0113482002", "170548-2002", "1705489AB2",
     "1705480ab2", "\uff11705482002"],
)  # fmt: skip
def test_what_cannot_exist_is_refused(number: str) -> None:
    """Wrong length, a day that never was, a century without a letter, small letters, other digits than 0 to 9."""
    with pytest.raises(ValueError, match="number") as refusal:
        read_number(number)
    assert not number or number not in str(refusal.value)
