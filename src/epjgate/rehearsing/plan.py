"""Makes the plan of a rehearsal: bounded, the same for the same wish, and shown before anything starts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from epjgate.errors import UsageError
from epjgate.model.forecast import Phase
from epjgate.model.rehearsal import PlannedStep, RehearsalPlan, StepKind, Trial

SIZES = 3
"""How many sizes are timed where nobody names them: with fewer no growth can be told from noise."""
REPEATS = 2
DRILLS = 3
MARGIN_MIN = 20.0
STALL_S = 180.0
LONGEST_FACTOR = 2.0
"""How many windows one step may take before it is ended: beyond, it has failed its window in any case."""
_LEAST_SIZE = 10
_WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_DAY_MIN = 24 * 60

K = StepKind
_PHASES = {
    **dict.fromkeys((K.STOP_OLD, K.CENSUS, K.BACKUP, K.MIGRATE, K.START_NEW, K.OPEN), Phase.UPGRADE),
    K.VERIFY: Phase.VERIFICATION,
    **dict.fromkeys((K.STOP_NEW, K.RESTORE, K.START_RESTORED), Phase.ROLLBACK),
}
_CROSSING = (
    *(K.FILL, K.START_OLD, K.PREPARE, K.STOP_OLD, K.MIGRATE, K.START_NEW, K.OPEN, K.CHECK),
    *(K.STOP_NEW, K.ROLL_BACK, K.RECHECK),
)
_TIMED = (
    *(K.FILL, K.START_OLD, K.STOP_OLD, K.CENSUS, K.BACKUP, K.MIGRATE, K.START_NEW, K.VERIFY, K.OPEN),
    *(K.STOP_NEW, K.RESTORE, K.START_RESTORED, K.VERIFY_RESTORED),
)
_DRILL = (K.FILL, K.CENSUS, K.KILL_MIGRATION, K.MIGRATE, K.START_NEW, K.VERIFY)
# Repeats of what takes a moment differ too much to bear a forecast.
_COUNTS_WITH = {K.STOP_OLD: K.CENSUS, K.OPEN: K.START_NEW, K.STOP_NEW: K.RESTORE}
# After these nothing but the rollback leads back.
_PAST_RETURN = frozenset({K.MIGRATE, K.START_NEW, K.VERIFY, K.OPEN})


@dataclass(frozen=True)
class UpgradeWish:
    """What is to be rehearsed, as it was said; `sizes` are patients, empty where they were left to the gate."""

    from_release: str
    to_release: str
    production_patients: int
    window: str
    date: str = ""
    sizes: tuple[int, ...] = ()
    repeats: int = REPEATS
    drills: int = DRILLS
    margin_min: float = MARGIN_MIN
    seed: int = 0


def plan_rehearsal(wish: UpgradeWish, *, migrates: bool, crosses: bool) -> RehearsalPlan:
    """Return the plan; raises UsageError for a wish that cannot be planned.

    First comes the trial with which tests and probes cross, where anything `crosses`; then every size as often as it is
    repeated, small ones first, so that trouble shows early; then the drills, where a command `migrates`.
    """
    begins, ends, window_min = _window(wish.window)
    _raise_unless_sensible(wish)
    sizes = tuple(sorted(set(wish.sizes))) or _sizes(wish.production_patients)
    asked: list[tuple[int, int, Sequence[StepKind]]] = [(sizes[0], 1, _CROSSING)] if crosses else []
    asked += [(size, repeat, _TIMED) for repeat in range(1, wish.repeats + 1) for size in sizes]
    asked += [(sizes[0], repeat, _DRILL) for repeat in range(1, wish.drills + 1)] if migrates else []
    limit_s = window_min * 60 * LONGEST_FACTOR
    draws = Random(wish.seed)  # noqa: S311 - drills are drawn, not secrets
    return RehearsalPlan(
        from_release=wish.from_release,
        to_release=wish.to_release,
        production_patients=wish.production_patients,
        window_from=begins,
        window_until=ends,
        window_min=window_min,
        margin_min=wish.margin_min,
        date=wish.date,
        seed=wish.seed,
        trials=tuple(
            _trial(number, patients, repeat, _kinds(steps, migrates=migrates), limit_s, draws)
            for number, (patients, repeat, steps) in enumerate(asked, 1)
        ),
    )


def _kinds(steps: Sequence[StepKind], *, migrates: bool) -> list[StepKind]:
    """Return `steps` as they are on a system that migrates by a command, or by itself when it starts."""
    return [kind for kind in steps if migrates or kind is not K.MIGRATE]


def _trial(number: int, patients: int, repeat: int, kinds: Sequence[StepKind], limit_s: float, draws: Random) -> Trial:
    crosses, drills = K.PREPARE in kinds, K.KILL_MIGRATION in kinds
    steps = (
        PlannedStep(
            id=f"t{number}.s{position}",
            kind=kind,
            phase=None if crosses or drills else _PHASES.get(kind),
            past_return=kind in _PAST_RETURN,
            counts_with=_COUNTS_WITH.get(kind),
            stall_s=STALL_S,
            limit_s=limit_s,
            kill_at=round(draws.uniform(0.1, 0.9), 3) if kind is K.KILL_MIGRATION else None,
        )
        for position, kind in enumerate(kinds, 1)
    )
    return Trial(patients=patients, repeat=repeat, crosses=crosses, drills=drills, steps=tuple(steps))


def _sizes(production_patients: int) -> tuple[int, ...]:
    """Return sizes up to a tenth of production, which is as far as a forecast reaches, evenly spread on a log scale."""
    largest = max(production_patients / 10, _LEAST_SIZE * 10)
    return tuple(_rounded(largest / 10 ** (step / (SIZES - 1))) for step in reversed(range(SIZES)))


def _rounded(size: float) -> int:
    """Return `size` to two significant digits, never less."""
    unit = 10 ** max(len(str(int(size))) - 2, 0)
    return int(-(-size // unit) * unit)


def _window(said: str) -> tuple[str, str, float]:
    """Return begin and end as HH:MM, and how many minutes lie between; an end before the begin is on the next day."""
    match = _WINDOW.fullmatch(said)
    if match is None:
        raise UsageError(f"the window {said!r} cannot be read", "it is not HH:MM-HH:MM", "say it like 01:00-04:00")
    begin, end = (int(match[hour]) * 60 + int(match[hour + 1]) for hour in (1, 3))
    if begin == end:
        raise UsageError(f"the window {said!r} is empty", "it ends when it begins", "say it like 01:00-04:00")
    return said[:5], said[6:], float((end - begin) % _DAY_MIN)


def _raise_unless_sensible(wish: UpgradeWish) -> None:
    asked = (
        (wish.production_patients >= 1, f"a production size of {wish.production_patients} patients", "at least 1"),
        (wish.from_release != wish.to_release, f"an upgrade of {wish.from_release} to itself", "two releases"),
        (wish.repeats >= 1, f"{wish.repeats} repeats", "at least 1"),
        (wish.drills >= 0, f"{wish.drills} drills", "0 or more"),
        (wish.margin_min >= 0, f"a margin of {wish.margin_min} min", "0 or more"),
        (all(size >= 1 for size in wish.sizes), f"the sizes {wish.sizes}", "sizes of at least 1 patient"),
        (not wish.date or _is_date(wish.date), f"the date {wish.date!r}", "a date like 2026-10-25"),
    )
    for sensible, what, allowed in asked:
        if not sensible:
            raise UsageError(f"no rehearsal can be planned for {what}", "it is out of range", f"name {allowed}")


def _is_date(said: str) -> bool:
    try:
        return date.fromisoformat(said).isoformat() == said
    except ValueError:
        return False
