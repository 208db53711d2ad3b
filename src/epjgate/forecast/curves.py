"""The curves that the cost of a step may follow: a constant, and a part that grows with the number of patients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from epjgate.model.forecast import Family

Floats = NDArray[np.float64]

EXPONENTS = (0.3, 3.0)  # of the power law: from hardly growing to cubic
QUADRATIC_SHARE = (0.01, 1.0)  # of the growing cost at the largest measured size
TIMES_DEARER = (1.05, 10.0)  # all lines, once a threshold is passed
TIMES_DEARER_BEYOND = (1.05, 30.0)  # only the lines beyond the threshold
_WITHIN_GAP = (0.0, 0.5)  # where between two measured sizes a threshold is looked for, on a log scale


@dataclass(frozen=True)
class Strand:
    """Curves a + b * grow(u, n) that differ in one number u alone, which is anything between `low` and `high`.

    `grow` takes u of shape (k, 1) and sizes of shape (m,), gives (k, m), and rises with n. `prior` is what the strand
    weighs before anything is measured; a strand with `low` = `high` is one single curve.
    """

    family: Family
    prior: float
    low: float
    high: float
    grow: Callable[[Floats, Floats], Floats]


def strands(sizes: Floats) -> tuple[Strand, ...]:
    """Return all curves worth trying on measured `sizes` (rising): every family weighs the same, a fifth."""
    share = 1 / len(Family)
    gaps = list(pairwise(sizes))
    kinks = [float(low * (high / low) ** part) for low, high in gaps for part in _WITHIN_GAP]
    return (
        Strand(Family.LINEAR, share, 0.0, 0.0, lambda u, n: n + 0 * u),
        Strand(Family.N_LOG_N, share, 0.0, 0.0, lambda u, n: n * np.log1p(n) + 0 * u),
        Strand(Family.POWER_LAW, share, *EXPONENTS, lambda u, n: (n / sizes[-1]) ** u),
        Strand(Family.QUADRATIC_PART, share, *_logs(QUADRATIC_SHARE), _with_quadratic_part(float(sizes[-1]))),
        *(
            Strand(
                Family.THRESHOLD_STEP, share / 2 / len(gaps), *_logs(TIMES_DEARER), _step(float(np.sqrt(low * high)))
            )
            for low, high in gaps
        ),
        *(
            Strand(Family.THRESHOLD_STEP, share / 2 / len(kinks), *_logs(TIMES_DEARER_BEYOND), _kink(at))
            for at in kinks
        ),
    )


def _logs(bounds: tuple[float, float]) -> tuple[float, float]:
    return float(np.log(bounds[0])), float(np.log(bounds[1]))


def _with_quadratic_part(largest: float) -> Callable[[Floats, Floats], Floats]:
    """exp(u) is what the quadratic part has of the growing cost at the largest measured size."""
    return lambda u, n: -np.expm1(u) * (n / largest) + np.exp(u) * (n / largest) ** 2


def _step(at: float) -> Callable[[Floats, Floats], Floats]:
    """Every line costs exp(u) times as much once there are more than `at`: a sort that no longer fits in memory."""
    return lambda u, n: n / at * np.exp(u * (n > at))


def _kink(at: float) -> Callable[[Floats, Floats], Floats]:
    """Each line beyond `at` costs exp(u) times as much: those no longer in the cache."""
    return lambda u, n: n / at + np.expm1(u) * np.maximum(n / at - 1, 0)
