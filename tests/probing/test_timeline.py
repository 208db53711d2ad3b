"""Samples become up, down and unknown; what nobody saw is never up."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.model.availability import Standing, Stretch
from epjgate.probing.sample import Result, Sample
from epjgate.probing.timeline import Span, due_before, merged, timeline

EVERY_S, PATIENCE_S = 0.1, 0.3
UP, DOWN, UNKNOWN = Standing.UP, Standing.DOWN, Standing.UNKNOWN


def seen(samples: Sequence[Sample], duration_s: float, stalls: Sequence[Span] = ()) -> tuple[Stretch, ...]:
    return timeline(samples, every_s=EVERY_S, duration_s=duration_s, patience_s=PATIENCE_S, stalls=stalls)


def sample(n: int, result: Result = Result.GOOD, lasts_s: float = 0.001, late_s: float = 0.0) -> Sample:
    sent_s = n * EVERY_S + late_s
    return Sample(0, n, sent_s, sent_s + lasts_s, result, "" if result is Result.GOOD else f"{result} {n}")


def stall(begin_s: float, end_s: float) -> Span:
    return Span(begin_s, end_s, UNKNOWN, "stood still")


def said(stretches: Sequence[Stretch]) -> list[tuple[Standing, float, float]]:
    return [(one.standing, round(one.begin_s, 4), round(one.end_s, 4)) for one in stretches]


def standing_at(stretches: Sequence[Stretch], at_s: float) -> Standing:
    return next(one.standing for one in stretches if one.begin_s <= at_s < one.end_s)


@st.composite
def runs(draw: st.DrawFn) -> tuple[list[Sample], float, list[Span]]:
    """Samples of a run in any order, some of them missing; how long it was; stalls."""
    count = draw(st.integers(1, 30))
    taken = draw(st.sets(st.integers(0, count - 1)))
    samples = [
        sample(n, draw(st.sampled_from(Result)), draw(st.floats(0, 1.5)), draw(st.floats(0, 0.8 * EVERY_S)))
        for n in taken
    ]
    begins = draw(st.lists(st.tuples(st.floats(0, count * EVERY_S), st.floats(0, 1)), max_size=3))
    return draw(st.permutations(samples)), count * EVERY_S, [stall(at, at + long) for at, long in begins]


@given(runs())
def test_all_the_time_is_told_once(run: tuple[list[Sample], float, list[Span]]) -> None:
    """Stretches follow each other from 0 to the end, and neighbours differ."""
    samples, duration_s, stalls = run
    stretches = seen(samples, duration_s, stalls)
    assert (stretches[0].begin_s, stretches[-1].end_s) == (0, duration_s)
    for before, after in pairwise(stretches):
        assert before.end_s == after.begin_s
        assert before.standing is not after.standing


@given(runs())
def test_where_no_sample_succeeded_it_is_not_up(run: tuple[list[Sample], float, list[Span]]) -> None:
    """The time of a sample that is bad, lost or missing is never up."""
    samples, duration_s, stalls = run
    stretches = seen(samples, duration_s, stalls)
    good = {one.n for one in samples if one.result is Result.GOOD}
    for n in range(due_before(duration_s, EVERY_S)):
        if n not in good:
            assert standing_at(stretches, (n + 0.9) * EVERY_S) is not UP


@given(runs())
def test_where_no_sample_speaks_against_it_it_is_not_down(run: tuple[list[Sample], float, list[Span]]) -> None:
    """A run without a bad sample and without a long wait is nowhere down."""
    samples, duration_s, stalls = run
    mild = [one for one in samples if one.result is not Result.BAD and one.done_s - one.sent_s <= PATIENCE_S]
    assert DOWN not in {one.standing for one in seen(mild, duration_s, stalls)}


@given(runs(), st.randoms(use_true_random=False))
def test_the_order_of_samples_does_not_matter(run: tuple[list[Sample], float, list[Span]], random: Random) -> None:
    """Samples overlap, so they arrive in any order; stalls too."""
    samples, duration_s, stalls = run
    shuffled, others = list(samples), list(stalls)
    random.shuffle(shuffled)
    random.shuffle(others)
    assert seen(samples, duration_s, stalls) == seen(shuffled, duration_s, others)


@given(runs())
def test_nothing_is_down_while_the_harness_stood_still(run: tuple[list[Sample], float, list[Span]]) -> None:
    """A bad sample is unknown where it was over during a stall or soon after it, and down in any other case."""
    samples, duration_s, stalls = run
    bad = [one for one in samples if one.result is Result.BAD]
    stretches = seen(bad, duration_s, stalls)
    for one in bad:
        missed = any(
            each.begin_s <= one.done_s and one.sent_s <= each.end_s and one.done_s - each.end_s <= PATIENCE_S
            for each in merged(stalls)
        )
        assert standing_at(stretches, (one.n + 0.9) * EVERY_S) is (UNKNOWN if missed else DOWN)


@given(st.integers(3, 40), st.data())
def test_a_single_lost_sample_is_unknown_for_its_time(count: int, data: st.DataObject) -> None:
    """Neither does it vanish between its neighbours, nor is it an outage."""
    lost = data.draw(st.integers(1, count - 2))
    stretches = seen([sample(n) for n in range(count) if n != lost], count * EVERY_S)
    assert [one.standing for one in stretches] == [UP, UNKNOWN, UP]
    assert stretches[1].lasts_s == pytest.approx(EVERY_S)
    assert stretches[1].why


def test_an_outage_is_told_by_when_its_samples_were_sent() -> None:
    """Down begins when the first bad sample was sent, however long it waited, and ends when a good one was sent."""
    hung = [sample(n, Result.BAD, lasts_s=2.0, late_s=0.01) for n in (3, 4, 5)]
    stretches = seen([*map(sample, (0, 1, 2)), *hung, *map(sample, (6, 7))], 0.8)
    assert said(stretches) == [(UP, 0, 0.31), (DOWN, 0.31, 0.6), (UP, 0.6, 0.8)]
    assert stretches[1].why == "bad 3"
    assert stretches[1].edge_s == pytest.approx(0.11)


def test_a_hang_shorter_than_the_time_out_is_down_until_its_answers_come() -> None:
    """All samples were answered in the end, at once: what waited for longer than the patience shows the silence."""
    waited = [sample(n, lasts_s=0.75 - n * EVERY_S) for n in (3, 4, 5, 6, 7)]
    stretches = seen([*map(sample, (0, 1, 2)), *waited, *map(sample, (8, 9))], 1.0)
    assert said(stretches) == [(UP, 0, 0.3), (DOWN, 0.3, 0.75), (UP, 0.75, 1.0)]
    assert "0.45 s" in stretches[1].why


def test_a_pause_within_the_patience_is_no_outage() -> None:
    """A system that takes a breath is slow, not down."""
    waited = [sample(n, lasts_s=0.59 - n * EVERY_S) for n in (3, 4, 5)]
    assert said(seen([*map(sample, (0, 1, 2)), *waited, sample(6)], 0.7)) == [(UP, 0, 0.7)]


def test_a_system_that_is_always_slow_is_up() -> None:
    """Answers come all the time, each of them late: nobody is left without."""
    first, *_ = stretches = seen([sample(n, lasts_s=0.25 if n == 0 else 1.0) for n in range(20)], 2.0)
    assert first.standing is UP
    assert [one.standing for one in stretches if one.begin_s > 1.0] == [UP]


def test_a_bad_sample_in_flight_during_a_stall_is_unknown() -> None:
    """The answer may have come while nobody listened."""
    stretches = seen([sample(0), sample(1, Result.BAD, lasts_s=2.0), sample(2)], 0.3, [stall(1.0, 1.9)])
    assert said(stretches) == [(UP, 0, 0.1), (UNKNOWN, 0.1, 0.2), (UP, 0.2, 0.3)]
    assert stretches[1].why == "stood still"


def test_a_bad_sample_that_waited_on_after_a_stall_is_down() -> None:
    """An answer that had come meanwhile would have been read in that time."""
    stretches = seen([sample(0), sample(1, Result.BAD, lasts_s=2.0), sample(2)], 0.3, [stall(1.0, 1.7)])
    assert said(stretches) == [(UP, 0, 0.1), (DOWN, 0.1, 0.2), (UP, 0.2, 0.3)]


def test_a_silence_is_cut_by_a_stall() -> None:
    """Before and after it the harness was well, and heard nothing for long enough."""
    late = [sample(n, lasts_s=2.0 - n * EVERY_S) for n in range(20)]
    assert said(seen(late, 2.0, [stall(0.5, 1.5)])) == [(DOWN, 0, 0.5), (UNKNOWN, 0.5, 1.5), (DOWN, 1.5, 2.0)]
    assert said(seen(late, 2.0, [stall(0.1, 1.95)])) == [(UP, 0, 0.1), (UNKNOWN, 0.1, 1.95), (UP, 1.95, 2.0)]


def test_a_sample_that_was_sent_when_the_next_was_due_says_nothing() -> None:
    """It would speak for a time that is another's."""
    assert said(seen([sample(0), sample(1, late_s=0.15), sample(2)], 0.3))[1] == (UNKNOWN, 0.1, 0.2)


def test_of_two_samples_of_one_number_the_worse_counts() -> None:
    """Whichever came first."""
    both = [sample(0, Result.GOOD), sample(0, Result.BAD)]
    assert seen(both, 0.1)[0].standing is seen(both[::-1], 0.1)[0].standing is DOWN


def test_no_time_has_no_stretches() -> None:
    """A prober that ended when it began saw nothing."""
    assert seen([], 0.0) == ()


@given(st.integers(0, 10**5), st.sampled_from([0.05, 0.1, 0.3, 1 / 3, 1.0, 7.0]))
def test_what_is_due_is_counted_exactly(count: int, every_s: float) -> None:
    """The sample number `count` is not due before its own time, and is due right after it."""
    assert due_before(count * every_s, every_s) == count
    assert due_before(count * every_s + every_s / 2, every_s) == count + 1
