"""Values around a prescription."""

from __future__ import annotations

from decimal import Decimal

from epjgate.drivers.dsl.prescribing import Tablets


def test_tablets_add_up_exactly() -> None:
    """Strength times count, without a rounding."""
    assert str(Tablets(Decimal("0.05"), 3).total_mg) == "0.15"
