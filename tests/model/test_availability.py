"""An availability says something of all the time, and tells how much of it the system was down."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from epjgate.model.availability import Availability, Connection, Standing, Stretch, Track, TrackSeen

READ = Track(probe="read", connection=Connection.NEW)
STANDINGS = [Standing.UP, Standing.DOWN, Standing.UNKNOWN, Standing.DOWN]
DURATION_S = 40.0
Closed = list[tuple[float, float]]
CLOSED = st.lists(st.tuples(st.floats(-5, 45), st.floats(-5, 45)), max_size=4)


def stretch(standing: Standing, begin_s: float, end_s: float) -> Stretch:
    return Stretch(standing=standing, begin_s=begin_s, end_s=end_s, edge_s=0.05, why=f"{standing} from {begin_s}")


def track(*stretches: Stretch, expected: int = 800, taken: int = 700) -> TrackSeen:
    return TrackSeen(track=READ, expected=expected, taken=taken, stretches=stretches)


def availability(*tracks: TrackSeen, duration_s: float = DURATION_S) -> Availability:
    return Availability(every_s=0.05, duration_s=duration_s, tracks=tracks)


SEEN = track(*(stretch(standing, i * 10.0, i * 10.0 + 10) for i, standing in enumerate(STANDINGS)))


@pytest.mark.parametrize(
    ("closed", "down_s", "unknown_s"),
    [
        ((), 20, 10),
        (((10, 20),), 10, 10),
        (((0, 40),), 0, 0),
        (((12, 14), (13, 18), (35, 99)), 9, 10),
        (((25, 35), (15, 25)), 10, 0),
        (((40, 50), (-3, 0)), 20, 10),
        (((15, 12),), 20, 10),
    ],
)
def test_closed_times_do_not_count(closed: Closed, down_s: float, unknown_s: float) -> None:
    """Whatever their order, overlapping or reaching beyond what was probed; one that ends before it begins is none."""
    seen = availability(SEEN)
    assert (seen.down_s(SEEN, closed), seen.unknown_s(SEEN, closed)) == pytest.approx((down_s, unknown_s))


def test_what_is_cut_keeps_its_reason_and_its_order() -> None:
    """A report can still say what was met, and when."""
    outside = SEEN.outside([(12, 14)])
    assert [(one.begin_s, one.end_s) for one in outside] == [(0, 10), (10, 12), (14, 20), (20, 30), (30, 40)]
    assert outside[1].why == outside[2].why == "down from 10.0"


@given(CLOSED)
def test_closed_and_open_time_add_up(closed: Closed) -> None:
    """No moment is lost, none counts twice, and closing more never makes more of it."""
    outside = SEEN.outside(closed)
    cuts = sorted({0.0, DURATION_S, *(min(max(at, 0.0), DURATION_S) for pair in closed for at in pair)})
    shut_s = sum(end - begin for begin, end in pairwise(cuts) if any(a <= begin and end <= b for a, b in closed))
    assert math.isclose(sum(one.lasts_s for one in outside) + shut_s, DURATION_S, abs_tol=1e-6)
    assert all(before.end_s <= after.begin_s for before, after in pairwise(outside))


@pytest.mark.parametrize(
    "stretches",
    [
        (),
        (stretch(Standing.UP, 0, 39),),
        (stretch(Standing.UP, 1, 40),),
        (stretch(Standing.UP, 0, 41),),
    ],
)
def test_a_track_that_does_not_cover_all_the_time_is_refused(stretches: Sequence[Stretch]) -> None:
    """An empty one would read as never down."""
    with pytest.raises(ValidationError, match="a track covers"):
        availability(SEEN, track(*stretches))


@pytest.mark.parametrize("begin_s", [9.0, 11.0])
def test_a_gap_or_an_overlap_is_refused(begin_s: float) -> None:
    """Of each moment one thing is said."""
    with pytest.raises(ValidationError, match="nothing is said"):
        track(stretch(Standing.UP, 0, 10), stretch(Standing.DOWN, begin_s, 40))


def test_more_samples_than_were_due_are_refused() -> None:
    """Whoever counts like this has lost some elsewhere."""
    with pytest.raises(ValidationError, match="801 samples"):
        track(*SEEN.stretches, taken=801)


def test_a_stretch_lasts() -> None:
    """One of no time says nothing."""
    with pytest.raises(ValidationError, match="cannot end"):
        stretch(Standing.UP, 3, 3)


def test_an_availability_without_a_track_is_refused() -> None:
    """Nothing was probed."""
    with pytest.raises(ValidationError):
        availability()


def test_an_availability_survives_its_file() -> None:
    """Times come back exactly, so that they still follow each other."""
    odd = track(stretch(Standing.UP, 0, 0.1 + 0.2), stretch(Standing.DOWN, 0.1 + 0.2, DURATION_S))
    seen = availability(odd)
    assert Availability.model_validate_json(seen.model_dump_json()) == seen
