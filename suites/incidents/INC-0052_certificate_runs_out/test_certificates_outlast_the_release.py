"""No certificate of a release runs out while the release is in use (INC-0052)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from epjgate.drivers.dsl import Epj

LONG_ENOUGH = timedelta(days=90)


def test_every_certificate_outlasts_the_release(epj: Epj) -> None:
    """Each certificate that the release brings along holds for 90 more days."""
    shipped = epj.certificates()
    assert shipped, "the release names no certificate at all"
    soon = [known.name for known in shipped if known.expires_at < datetime.now(UTC) + LONG_ENOUGH]
    assert soon == [], "a certificate runs out within 90 days"
