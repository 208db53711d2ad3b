"""All that was heard of a sampler, and the availability that it shows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from epjgate.model.availability import Availability, Connection, Standing, Stretch, Track, TrackSeen
from epjgate.probing.sample import End, Message, Missed, Result, Sample, Stood
from epjgate.probing.timeline import Span, due_before, merged, timeline, usable


def tracks_of(probes: Sequence[str]) -> tuple[Track, ...]:
    """Return the tracks on which `probes` are asked, in the order of their numbers; the control's comes after them."""
    return tuple(Track(probe=probe, connection=connection) for probe in probes for connection in Connection)


@dataclass(frozen=True)
class Heard:
    """What has come from a sampler so far; `lost` says why no more will, empty where nothing speaks against it.

    The control endpoint does next to nothing, so it counts as silent after half of the system's `patience_s`.
    """

    tracks: tuple[Track, ...]
    every_s: float
    patience_s: float
    samples: tuple[Sample, ...] = ()
    missed: tuple[Missed, ...] = ()
    stood: tuple[Stood, ...] = ()
    lost: str = ""

    def until(self, duration_s: float) -> Availability:
        """Return what was seen from 0 to `duration_s` seconds; what was not heard of is unknown."""
        by_track = self._by_track()
        missing = self._missing()
        stalls = self._stalls(by_track[len(self.tracks)], missing, duration_s)
        return Availability(
            every_s=self.every_s,
            duration_s=duration_s,
            tracks=tuple(
                self._seen(track, by_track[number], stalls, missing, duration_s)
                for number, track in enumerate(self.tracks)
            ),
            stalls=tuple(_stretch(stall, self.every_s, duration_s) for stall in stalls if stall.begin_s < duration_s),
        )

    def _by_track(self) -> list[list[Sample]]:
        found: list[list[Sample]] = [[] for _ in range(len(self.tracks) + 1)]
        for sample in self.samples:
            found[sample.track].append(sample)
        return found

    def _missing(self) -> dict[int, str]:
        return {
            n: f"not taken: the harness was {one.late_s:.2f} s late"
            for one in self.missed
            for n in range(one.first, one.last + 1)
        }

    @property
    def _otherwise(self) -> str:
        return self.lost or "not answered by then"

    def _stalls(self, control: Sequence[Sample], missing: dict[int, str], duration_s: float) -> list[Span]:
        """Return when the harness stood still or was blind, in order and apart."""
        stood = [Span(one.begin_s, one.end_s, Standing.UNKNOWN, "the prober stood still") for one in self.stood]
        if self.lost and self._last_s < duration_s:
            stood.append(Span(self._last_s, duration_s, Standing.UNKNOWN, self.lost))
        seen = timeline(
            control,
            every_s=self.every_s,
            duration_s=duration_s,
            patience_s=self.patience_s / 2,
            stalls=stood,
            missing=missing,
            otherwise=self._otherwise,
        )
        blind = [
            Span(one.begin_s, one.end_s, Standing.UNKNOWN, f"the harness did not reach its own endpoint: {one.why}")
            for one in seen
            if one.standing is Standing.DOWN
        ]
        return merged([*stood, *blind])

    @property
    def _last_s(self) -> float:
        """When the sampler last spoke."""
        ends = [one.done_s for one in self.samples] + [one.end_s for one in self.stood]
        return max(ends, default=0.0)

    def _seen(
        self, track: Track, samples: Sequence[Sample], stalls: list[Span], missing: dict[int, str], duration_s: float
    ) -> TrackSeen:
        taken = usable(samples, every_s=self.every_s, duration_s=duration_s).values()
        return TrackSeen(
            track=track,
            expected=due_before(duration_s, self.every_s),
            taken=sum(one.result is not Result.LOST for one in taken),
            reconnected=sum(one.reconnected for one in taken),
            stretches=timeline(
                samples,
                every_s=self.every_s,
                duration_s=duration_s,
                patience_s=self.patience_s,
                stalls=stalls,
                missing=missing,
                otherwise=self._otherwise,
            ),
        )


@dataclass
class Ear:
    """Takes in what a sampler says, message by message."""

    tracks: tuple[Track, ...]
    every_s: float
    patience_s: float
    ended: End | None = None
    _samples: list[Sample] = field(default_factory=list)
    _missed: list[Missed] = field(default_factory=list)
    _stood: list[Stood] = field(default_factory=list)

    def hear(self, message: Message) -> None:
        """Take in `message`; raises ValueError where it has no place after what was said before."""
        match message:
            case Sample(track=track) if 0 <= track <= len(self.tracks):
                self._samples.append(message)
            case Missed():
                self._missed.append(message)
            case Stood():
                self._stood.append(message)
            case End() if self.ended is None:
                self.ended = message
            case _:
                raise ValueError(f"a sampler does not say {message} while it samples")

    def heard(self, lost: str = "") -> Heard:
        """Return what it said up to now; `lost` says why nothing more will come."""
        whole = Heard(self.tracks, self.every_s, self.patience_s, lost=lost)
        return replace(whole, samples=tuple(self._samples), missed=tuple(self._missed), stood=tuple(self._stood))


def _stretch(span: Span, every_s: float, duration_s: float) -> Stretch:
    return Stretch(
        standing=span.standing,
        begin_s=span.begin_s,
        end_s=min(span.end_s, duration_s),
        edge_s=every_s,
        why=span.why,
    )
