"""How much repeats of the same step at the same size differ: the noise, learnt from the repeats alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from epjgate.forecast.curves import Floats

# Shares of a duration; the additive part in shares of the shortest duration.
_MULTIPLICATIVE = np.geomspace(0.003, 1.0, 48)
_ADDITIVE = np.concatenate([[0.0], np.geomspace(0.003, 1.0, 48)])


@dataclass(frozen=True)
class Noise:
    """What the noise may be: pairs of a multiplicative part and an additive one, and how likely each pair is.

    A duration around t varies, on a log scale, with variance multiplicative**2 + (additive_s / t)**2.
    """

    multiplicative: Floats
    additive_s: Floats
    weight: Floats

    def variance(self, duration_s: Floats) -> Floats:
        """Return the expected variance on a log scale around each of `duration_s` (m,)."""
        each = self.multiplicative[:, None] ** 2 + (self.additive_s[:, None] / duration_s) ** 2
        return np.asarray(self.weight @ each, dtype=np.float64)

    def draw(self, count: int, random: np.random.Generator) -> tuple[Floats, Floats]:
        """Return `count` pairs by their weight: the multiplicative parts and the additive ones, in seconds."""
        chosen = random.choice(self.weight.size, size=count, p=self.weight)
        return self.multiplicative[chosen], self.additive_s[chosen]


def noise_of(centre_s: Floats, variance: Floats, freedom: Floats) -> Noise:
    """Return the noise of repeats: of each size their geometric mean, log variance, and degrees of freedom.

    The variance within a size is the noise times chi-square over its degrees of freedom, whatever the curve.
    Before any repeat all orders of magnitude of either part are equally likely, and no additive part as likely as any.
    """
    multiplicative, additive = (grid.ravel() for grid in np.meshgrid(_MULTIPLICATIVE, _ADDITIVE, indexing="ij"))
    additive_s = additive * centre_s.min()
    expected = multiplicative[:, None] ** 2 + (additive_s[:, None] / centre_s) ** 2
    log_likelihood = -0.5 * np.sum(freedom * (np.log(expected) + variance / expected), axis=1)
    prior = np.where(additive > 0, 1 / (_ADDITIVE.size - 1), 1.0)
    weight = np.exp(log_likelihood - log_likelihood.max()) * prior
    return Noise(multiplicative, additive_s, weight / weight.sum())
