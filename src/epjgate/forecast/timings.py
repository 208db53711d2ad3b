"""Timings of rehearsals, checked and grouped: what cannot bear a forecast is refused, with what to measure instead."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from epjgate.forecast.curves import Floats
from epjgate.forecast.refusal import ForecastRefused
from epjgate.model.forecast import Phase, Timing

SIZES_NEEDED = 3
APART = 1.5  # a size is one more only where it is so many times the one before
FREEDOM_NEEDED = 3  # repeats beyond the first of their size, over all sizes


@dataclass(frozen=True)
class MeasuredStep:
    """The timings of one step by size (rising): geometric mean, variance on a log scale, and number of repeats."""

    step: str
    phase: Phase
    sizes: Floats
    centre_s: Floats
    variance: Floats
    repeats: Floats

    @property
    def timings(self) -> int:
        """How many timings there are."""
        return int(self.repeats.sum())

    @property
    def freedom(self) -> Floats:
        """Degrees of freedom of each variance: one less than the repeats."""
        return self.repeats - 1


def measured_steps(timings: Iterable[Timing]) -> tuple[MeasuredStep, ...]:
    """Return the steps in order of phase and name, whatever the order of the timings.

    Raises ForecastRefused for times that are none, a step timed twice in one run or not in every run of its phase,
    too few sizes, too few repeats, and repeats without any difference.
    """
    by_step: dict[tuple[Phase, str], list[Timing]] = defaultdict(list)
    for timing in timings:
        by_step[timing.phase, timing.step].append(timing)
    _every_phase(by_step)
    _whole_runs(by_step)
    order = list(Phase)
    return tuple(measured_step(by_step[key]) for key in sorted(by_step, key=lambda key: (order.index(key[0]), key[1])))


def _is_a_time(timing: Timing) -> None:
    if math.isfinite(timing.duration_s) and timing.duration_s > 0 and timing.patients > 0:
        return
    raise ForecastRefused(
        f"{timing.step} at {timing.patients} patients, repeat {timing.repeat}: {timing.duration_s} s is not a timing",
        "durations are finite and longer than zero, and sizes are at least one patient",
        "time the step again; leave no run out because its time is missing",
    )


def _every_phase(by_step: dict[tuple[Phase, str], list[Timing]]) -> None:
    for phase in Phase:
        if not any(timed is phase for timed, _ in by_step):
            raise ForecastRefused(
                f"nothing was timed of phase {phase.value}",
                "a window is kept only where upgrade, verification and rollback all fit",
                f"rehearse the {phase.value} too, at {SIZES_NEEDED} sizes or more",
            )


def _whole_runs(by_step: dict[tuple[Phase, str], list[Timing]]) -> None:
    runs: dict[Phase, set[tuple[int, int]]] = defaultdict(set)
    for (phase, _), timings in by_step.items():
        runs[phase].update((timing.patients, timing.repeat) for timing in timings)
    for (phase, step), timings in by_step.items():
        seen = Counter((timing.patients, timing.repeat) for timing in timings)
        for patients, repeat in sorted(runs[phase]):
            if seen[patients, repeat] != 1:
                raise ForecastRefused(
                    f"{step} was timed {seen[patients, repeat]} times at {patients} patients, repeat {repeat}",
                    f"every run of the {phase.value} times each of its steps once: a run that broke off is not short",
                    "rehearse that run again, whole",
                )


def measured_step(timings: Sequence[Timing]) -> MeasuredStep:
    """Return one step by size; raises ForecastRefused as `measured_steps` does."""
    step = timings[0].step
    by_size: dict[int, list[float]] = defaultdict(list)
    for timing in timings:
        _is_a_time(timing)
        by_size[timing.patients].append(math.log(timing.duration_s))
    sizes = sorted(by_size)
    _enough_sizes(step, sizes)
    # Sorted, because sums of floats depend on their order and the forecast may not.
    logs = [np.array(sorted(by_size[size])) for size in sizes]
    measured = MeasuredStep(
        step,
        timings[0].phase,
        np.array(sizes, dtype=np.float64),
        np.exp([values.mean() for values in logs]),
        np.array([values.var(ddof=1) if values.size > 1 else 0.0 for values in logs]),
        np.array([values.size for values in logs], dtype=np.float64),
    )
    _repeats_tell(measured)
    return measured


def _enough_sizes(step: str, sizes: Sequence[int]) -> None:
    apart = [sizes[0]]
    for size in sizes[1:]:
        if size >= APART * apart[-1]:
            apart.append(size)
    if len(apart) >= SIZES_NEEDED:
        return
    raise ForecastRefused(
        f"{step} was timed at {', '.join(map(str, sizes))} patients: too few sizes, or too close together",
        f"a curve shows at {SIZES_NEEDED} sizes, each at least {APART:g} times the one before",
        f"rehearse at {', '.join(str(sizes[-1] * 3**more) for more in range(SIZES_NEEDED))} patients",
    )


def _repeats_tell(measured: MeasuredStep) -> None:
    if measured.freedom.sum() < FREEDOM_NEEDED:
        raise ForecastRefused(
            f"{measured.step} has {measured.timings} timings at {measured.sizes.size} sizes",
            "without repeats of a size, noise cannot be told from growth",
            f"repeat {FREEDOM_NEEDED - int(measured.freedom.sum())} runs more; those of the smallest size will do",
        )
    if not measured.variance.any():
        raise ForecastRefused(
            f"all repeats of {measured.step} took exactly as long",
            "durations differ when a clock measures them: these were rounded or copied",
            "give durations as they were measured, in fractions of a second",
        )
