"""Rehearsals whose cost curves are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from epjgate.model.forecast import Phase, Timing

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
PRODUCTION = 1_000_000
Curve = Callable[[float], float]


def rehearsed(
    curve: Curve,
    seed: int = 1,
    *,
    step: str = "migrate",
    phase: Phase = Phase.UPGRADE,
    sizes: Sequence[int] = SIZES,
    repeats: int = 3,
    noise: float = 0.05,
) -> list[Timing]:
    """Return timings of one step that follow `curve` but for `noise`."""
    random = np.random.default_rng(seed)
    return [
        Timing(
            step=step,
            phase=phase,
            patients=patients,
            repeat=repeat,
            duration_s=float(curve(patients) * np.exp(noise * random.standard_normal())),
        )
        for patients in sizes
        for repeat in range(repeats)
    ]


def rehearsal(migration: Curve, seed: int = 1, sizes: Sequence[int] = SIZES, noise: float = 0.05) -> list[Timing]:
    """Return the timings of a whole rehearsal; the other steps are linear and take 7, 5 and 8 minutes in production."""
    return [
        *rehearsed(lambda n: 2 + 4e-4 * n, seed, step="backup", sizes=sizes, noise=noise),
        *rehearsed(migration, seed + 1, sizes=sizes, noise=noise),
        *rehearsed(lambda n: 4 + 3e-4 * n, seed + 2, step="verify", phase=Phase.VERIFICATION, sizes=sizes, noise=noise),
        *rehearsed(lambda n: 3 + 5e-4 * n, seed + 3, step="restore", phase=Phase.ROLLBACK, sizes=sizes, noise=noise),
    ]
