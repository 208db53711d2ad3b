"""Whether a system could be used while it was changed: samples of probes, and the outages that they show."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from epjgate.model.base import Value

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Connection(StrEnum):
    """How a probe reaches the system: `new` connects for each sample, `reused` keeps one connection while it can."""

    NEW = "new"
    REUSED = "reused"


class Standing(StrEnum):
    """What is known of the system at a time, worst first; `unknown` where the harness itself was not able to see."""

    DOWN = "down"
    UNKNOWN = "unknown"
    UP = "up"


class Track(Value):
    """One series of samples: what is asked (`read`, `write`, ...) over which kind of connection."""

    probe: str
    connection: Connection


class Stretch(Value):
    """A time of one standing on one track, in seconds since probing began; `why` says what the first sample met.

    The true edges lie within `edge_s` of `begin_s` and of `end_s`.
    """

    standing: Standing
    begin_s: Seconds
    end_s: Seconds
    edge_s: Seconds
    why: str = ""

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.end_s <= self.begin_s:
            raise ValueError(f"a stretch that begins at {self.begin_s} s cannot end at {self.end_s} s")
        return self

    @property
    def lasts_s(self) -> float:
        """How long it lasted."""
        return self.end_s - self.begin_s


class TrackSeen(Value):
    """What one track saw: `expected` samples were due, `taken` were taken; what lies between is `unknown`, never up.

    `stretches` cover the whole time without a gap, in order. `reconnected` counts the samples for which a kept
    connection turned out to be closed by the server, which is no outage.
    """

    track: Track
    expected: Annotated[int, Field(ge=0)]
    taken: Annotated[int, Field(ge=0)]
    reconnected: Annotated[int, Field(ge=0)] = 0
    stretches: tuple[Stretch, ...]

    @model_validator(mode="after")
    def _without_a_gap(self) -> Self:
        if self.taken > self.expected:
            raise ValueError(f"{self.taken} samples were taken where {self.expected} were due")
        for before, after in pairwise(self.stretches):
            if before.end_s != after.begin_s:
                raise ValueError(
                    f"nothing is said of the time between {before.end_s} s and {after.begin_s} s, or twice"
                )
        return self

    def outside(self, closed: Sequence[tuple[float, float]]) -> tuple[Stretch, ...]:
        """Return the stretches without the times in `closed`, each from, until; one that is cut keeps its `why`.

        Closed times may overlap and come in any order.
        """
        left = list(self.stretches)
        for begin_s, end_s in closed:
            left = [piece for stretch in left for piece in _without(stretch, begin_s, end_s)]
        return tuple(left)


class Availability(Value):
    """What all tracks saw, samples `every_s` apart; `stalls` are times in which the harness itself stood still."""

    every_s: Annotated[float, Field(gt=0)]
    duration_s: Seconds
    tracks: Annotated[tuple[TrackSeen, ...], Field(min_length=1)]
    stalls: tuple[Stretch, ...] = ()

    @model_validator(mode="after")
    def _says_something_of_all_the_time(self) -> Self:
        for seen in self.tracks:
            ends = (seen.stretches[0].begin_s, seen.stretches[-1].end_s) if seen.stretches else (0.0, 0.0)
            if ends != (0.0, self.duration_s):
                raise ValueError(f"probing lasted {self.duration_s} s, and a track covers {ends[0]} s to {ends[1]} s")
        return self

    def down_s(self, track: TrackSeen, closed: Sequence[tuple[float, float]] = ()) -> float:
        """Return for how many seconds `track` saw the system down, by its stretches, not counting `closed` times."""
        return _lasting_s(track, Standing.DOWN, closed)

    def unknown_s(self, track: TrackSeen, closed: Sequence[tuple[float, float]] = ()) -> float:
        """Return for how many seconds nobody knows how the system stood on `track`, not counting `closed` times."""
        return _lasting_s(track, Standing.UNKNOWN, closed)


def _lasting_s(track: TrackSeen, standing: Standing, closed: Sequence[tuple[float, float]]) -> float:
    return sum(stretch.lasts_s for stretch in track.outside(closed) if stretch.standing is standing)


def _without(stretch: Stretch, begin_s: float, end_s: float) -> list[Stretch]:
    """Return what is left of `stretch` outside `begin_s` to `end_s`."""
    if end_s <= begin_s:
        return [stretch]
    pieces = ((stretch.begin_s, min(stretch.end_s, begin_s)), (max(stretch.begin_s, end_s), stretch.end_s))
    return [stretch.model_copy(update={"begin_s": a, "end_s": b}) for a, b in pieces if a < b]
