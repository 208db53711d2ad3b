"""The answer where no forecast can be given: unknown, with what to measure instead."""

from __future__ import annotations

from epjgate.errors import GateError


class ForecastRefused(GateError):
    """The timings do not bear a forecast; whether the upgrade fits is unknown, which is never a pass."""
