"""What was heard of a sampler becomes an availability in which everything that was due is accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from epjgate.model.availability import Connection, Standing, TrackSeen
from epjgate.probing.hearing import Ear, Heard, tracks_of
from epjgate.probing.sample import End, Message, Missed, Ready, Result, Sample, Stood

TRACKS = tracks_of(["read"])
CONTROL = len(TRACKS)
NOTHING = Heard(TRACKS, every_s=0.1, patience_s=0.3)
UP, DOWN, UNKNOWN = Standing.UP, Standing.DOWN, Standing.UNKNOWN


def samples(bad: Sequence[int] = (), control_bad: Sequence[int] = (), until: int = 10) -> tuple[Sample, ...]:
    """Return samples of all tracks; those in `bad` are bad on both tracks of the system."""
    made = []
    for track in range(CONTROL + 1):
        for n in range(until):
            fails = n in (control_bad if track == CONTROL else bad)
            result, why = (Result.BAD, "refused") if fails else (Result.GOOD, "")
            made.append(Sample(track, n, n * 0.1, n * 0.1 + 0.001, result, why))
    return tuple(made)


def standings(seen: TrackSeen) -> list[Standing]:
    return [stretch.standing for stretch in seen.stretches]


def test_each_probe_has_a_track_of_each_kind_of_connection() -> None:
    """In the order in which the sampler numbers them."""
    assert [(one.probe, one.connection) for one in tracks_of(["read", "write"])] == [
        ("read", Connection.NEW),
        ("read", Connection.REUSED),
        ("write", Connection.NEW),
        ("write", Connection.REUSED),
    ]


def test_what_is_bad_while_the_control_endpoint_answers_is_down() -> None:
    """Then it is the system, and no stall is told."""
    found = replace(NOTHING, samples=samples(bad=[4, 5])).until(1.0)
    assert [standings(one) for one in found.tracks] == [[UP, DOWN, UP]] * 2
    assert [found.down_s(one) for one in found.tracks] == pytest.approx([0.2, 0.2])
    assert [(one.expected, one.taken) for one in found.tracks] == [(10, 10)] * 2
    assert found.stalls == ()


def test_what_is_bad_while_the_control_endpoint_is_silent_too_is_unknown() -> None:
    """The harness cannot tell whose fault it is; what succeeded meanwhile is up all the same."""
    found = replace(NOTHING, samples=samples(bad=[4, 5], control_bad=[4, 5, 6])).until(1.0)
    assert [standings(one) for one in found.tracks] == [[UP, UNKNOWN, UP]] * 2
    assert found.tracks[0].stretches[1].why == "the harness did not reach its own endpoint: refused"
    assert found.tracks[0].stretches[1].lasts_s == pytest.approx(0.2)
    assert [(round(one.begin_s, 3), one.standing) for one in found.stalls] == [(0.4, UNKNOWN)]


def test_a_control_endpoint_is_silent_after_half_the_patience() -> None:
    """What makes the system slow may be the machine, and then it makes the control endpoint slow too, but less."""
    slow = [
        replace(one, done_s=0.8 if one.track < CONTROL else 0.6) if 4 <= one.n < 8 - (one.track == CONTROL) * 2 else one
        for one in samples()
    ]
    found = replace(NOTHING, samples=tuple(slow)).until(1.0)
    assert [standings(one) for one in found.tracks] == [[UP, UNKNOWN, UP]] * 2


def test_samples_that_were_due_and_not_sent_are_named() -> None:
    """Expected is not taken, and the gap has its reason."""
    some = [one for one in samples() if one.n not in {3, 4}]
    found = replace(NOTHING, samples=tuple(some), missed=(Missed(3, 4, 0.21),)).until(1.0)
    for track in found.tracks:
        assert (track.expected, track.taken, standings(track)) == (10, 8, [UP, UNKNOWN, UP])
        assert track.stretches[1].why == "not taken: the harness was 0.21 s late"


def test_samples_without_a_result_at_the_end_are_unknown() -> None:
    """They were sent, or not; nobody has heard of them."""
    found = replace(NOTHING, samples=samples(until=7)).until(1.0)
    for track in found.tracks:
        assert (track.expected, track.taken, standings(track)) == (10, 7, [UP, UNKNOWN])
        assert track.stretches[1].why == "not answered by then"


def test_a_sample_that_the_harness_lost_is_not_taken() -> None:
    """It was none of the system's doing, and says nothing of it."""
    lost = [replace(one, result=Result.LOST, why="too many open files") if one.n == 5 else one for one in samples()]
    track = replace(NOTHING, samples=tuple(lost)).until(1.0).tracks[0]
    assert (track.expected, track.taken, standings(track)) == (10, 9, [UP, UNKNOWN, UP])
    assert track.stretches[1].why == "too many open files"


def test_everything_after_a_sampler_was_lost_is_unknown() -> None:
    """Never up, and told as a stall with its reason."""
    found = replace(NOTHING, samples=samples(until=5), lost="the sampler ended by signal 9").until(60.0)
    for track in found.tracks:
        assert standings(track) == [UP, UNKNOWN]
        assert track.stretches[1].why == "the sampler ended by signal 9"
    assert [(round(one.begin_s, 3), one.end_s) for one in found.stalls] == [(0.401, 60.0)]


def test_a_sampler_that_was_never_heard_saw_nothing() -> None:
    """All of it is unknown."""
    found = replace(NOTHING, lost="it never spoke").until(1.0)
    assert [standings(one) for one in found.tracks] == [[UNKNOWN], [UNKNOWN]]


def test_a_stall_is_told_within_the_time_that_was_probed() -> None:
    """It may have ended after the last sample was due."""
    found = replace(NOTHING, samples=samples(until=5), stood=(Stood(0.45, 5.0), Stood(7.0, 8.0))).until(1.0)
    assert [(one.begin_s, one.end_s, one.why) for one in found.stalls] == [(0.45, 1.0, "the prober stood still")]
    assert all(standings(one) == [UP, UNKNOWN] for one in found.tracks)


def test_reconnections_are_counted_by_track() -> None:
    """They are no outage, and no secret."""
    told = [replace(one, reconnected=one.track == 1 and one.n in {2, 3}) for one in samples()]
    found = replace(NOTHING, samples=tuple(told)).until(1.0)
    assert [(one.reconnected, standings(one)) for one in found.tracks] == [(0, [UP]), (2, [UP])]


def test_an_ear_keeps_all_that_it_hears() -> None:
    """What it returns later holds what was said before."""
    ear = Ear(TRACKS, 0.1, 0.3)
    said: list[Message] = [*samples(until=2), Missed(2, 3, 0.2), Stood(0.15, 0.4), End(0.5)]
    for message in said:
        ear.hear(message)
    assert ear.heard("gone") == replace(
        NOTHING, samples=samples(until=2), missed=(Missed(2, 3, 0.2),), stood=(Stood(0.15, 0.4),), lost="gone"
    )
    assert ear.ended == End(0.5)


@pytest.mark.parametrize("message", [Ready(1.0, 2), Sample(3, 0, 0, 0, Result.GOOD), Sample(-1, 0, 0, 0, Result.GOOD)])
def test_an_ear_refuses_what_cannot_be(message: Message) -> None:
    """A second beginning, or a track that nobody asked for."""
    with pytest.raises(ValueError, match="does not say"):
        Ear(TRACKS, 0.1, 0.3).hear(message)


def test_an_ear_refuses_a_second_end() -> None:
    """Nobody could tell which of them is true."""
    ear = Ear(TRACKS, 0.1, 0.3)
    ear.hear(End(1.0))
    with pytest.raises(ValueError, match="does not say"):
        ear.hear(End(2.0))
