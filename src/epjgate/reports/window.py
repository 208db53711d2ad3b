"""The view of a rehearsed upgrade that all text reports share: plan, forecast, steps, records, availability."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from epjgate.model.availability import Standing, Stretch, TrackSeen
from epjgate.model.forecast import Interval, WindowForecast
from epjgate.model.rehearsal import CensusChange, PlannedStep, RehearsalPlan, StepKind, StepOutcome, Trial
from epjgate.model.rehearsal_events import AvailabilitySeen, StepEnded
from epjgate.model.verdict import Rehearsed
from epjgate.reports.figures import decimal, probability, seconds, whole
from epjgate.reports.words import Words

# How much of a course one picture shows: what is shorter than this share of it is drawn that long, or it would vanish.
_THINNEST = 0.004
_MOST_STRETCHES = 400


@dataclass(frozen=True)
class Bounds:
    """One figure of the forecast, in words: what it is, the estimate, and the bounds that hold the truth."""

    label: str
    estimate: str
    low: str
    high: str


@dataclass(frozen=True)
class StepRow:
    """One step; a cell for every column of trials, each with its times or how it ended."""

    step: str
    cells: tuple[str, ...]
    flawed: bool


@dataclass(frozen=True)
class CensusRow:
    """What was counted at one step: where, in words, and what differs from the census before the upgrade."""

    where: str
    told: str
    changes: tuple[CensusChange, ...]
    locks: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether there is anything to look at."""
        return bool(self.changes or self.locks)


@dataclass(frozen=True)
class Bar:
    """A stretch of time as a share of the whole course."""

    at: float
    width: float
    standing: str


@dataclass(frozen=True)
class TrackRow:
    """What one track saw; `bars` are its course, `closed` the times in which the plan has the system closed."""

    label: str
    samples: str
    down: str
    unknown: str
    outages: tuple[str, ...]
    bars: tuple[Bar, ...]
    closed: tuple[Bar, ...]


@dataclass(frozen=True)
class WindowView:
    """A rehearsal, told; `refused` is why there is no forecast: problem, cause, what to do; empty if there is one.

    `columns` head the cells of `steps`; `counted_alike` says how many censuses showed no difference, empty for none.
    Texts of systems and scripts are as they came: each report escapes them.
    """

    plan: tuple[tuple[str, str], ...]
    forecast: tuple[Bounds, ...]
    remarks: tuple[str, ...]
    refused: tuple[str, ...]
    columns: tuple[str, ...]
    steps: tuple[StepRow, ...]
    censuses: tuple[CensusRow, ...]
    counted_alike: str
    tracks: tuple[TrackRow, ...]


def window_of(rehearsed: Rehearsed, words: Words) -> WindowView:
    """Return the view of `rehearsed` in `words`; equal input gives an equal view."""
    plan, refused = rehearsed.plan, rehearsed.not_forecasted
    forecast = rehearsed.forecast
    seen = rehearsed.availability
    columns = _columns(plan, words)
    censuses = tuple(_censuses(rehearsed, words))
    alike = sum(not row.differs for row in censuses)
    return WindowView(
        plan=tuple(_plan(plan, words)),
        forecast=tuple(_forecast(forecast, words)) if forecast else (),
        remarks=tuple(_remarks(forecast, words)) if forecast else (),
        refused=(refused.problem, refused.why, refused.fix) if refused and not forecast else (),
        columns=tuple(columns),
        steps=tuple(_steps(rehearsed, columns.values(), words)),
        censuses=censuses,
        counted_alike=f"{words.count(alike, 'counting')} {words['window.rest']}" if alike else "",
        tracks=tuple(_track(track, seen, words) for track in seen.availability.tracks) if seen else (),
    )


def _plan(plan: RehearsalPlan, words: Words) -> Iterator[tuple[str, str]]:
    minutes = words["window.minutes"]
    repeats = min((_repeats(plan, size) for size in plan.sizes), default=0)
    sizes = " / ".join(whole(size, words) for size in plan.sizes) or words["fact.none"]
    crossed = ", ".join(words.count(trial.patients, "patients") for trial in plan.trials if trial.crosses)
    yield words["window.upgrade"], f"{plan.from_release} → {plan.to_release}"
    length = f"{decimal(plan.window_min, words, 0)} {minutes}"
    yield words["window.window"], f"{plan.window_from}-{plan.window_until} ({length})"
    yield words["window.date"], plan.date or words["window.no_date"]
    yield words["window.margin"], f"{decimal(plan.margin_min, words, 0)} {minutes}"
    yield words["window.production"], words.count(plan.production_patients, "patients")
    yield words["window.sizes"], f"{sizes} ({repeats} {words['window.repeats']})"
    yield words["window.crossed"], crossed or words["fact.none"]


def _repeats(plan: RehearsalPlan, size: int) -> int:
    return sum(trial.patients == size and trial.timed for trial in plan.trials)


def _forecast(forecast: WindowForecast, words: Words) -> Iterator[Bounds]:
    minutes = words["window.minutes"]
    for key, interval in (("upgrade_s", forecast.upgrade_s), ("rollback_s", forecast.rollback_s)):
        figures = [f"{decimal(value / 60, words)} {minutes}" for value in _spread(interval)]
        yield Bounds(words[f"window.{key}"], *figures)
    for key, interval in (("fits_p", forecast.fits_p), ("rollback_fits_p", forecast.rollback_fits_p)):
        yield Bounds(words[f"window.{key}"], *(probability(value, words) for value in _spread(interval)))
    latest = [
        f"{words['window.minute']} {whole(value, words)}" for value in _spread(forecast.latest_rollback_start_min)
    ]
    yield Bounds(words["window.latest"], *latest)


def _remarks(forecast: WindowForecast, words: Words) -> Iterator[str]:
    if forecast.abort_minute is None:
        yield words["window.abort.none"]
    else:
        yield f"{words['window.abort']}: {words['window.minute']} {forecast.abort_minute}"
    yield f"{words['window.confidence']} {decimal(forecast.upgrade_s.confidence * 100, words, 0)} %"
    yield f"{decimal(forecast.extrapolation_factor, words)} {words['window.larger']}"


def _columns(plan: RehearsalPlan, words: Words) -> dict[str, tuple[Trial, ...]]:
    """Return the trials of each column: those that tests cross, the timed ones by size, and the drills."""
    columns = {words["window.crosses"]: tuple(trial for trial in plan.trials if trial.crosses)}
    for size in plan.sizes:
        timed = tuple(trial for trial in plan.trials if trial.patients == size and trial.timed)
        columns[words.count(size, "patients")] = timed
    columns[words["window.drills"]] = tuple(trial for trial in plan.trials if trial.drills)
    return {head: trials for head, trials in columns.items() if trials}


def _steps(rehearsed: Rehearsed, columns: Iterable[Sequence[Trial]], words: Words) -> Iterator[StepRow]:
    """Yield one row for each kind of step that is planned, in the order in which the trials take them."""
    ended = {one.step: one for one in rehearsed.steps}
    for kind in _order(rehearsed.plan):
        cells = [[step for trial in trials for step in trial.steps if step.kind is kind] for trials in columns]
        steps = [step for cell in cells for step in cell]
        flawed = any(step.id not in ended or ended[step.id].outcome is not StepOutcome.DONE for step in steps)
        yield StepRow(kind.value, tuple(_cell(cell, ended, words) for cell in cells), flawed)


def _order(plan: RehearsalPlan) -> list[StepKind]:
    """Return the kinds of all trials: one that a trial has alone comes right behind that which it follows there."""
    order: list[StepKind] = []
    for trial in plan.trials:
        place = 0
        for step in trial.steps:
            if step.kind not in order:
                order.insert(place, step.kind)
            place = order.index(step.kind) + 1
    return order


def _cell(steps: list[PlannedStep], ended: dict[str, StepEnded], words: Words) -> str:
    if steps and not any(step.id in ended for step in steps):
        return words["window.undone"]
    return " / ".join(_time(ended.get(step.id), words) for step in steps) or "-"


def _time(ended: StepEnded | None, words: Words) -> str:
    if ended is None:
        return words["window.undone"]
    if ended.outcome is StepOutcome.DONE:
        return seconds(ended.duration_s, words)
    return f"{words[f'step.{ended.outcome.value}']} ({seconds(ended.duration_s, words)})"


def _censuses(rehearsed: Rehearsed, words: Words) -> Iterator[CensusRow]:
    planned = {step.id: (trial, step) for trial in rehearsed.plan.trials for step in trial.steps}
    for taken in rehearsed.censuses:
        if taken.step not in planned:
            continue
        trial, step = planned[taken.step]
        what = "window.crosses" if trial.crosses else "window.drills" if trial.drills else "window.repeat"
        records = words.count(sum(tally.count for tally in taken.census.kinds.values()), "record")
        told = words.count(len(taken.changes), "change") if taken.changes else words["window.unchanged"]
        told = words["window.first_census"] if step.kind is StepKind.CENSUS else told
        where = f"{step.kind.value}, {words.count(trial.patients, 'patients')}, {words[what]} {trial.repeat}"
        yield CensusRow(where, f"{records}: {told}", taken.changes, taken.census.locks)


def _track(track: TrackSeen, seen: AvailabilitySeen, words: Words) -> TrackRow:
    availability = seen.availability
    connection = words[f"connection.{track.track.connection.value}"]
    outages = [one for one in track.stretches if one.standing is Standing.DOWN]
    return TrackRow(
        label=f"{track.track.probe}, {connection}",
        samples=f"{whole(track.taken, words)} {words['of']} {whole(track.expected, words)}",
        down=f"{seconds(availability.down_s(track), words)} s",
        unknown=f"{seconds(availability.unknown_s(track), words)} s",
        outages=tuple(
            f"{decimal(one.begin_s, words, 2)}-{decimal(one.end_s, words, 2)} s "
            f"({words['window.edges']} {decimal(one.edge_s, words, 2)} s): {one.why}".rstrip(": ")
            for one in outages
        ),
        bars=tuple(
            _bar(one.begin_s, one.end_s, availability.duration_s, one.standing.value)
            for one in reversed(_worst_first(track.stretches)[:_MOST_STRETCHES])  # so that the worst is painted last
        ),
        closed=tuple(_bar(begin, end, availability.duration_s, "closed") for begin, end in seen.closed),
    )


def _worst_first(stretches: tuple[Stretch, ...]) -> list[Stretch]:
    return sorted(stretches, key=lambda one: list(Standing).index(one.standing))


def _bar(begin_s: float, end_s: float, whole_s: float, standing: str) -> Bar:
    """Return the stretch within the picture, wide enough to be seen."""
    if whole_s <= 0:
        return Bar(0.0, 0.0, standing)
    at = min(max(begin_s / whole_s, 0.0), 1.0)
    until = min(max(end_s / whole_s, at), 1.0)
    width = max(until - at, _THINNEST)
    return Bar(round(min(at, 1 - width), 5), round(width, 5), standing)


def _spread(interval: Interval) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high
