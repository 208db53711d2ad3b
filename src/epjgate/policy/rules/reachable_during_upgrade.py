"""Rule reachable-during-upgrade: outside the times in which it is closed, the system could be used throughout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from epjgate.model.availability import Standing, Stretch, TrackSeen
from epjgate.model.evidence import Evidence
from epjgate.model.rehearsal import RehearsalPlan
from epjgate.model.rehearsal_events import AvailabilitySeen
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.course import cut_short, not_rehearsed, unjudged
from epjgate.policy.document import ReachableDuringUpgrade
from epjgate.policy.interface import Case, Rule
from epjgate.policy.rehearsed import plan_of
from epjgate.policy.wording import brief, counted, listed

ID = "reachable-during-upgrade"
_AGAIN = "rehearse again, with less else running on this machine; what the harness did not see is never up"


@dataclass(frozen=True)
class _Open:
    """What a track saw of the time in which the system should have been open: how long that was, and the outages."""

    seen: TrackSeen
    open_s: float
    unknown_s: float
    outages: tuple[Stretch, ...]

    @property
    def name(self) -> str:
        """The track, in words."""
        return f"{self.seen.track.probe} over {self.seen.track.connection.value} connections"

    @property
    def down_s(self) -> float:
        """For how long it saw the system down."""
        return sum(outage.lasts_s for outage in self.outages)

    @property
    def unknown_share(self) -> float:
        """The share of this time of which nothing is known; all of it where there is none."""
        return self.unknown_s / self.open_s if self.open_s > 0 else 1.0


def check(case: Case) -> tuple[Finding, ...]:
    """Return a finding for outages beyond the allowance, for what nobody knows, and for samples that are missing.

    What was down before the system was closed for the first time is not the candidate's doing.
    """
    evidence, demands = case.evidence, case.policy.reachable_during_upgrade
    plan = plan_of(evidence)
    if plan is None or evidence.manifest is None:
        return not_rehearsed(ID, evidence)
    seen = evidence.availability
    if seen is None:
        not_probed = demands.not_probed.get(evidence.manifest.system, "")
        return (*_not_looked(evidence, not_probed), *unjudged(ID, evidence))
    tracks = tuple(_open(track, seen) for track in seen.availability.tracks)
    return (
        *_out(tracks, seen, demands),
        *_unknown(tracks, demands),
        *_missed(tracks),
        *_elsewhere(seen, plan),
        *unjudged(ID, evidence),
    )


def _not_looked(evidence: Evidence, not_probed: str) -> Iterator[Finding]:
    """Yield that nobody looked; a note where the policy says why, nothing where a step that was not done does."""
    if not_probed:
        told = "Nobody looked whether the system could be used during the upgrade; the policy accepts it"
        yield Finding(rule=ID, blame=Blame.NOBODY, summary=told, detail=not_probed)
    elif not cut_short(evidence):
        yield Finding(
            rule=ID,
            blame=Blame.NOTHING_TESTED,
            summary="Nobody looked whether the system could be used during the upgrade",
            fix="name probes in the system's system.toml, or say in the policy under not_probed why there are none",
        )


def _open(track: TrackSeen, seen: AvailabilitySeen) -> _Open:
    outages = [
        piece
        for one in track.stretches
        if one.standing is Standing.DOWN
        for piece in _alone(track, one).outside(_about_closed(one, seen))
    ]
    open_s = sum(one.lasts_s for one in track.outside(seen.closed))
    return _Open(track, open_s, seen.availability.unknown_s(track, seen.closed), tuple(outages))


def _about_closed(outage: Stretch, seen: AvailabilitySeen) -> list[tuple[float, float]]:
    """Return the closed times as wide as they may be: an outage that touches one belongs to it within its own edges.

    An edge wider than two samples is none: what the prober missed there must not hide an outage.
    """
    edge_s = min(outage.edge_s, 2 * seen.availability.every_s)
    return [(begin - edge_s, end + edge_s) for begin, end in seen.closed]


def _alone(track: TrackSeen, stretch: Stretch) -> TrackSeen:
    return track.model_copy(update={"stretches": (stretch,)})


def _out(tracks: tuple[_Open, ...], seen: AvailabilitySeen, demands: ReachableDuringUpgrade) -> Iterator[Finding]:
    """Yield one finding for the outages of each side of the first closing, all tracks together."""
    most_s = demands.max_outage_s
    beyond = [track for track in tracks if track.down_s > most_s]
    first = _first_closing_s(seen)
    sides = (
        (Blame.CANDIDATE, "The system cannot be used when it should be open again", False),
        (Blame.ENVIRONMENT, "The release in production could not be used before the upgrade", True),
    )
    for blame, words, early in sides:
        found = [(track, one) for track in beyond for one in track.outages if (one.end_s <= first) is early]
        if found:
            longest = max(outage.lasts_s for _, outage in found)
            names = dict.fromkeys(track.name for track, _ in found)
            yield Finding(
                rule=ID,
                blame=blame,
                summary=brief(f"{words}: {counted(len(found), 'outage')} of up to {longest:.2f} s, {listed(names)}"),
                detail="\n".join(
                    f"{track.name}: down from {one.begin_s:.2f} to {one.end_s:.2f} s, edges within {one.edge_s:.2f} s: "
                    f"{one.why or 'it is not told what the probe met'}"
                    for track, one in found
                ),
                fix=f"mend what the probe met; {most_s:g} s are allowed on each track outside the closed times",
            )


def _unknown(tracks: tuple[_Open, ...], demands: ReachableDuringUpgrade) -> Iterator[Finding]:
    """Yield the tracks of which too much is unknown, the whole of one that saw nothing of an open system included."""
    blind = [track for track in tracks if track.unknown_share > demands.max_unknown_share or not track.seen.taken]
    if blind:
        yield Finding(
            rule=ID,
            blame=Blame.HARNESS,
            summary=brief(
                f"Too little is known of whether the system could be used: {listed(track.name for track in blind)}"
            ),
            detail="\n".join(
                f"{track.name}: {track.unknown_share:.1%} of {track.open_s:.1f} s are unknown, of at most "
                f"{demands.max_unknown_share:.1%}; {track.seen.taken} of {track.seen.expected} samples were taken"
                for track in blind
            ),
            fix=_AGAIN,
        )


def _missed(tracks: tuple[_Open, ...]) -> Iterator[Finding]:
    """Yield a note for samples that were due and not taken; what they would have seen counts as unknown already."""
    short = [track for track in tracks if track.seen.taken != track.seen.expected]
    if short:
        yield Finding(
            rule=ID,
            blame=Blame.NOBODY,
            summary=brief(f"Not every sample was taken that was due: {listed(track.name for track in short)}"),
            detail="\n".join(f"{one.name}: {one.seen.taken} taken, {one.seen.expected} due" for one in short),
        )


def _elsewhere(seen: AvailabilitySeen, plan: RehearsalPlan) -> Iterator[Finding]:
    """Yield a finding where probes looked at another trial than tests cross, or never once the upgrade had begun."""
    crossed = {step.id for trial in plan.trials if trial.crosses for step in trial.steps}
    before = (0.0, _first_closing_s(seen))
    opened = any(track.outside([before, *seen.closed]) for track in seen.availability.tracks)
    if seen.step not in crossed or not opened:
        what = "the open candidate" if seen.step in crossed else "the trial that tests cross"
        yield Finding(
            rule=ID,
            blame=Blame.HARNESS,
            summary=f"Probes never looked at {what}",
            fix="rehearse again; if it recurs, report it as a fault of epjgate",
        )


def _first_closing_s(seen: AvailabilitySeen) -> float:
    return min((begin for begin, _ in seen.closed), default=0.0)


RULE = Rule(ID, "Outside the times in which it is closed, the system could be used throughout the upgrade.", check)
