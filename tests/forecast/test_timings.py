"""Timings are checked and grouped; what bears no forecast is refused with what to measure instead."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import numpy as np
import pytest
from tests.forecast.rehearsals import rehearsal, rehearsed

from epjgate.forecast.refusal import ForecastRefused
from epjgate.forecast.timings import measured_step, measured_steps
from epjgate.model.forecast import Phase, Timing


def timings(sizes: Sequence[int], repeats: Sequence[int]) -> list[Timing]:
    return [
        Timing(step="migrate", phase=Phase.UPGRADE, patients=size, repeat=repeat, duration_s=1.0 + repeat / 10)
        for size, count in zip(sizes, repeats, strict=True)
        for repeat in range(count)
    ]


def test_steps_are_grouped_whatever_their_order() -> None:
    """By phase and name; sizes rise; no figure depends on the order of the timings."""
    whole = rehearsal(lambda n: 1e-3 * n)
    shuffled = random.Random(1).sample(whole, len(whole))  # noqa: S311 - an order, not a secret
    one, other = measured_steps(whole), measured_steps(shuffled)
    assert [(step.phase, step.step) for step in one] == [
        (Phase.UPGRADE, "backup"),
        (Phase.UPGRADE, "migrate"),
        (Phase.VERIFICATION, "verify"),
        (Phase.ROLLBACK, "restore"),
    ]
    for step, same in zip(one, other, strict=True):
        assert (step.centre_s == same.centre_s).all()
        assert (step.variance == same.variance).all()
        assert (np.diff(step.sizes) > 0).all()


def test_repeats_become_a_centre_and_a_variance() -> None:
    """On a log scale, as durations vary by shares; a single run has no variance and no say in it."""
    step = measured_step(timings([10, 100, 1000], [4, 1, 1]))
    logs = np.log([1.0, 1.1, 1.2, 1.3])
    assert step.centre_s == pytest.approx([math.exp(logs.mean()), 1.0, 1.0])
    assert step.variance == pytest.approx([logs.var(ddof=1), 0, 0])
    assert list(step.freedom) == [3, 0, 0]
    assert step.timings == 6


@pytest.mark.parametrize("duration_s", [math.nan, math.inf, 0.0, -1.0])
def test_what_is_no_time_is_refused(duration_s: float) -> None:
    """Nothing is left out in silence."""
    whole = rehearsed(lambda n: 1e-3 * n)
    broken = [whole[0].model_copy(update={"duration_s": duration_s}), *whole[1:]]
    with pytest.raises(ForecastRefused, match="is not a timing"):
        measured_step(broken)


def test_a_size_without_patients_is_refused() -> None:
    """Nothing was rehearsed on nothing."""
    whole = rehearsed(lambda n: 1e-3 * n)
    with pytest.raises(ForecastRefused, match="is not a timing"):
        measured_step([whole[0].model_copy(update={"patients": 0}), *whole[1:]])


@pytest.mark.parametrize(
    "sizes",
    [[1000], [1000, 100_000], [1000, 1001, 1002, 1003], [1000, 1400, 100_000]],
    ids=lambda sizes: str(len(sizes)),
)
def test_sizes_that_show_no_curve_are_refused(sizes: list[int]) -> None:
    """Fewer than three, or so close together that they count as fewer; the refusal names sizes that would do."""
    with pytest.raises(ForecastRefused, match="too few sizes, or too close") as refused:
        measured_step(timings(sizes, [3] * len(sizes)))
    proposed = [int(word.strip(",")) for word in refused.value.fix.split() if word.strip(",").isdigit()]
    assert len(measured_step(timings(proposed, [3] * len(proposed))).sizes) == 3


def test_repeats_are_needed_and_may_be_cheap() -> None:
    """Three beyond the first of their size; those of the smallest size count as well as any."""
    with pytest.raises(ForecastRefused, match="repeat 3 runs more"):
        measured_step(timings([10, 100, 1000], [1, 1, 1]))
    with pytest.raises(ForecastRefused, match="repeat 1 runs more"):
        measured_step(timings([10, 100, 1000], [3, 1, 1]))
    assert measured_step(timings([10, 100, 1000], [4, 1, 1])).freedom.sum() == 3


def test_repeats_without_any_difference_are_refused() -> None:
    """No clock measures that."""
    same = [timing.model_copy(update={"duration_s": 2.0}) for timing in timings([10, 100, 1000], [3, 3, 3])]
    with pytest.raises(ForecastRefused, match="took exactly as long"):
        measured_step(same)


@pytest.mark.parametrize("phase", Phase)
def test_every_phase_is_needed(phase: Phase) -> None:
    """An upgrade that nobody rolled back in rehearsal has no latest minute for it."""
    without = [timing for timing in rehearsal(lambda n: 1e-3 * n) if timing.phase is not phase]
    with pytest.raises(ForecastRefused, match=f"nothing was timed of phase {phase.value}"):
        measured_steps(without)


def test_nothing_at_all_is_refused() -> None:
    """Empty is never a pass."""
    with pytest.raises(ForecastRefused):
        measured_steps([])


def test_a_run_that_broke_off_is_refused() -> None:
    """Were its missing step left out, the slowest runs would be the ones not counted."""
    whole = rehearsal(lambda n: 1e-3 * n)
    lost = next(timing for timing in whole if timing.step == "migrate" and timing.patients == 100_000)
    with pytest.raises(ForecastRefused, match="migrate was timed 0 times at 100000 patients, repeat 0"):
        measured_steps([timing for timing in whole if timing is not lost])
    with pytest.raises(ForecastRefused, match="migrate was timed 2 times at 100000 patients, repeat 0"):
        measured_steps([*whole, lost])
