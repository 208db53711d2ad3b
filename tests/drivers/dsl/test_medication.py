"""The values of the capability `medication`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.drivers.dsl.medication import Drug, OrderRef, Prescription

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
WEEKLY = Prescription(
    drug=Drug("L04AX03", "Methotrexat"),
    strength_mg=Decimal("2.5"),
    dose=Decimal(3),
    dose_unit="{tablet}",
    interval=timedelta(weeks=1),
    start=AT,
    text="3 tabletter én gang om ugen",
)


@given(strength=st.decimals("0.001", 5000, places=3), count=st.integers(1, 100))
def test_the_dose_is_strength_times_count(strength: Decimal, count: int) -> None:
    """Exact, so that 1 x 500 mg and 2 x 250 mg are the same dose and nothing else is."""
    assert replace(WEEKLY, strength_mg=strength, dose=Decimal(count)).dose_mg == sum([strength] * count)


def test_a_prescription_ends_only_where_an_end_was_said() -> None:
    """An end that nobody set stays unset."""
    assert WEEKLY.end is None


def test_times_need_a_zone() -> None:
    """A time without a zone is refused, by name."""
    with pytest.raises(ValueError, match=r"start .* has no time zone"):
        replace(WEEKLY, start=AT.replace(tzinfo=None))
    with pytest.raises(ValueError, match=r"end .* has no time zone"):
        replace(WEEKLY, end=AT.replace(tzinfo=None))


@pytest.mark.parametrize("interval", [timedelta(0), timedelta(hours=-8), timedelta(milliseconds=1500)])
def test_an_interval_is_a_whole_number_of_seconds(interval: timedelta) -> None:
    """No interval, a backward one and split seconds cannot be ordered."""
    with pytest.raises(ValueError, match="whole number of seconds above zero"):
        replace(WEEKLY, interval=interval)


def test_references_to_the_same_order_are_equal_whatever_the_version() -> None:
    """Stopping makes a new version and not another order."""
    assert OrderRef("7", "1") == OrderRef("7", "2") != OrderRef("8", "2")
