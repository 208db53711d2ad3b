"""Tests of epjgate.reports.figures."""

from __future__ import annotations

import pytest

from epjgate.reports.figures import decimal, probability, seconds, whole
from epjgate.reports.words import Words

ENGLISH, DANISH = Words("en"), Words("da")


def test_separators_follow_the_language() -> None:
    """Thousands and decimals are written the other way round in Danish."""
    assert (decimal(1234.56, ENGLISH), decimal(1234.56, DANISH)) == ("1,234.6", "1.234,6")
    assert (whole(1_000_000, ENGLISH), whole(1_000_000, DANISH)) == ("1,000,000", "1.000.000")


@pytest.mark.parametrize(
    ("value", "text"), [(0.004, "0.00"), (9.994, "9.99"), (10, "10.0"), (99.94, "99.9"), (12_345, "12,345")]
)
def test_the_shorter_a_duration_the_finer(value: float, text: str) -> None:
    """Seconds are told with as many decimals as mean anything."""
    assert seconds(value, ENGLISH) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.94996, "0.949"), (0.95, "0.950"), (0.9999, "0.999"), (1, "1.000"), (0, "0.000")]
)
def test_a_probability_never_looks_surer_than_it_is(value: float, text: str) -> None:
    """It is rounded down."""
    assert probability(value, ENGLISH) == text
