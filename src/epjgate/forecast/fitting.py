"""Least squares of a constant and one growing part, neither negative: many curves at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from epjgate.forecast.curves import Floats

_ROUNDS = 2  # of re-weighting; a third changes a fit by far less than its error


@dataclass(frozen=True)
class Fit:
    """Curves a + b * g: `a_s` and `b_s` in seconds, and what is needed to tell how sure they are."""

    a_s: Floats
    b_s: Floats
    variance_a: Floats
    variance_b: Floats
    covariance: Floats

    def at(self, g: Floats) -> Floats:
        """Return the duration in seconds where the growing part is `g` (..., m)."""
        return np.asarray(self.a_s[..., None] + self.b_s[..., None] * g, dtype=np.float64)

    def variance_at(self, g: Floats) -> Floats:
        """Return the variance of that duration, in square seconds, that comes from the fit."""
        constant, both, growing = (part[..., None] for part in (self.variance_a, self.covariance, self.variance_b))
        return np.asarray(constant + 2 * g * both + g**2 * growing, dtype=np.float64)


def fit(g: Floats, duration_s: Floats, variance: Floats, used: Floats) -> Fit:
    """Fit durations (..., m) by a + b * g with a, b >= 0; `variance` is relative, `used` is 0 where a size is left out.

    Residuals count in shares of the fitted duration, so each size weighs by how sure it is, not by how long it took.
    """
    weight = used / (variance * duration_s**2)
    fitted = _fit(g, duration_s, weight)
    for _ in range(_ROUNDS):
        weight = used / (variance * fitted.at(g) ** 2)
        fitted = _fit(g, duration_s, weight)
    return fitted


def _fit(g: Floats, y: Floats, weight: Floats) -> Fit:
    w, wg, wgg = (np.sum(weight * g**power, axis=-1) for power in range(3))
    wy, wgy = np.sum(weight * y, axis=-1), np.sum(weight * g * y, axis=-1)
    det = w * wgg - wg**2
    a, b = (wgg * wy - wg * wgy) / det, (w * wgy - wg * wy) / det
    no_constant, no_growth = a < 0, b < 0
    zero = np.zeros_like(a)
    return Fit(
        a_s=np.where(no_constant, zero, np.where(no_growth, wy / w, a)),
        b_s=np.where(no_growth, zero, np.where(no_constant, wgy / wgg, b)),
        variance_a=np.where(no_constant, zero, np.where(no_growth, 1 / w, wgg / det)),
        variance_b=np.where(no_growth, zero, np.where(no_constant, 1 / wgg, w / det)),
        covariance=np.where(no_constant | no_growth, zero, -wg / det),
    )
