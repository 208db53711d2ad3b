"""What the samples of one track say of every moment: up, down, or unknown. Pure."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from epjgate.model.availability import Standing, Stretch
from epjgate.probing.sample import Result, Sample

_WORST_FIRST = (Result.BAD, Result.LOST, Result.GOOD)
_CLOCK_S = 1e-6  # timers may go off that much early


class Span(NamedTuple):
    """A time of one standing, before anything is known of the precision of its edges."""

    begin_s: float
    end_s: float
    standing: Standing
    why: str = ""


def due_before(duration_s: float, every_s: float) -> int:
    """Return how many samples were due before `duration_s`: those at 0, `every_s`, twice `every_s`, ..."""
    count = max(0, math.ceil(duration_s / every_s))
    while count and (count - 1) * every_s >= duration_s:  # a quotient may be rounded up
        count -= 1
    return count


def usable(samples: Iterable[Sample], *, every_s: float, duration_s: float) -> dict[int, Sample]:
    """Return by number the samples that were sent before the next was due; the worse of two with the same number."""
    count = due_before(duration_s, every_s)
    found: dict[int, Sample] = {}
    for one in samples:
        in_time = one.n * every_s - _CLOCK_S <= one.sent_s < (one.n + 1) * every_s
        if 0 <= one.n < count and (in_time or one.result is Result.LOST):
            found[one.n] = min(one, found.get(one.n, one), key=_badness)
    return found


def timeline(
    samples: Iterable[Sample],
    *,
    every_s: float,
    duration_s: float,
    patience_s: float,
    stalls: Sequence[Span] = (),
    missing: Mapping[int, str] | None = None,
    otherwise: str = "no result came of the sample",
) -> tuple[Stretch, ...]:
    """Return what one track saw, from 0 to `duration_s`, in order and without a gap, whatever the order of `samples`.

    1. A sample speaks for the time from when it was sent until the next one was sent, or was due and was not sent.
    2. What is not good and was in flight during one of `stalls` is unknown, for the harness may have missed the answer,
       unless it waited for longer than `patience_s` after the stall: then an answer would have been read.
    3. A time for which no sample speaks is unknown; `missing` says why by its number, `otherwise` says it for the rest.
    4. Where samples waited and none was answered for longer than `patience_s`, the system was down from when the first
       of them was sent, or the last answer came, until the next answer; the part of it in a stall is unknown.

    `stalls` need no order and may overlap.
    """
    if duration_s <= 0:
        return ()
    stood = merged(stalls)
    taken = usable(samples, every_s=every_s, duration_s=duration_s)
    reasons = missing or {}
    said: list[Span] = []
    for n in range(due_before(duration_s, every_s)):
        sample = taken.get(n)
        begin_s = _speaks_from(n, sample, every_s)
        if begin_s < duration_s:
            said.append(Span(begin_s, duration_s, *_said(sample, stood, patience_s, reasons.get(n, otherwise))))
    begins = [span.begin_s for span in said]
    base = [span._replace(end_s=end_s) for span, end_s in zip(said, [*begins[1:], duration_s], strict=True)]
    silent = [
        span._replace(end_s=min(span.end_s, duration_s))
        for span in silences(list(taken.values()), stood, patience_s)
        if span.begin_s < duration_s
    ]
    return _stretches(joined(sorted([*_beneath(base, silent), *silent])), begins, duration_s)


def silences(samples: Sequence[Sample], stalls: Sequence[Span], patience_s: float) -> list[Span]:
    """Return the times in which samples that were answered in the end waited, and no answer came for too long.

    In order, and without overlap. `stalls` are as `merged` returns them.
    """
    good = sorted((one for one in samples if one.result is Result.GOOD), key=lambda one: one.done_s)
    first_sent = math.inf
    waits: list[tuple[float, float]] = []
    for i in range(len(good) - 1, -1, -1):
        first_sent = min(first_sent, good[i].sent_s)  # of all that were answered then or later
        waits.append((max(first_sent, good[i - 1].done_s if i else 0.0), good[i].done_s))
    found: list[Span] = []
    for begin_s, end_s in reversed(waits):
        if end_s - begin_s > patience_s:
            found += _judged_silence(begin_s, end_s, stalls, patience_s)
    return found


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return `spans` in order, those that touch or overlap made one, with the reason of the first."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.begin_s <= found[-1].end_s:
            found[-1] = found[-1]._replace(end_s=max(found[-1].end_s, span.end_s))
        else:
            found.append(span)
    return found


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return `spans`, which follow each other, those of the same standing made one, with the reason of the first."""
    found: list[Span] = []
    for span in spans:
        if found and found[-1].standing is span.standing:
            found[-1] = found[-1]._replace(end_s=span.end_s)
        else:
            found.append(span)
    return found


def _speaks_from(n: int, sample: Sample | None, every_s: float) -> float:
    due_s = n * every_s
    if n == 0 or sample is None or sample.result is Result.LOST:
        return due_s
    return max(sample.sent_s, due_s)


def _said(sample: Sample | None, stalls: Sequence[Span], patience_s: float, why_missing: str) -> tuple[Standing, str]:
    """Return what a sample says of its time."""
    if sample is None:
        return Standing.UNKNOWN, why_missing
    if sample.result is Result.GOOD:
        return Standing.UP, ""
    if sample.result is Result.LOST:
        return Standing.UNKNOWN, sample.why
    for stall in _touching(stalls, sample.sent_s, sample.done_s):
        if sample.done_s - stall.end_s <= patience_s:
            return Standing.UNKNOWN, stall.why
    return Standing.DOWN, sample.why


def _judged_silence(begin_s: float, end_s: float, stalls: Sequence[Span], patience_s: float) -> Iterator[Span]:
    """Return the parts of a silence: down where the harness was well for long enough, unknown in a stall."""
    at = begin_s
    for stall in _touching(stalls, begin_s, end_s):
        if stall.begin_s - at > patience_s:
            yield _down(at, stall.begin_s)
        from_s, to_s = max(at, stall.begin_s), min(end_s, stall.end_s)
        if from_s < to_s:
            yield Span(from_s, to_s, Standing.UNKNOWN, stall.why)
        at = max(at, stall.end_s)
    if end_s - at > patience_s:
        yield _down(at, end_s)


def _down(begin_s: float, end_s: float) -> Span:
    return Span(begin_s, end_s, Standing.DOWN, f"no answer for {end_s - begin_s:.2f} s while samples waited")


def _touching(spans: Sequence[Span], begin_s: float, end_s: float) -> Iterator[Span]:
    """Yield those of `spans`, in order and apart, that have any moment in common with the time given."""
    i = bisect_left(spans, begin_s, key=lambda span: span.end_s)
    while i < len(spans) and spans[i].begin_s <= end_s:
        yield spans[i]
        i += 1


def _beneath(base: Iterable[Span], covers: Sequence[Span]) -> Iterator[Span]:
    """Yield what of `base` no one of `covers` covers; both are in order and apart."""
    for span in base:
        at = span.begin_s
        for cover in _touching(covers, span.begin_s, span.end_s):
            if cover.begin_s > at:
                yield span._replace(begin_s=at, end_s=min(cover.begin_s, span.end_s))
            at = max(at, cover.end_s)
        if at < span.end_s:
            yield span._replace(begin_s=at)


def _stretches(spans: Iterable[Span], begins: Sequence[float], duration_s: float) -> tuple[Stretch, ...]:
    """Return spans with the precision of their edges: how far apart the samples before and after it were."""

    def precision_s(at_s: float) -> float:
        if at_s in {0, duration_s}:
            return 0.0
        after = bisect_left(begins, at_s)
        return (begins[after] if after < len(begins) else duration_s) - begins[after - 1]

    return tuple(
        Stretch(
            standing=span.standing,
            begin_s=span.begin_s,
            end_s=span.end_s,
            edge_s=max(precision_s(span.begin_s), precision_s(span.end_s)),
            why=span.why,
        )
        for span in spans
    )


def _badness(sample: Sample) -> tuple[int, float, float, str]:
    return _WORST_FIRST.index(sample.result), sample.sent_s, sample.done_s, sample.why
