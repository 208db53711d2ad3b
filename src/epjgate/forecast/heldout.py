"""Which curve to believe: each foretells every measured size from the others, and weighs by how well it did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epjgate.forecast.curves import Floats, Strand, strands
from epjgate.forecast.fitting import fit
from epjgate.model.forecast import Family

Indices = NDArray[np.int64]

# By how much a curve may miss the sizes, as a share: beforehand each is equally likely.
MISFITS = np.array([0.01, 0.02, 0.04, 0.08, 0.16, 0.32])
LARGEST_COUNTS = 2.0  # the largest size says most about a still larger one
_COARSE, _FINE = 60, 40  # curves tried of a strand
_HOPELESS = 12.0  # a curve e**12 times less likely than the best is left out when a strand is tried again more finely


@dataclass(frozen=True)
class Curves:
    """Single curves of all strands with their weights, together 1.

    `strand` (k,) says of which strand each is, `u` (k,) which of it; `weight` (k, misfits) is for each of `MISFITS`.
    """

    strands: tuple[Strand, ...]
    strand: Indices
    u: Floats
    weight: Floats

    def growing(self, sizes: Floats) -> Floats:
        """Return the growing part of every curve at `sizes`: (k, m)."""
        parts = [strand.grow(self.u[self.strand == index][:, None], sizes) for index, strand in enumerate(self.strands)]
        return np.concatenate(parts)

    def weight_of(self, family: Family, above: float = -np.inf) -> float:
        """Return what a family weighs, or those of its curves that have a u above `above`."""
        return float(self.weight[self._of(family) & (self.u > above)].sum())

    def shares(self) -> dict[Family, float]:
        """Return what each family weighs."""
        return {family: self.weight_of(family) for family in Family}

    def draw(self, family: Family, count: int, random: np.random.Generator) -> tuple[Indices, Floats]:
        """Return `count` curves of one family by their weight, as their places here, and how far each misses."""
        weight = np.where(self._of(family)[:, None], self.weight, 0).ravel()
        total = weight.sum()
        if total == 0:  # so far from the timings that no weight is left: never plausible, drawn only to be complete
            weight, total = (
                np.repeat(self._of(family), MISFITS.size) * 1.0,
                float(self._of(family).sum() * MISFITS.size),
            )
        curve, misfit = np.divmod(random.choice(weight.size, size=count, p=weight / total), MISFITS.size)
        return curve, MISFITS[misfit]

    def _of(self, family: Family) -> NDArray[np.bool_]:
        return np.array([strand.family is family for strand in self.strands])[self.strand]


def weigh_curves(sizes: Floats, centre_s: Floats, variance: Floats) -> Curves:
    """Return the curves with their weights, for the centre of the repeats at each size and its relative variance."""
    candidates = strands(sizes)
    grids = [_grid(strand.low, strand.high, _COARSE) for strand in candidates]
    scores = [
        held_out_score(strand.grow(grid[:, None], sizes), centre_s, variance)
        for strand, grid in zip(candidates, grids, strict=True)
    ]
    enough = max(score.max() for score in scores) - _HOPELESS
    fine = [_closer(grid, score.max(axis=1) > enough) for grid, score in zip(grids, scores, strict=True)]
    log_weights = [
        held_out_score(strand.grow(grid[:, None], sizes), centre_s, variance) + np.log(_prior(strand, grid))
        for strand, grid in zip(candidates, fine, strict=True)
    ]
    everything = np.concatenate(log_weights)
    weight = np.exp(everything - everything.max())
    strand_of = np.concatenate([np.full(grid.size, index) for index, grid in enumerate(fine)])
    return Curves(candidates, strand_of, np.concatenate(fine), weight / weight.sum())


def held_out_score(g: Floats, centre_s: Floats, variance: Floats) -> Floats:
    """Return how well curves with growing parts `g` (k, m) foretell each size from the others: (k, misfits).

    It is the log density of the size left out, averaged over the sizes and counted m - 2 times: as m sizes hold so many
    independent statements once a constant and a growing part are fitted.
    """
    count = centre_s.size
    used = 1 - np.eye(count)
    total = MISFITS[:, None] ** 2 + variance  # (misfits, m)
    fitted = fit(g[:, None, None, :], centre_s, total[None, :, None, :], used)  # (k, misfits, left out)
    at = g[:, None, None, :]
    foretold = np.diagonal(fitted.at(at), axis1=-2, axis2=-1)
    unsure = np.diagonal(fitted.variance_at(at), axis1=-2, axis2=-1) / foretold**2 + total
    density = -0.5 * (np.log(2 * np.pi * unsure) + (np.log(centre_s) - np.log(foretold)) ** 2 / unsure)
    counts = np.ones(count)
    counts[-1] = LARGEST_COUNTS
    return np.asarray((count - 2) * density @ (counts / counts.sum()), dtype=np.float64)


def _grid(low: float, high: float, count: int) -> Floats:
    return np.linspace(low, high, count) if high > low else np.array([low])


def _closer(grid: Floats, promising: NDArray[np.bool_]) -> Floats:
    """Return a finer grid over the promising part of a strand and its neighbours; a hopeless strand stays as it is."""
    if grid.size == 1 or not promising.any():
        return grid
    at = np.flatnonzero(promising)
    return _grid(grid[max(at[0] - 1, 0)], grid[min(at[-1] + 1, grid.size - 1)], _FINE)


def _prior(strand: Strand, grid: Floats) -> float:
    """Return what one curve of the grid weighs before anything is measured."""
    if grid.size == 1:
        return strand.prior
    return strand.prior * float(grid[-1] - grid[0]) / (strand.high - strand.low) / grid.size
