"""Investigations as they are ordered and answered."""

from __future__ import annotations

from datetime import datetime

import pytest

from epjgate.drivers.dsl.orders import ImagingAnswer, Investigation

NO_ZONE = datetime(2026, 3, 1, 8)  # noqa: DTZ001  (the missing zone is the point)


def test_orders_and_answers_have_a_moment() -> None:
    """A time without a zone is a mistake of the test."""
    with pytest.raises(ValueError, match=r"ordered_at .* has no time zone"):
        Investigation("P-Glukose", NO_ZONE)
    with pytest.raises(ValueError, match=r"reported_at .* has no time zone"):
        ImagingAnswer("Røntgen", "x", NO_ZONE)
