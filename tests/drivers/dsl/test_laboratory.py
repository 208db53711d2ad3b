"""The values of the capability `laboratory`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from epjgate.drivers.dsl.laboratory import LabResult, LabResultRef, Terminology

TWICE = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Copenhagen"), fold=1)


def result(taken_at: datetime) -> LabResult:
    return LabResult("NPU02192", "P-Glucose", Decimal("5.10"), "mmol/L", taken_at)


def test_a_result_without_a_zone_is_refused() -> None:
    """A sample was taken at a point in time."""
    with pytest.raises(ValueError, match="taken_at"):
        result(TWICE.replace(tzinfo=None))


def test_a_result_of_the_hour_that_comes_twice_equals_the_one_read_back() -> None:
    """The zone is kept as its offset of that moment."""
    assert result(TWICE) == result(datetime.fromisoformat("2026-10-25T02:30:00+01:00"))
    assert result(TWICE) != result(datetime.fromisoformat("2026-10-25T02:30:00+02:00"))


def test_codes_are_npu_unless_said_otherwise() -> None:
    """Danish laboratories report NPU codes; nothing else is assumed."""
    plain = result(TWICE)
    assert plain.terminology is Terminology.NPU
    assert (plain.reference_low, plain.reference_high, plain.comment) == (None, None, "")


def test_references_to_the_same_result_are_equal_whatever_the_version() -> None:
    """A correction makes a new version and not another result."""
    assert LabResultRef("7", "1") == LabResultRef("7", "2") != LabResultRef("8", "2")
