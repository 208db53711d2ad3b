"""An upgrade as it is rehearsed: the plan, made and shown before anything starts, and what came of its steps."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from epjgate.model.base import Value
from epjgate.model.forecast import Phase

Patients = Annotated[int, Field(ge=1)]
StepId = Annotated[str, Field(pattern=r"^t\d+\.s\d+$")]


class StepKind(StrEnum):
    """What a step does; each stands at most once in a trial.

    `fill` makes the data of the production release; `prepare`, `check` and `recheck` are the parts of the tests that
    cross the upgrade, on the old release, on the candidate, and on the old release after the rollback; `census` counts
    and weighs all records, before the upgrade; `verify` does it again and compares; `roll_back` puts the old release
    on the database as the candidate left it; `restore` brings the backup back. `kill_migration` is a drill: the
    migration is killed in its midst, and the one after it has to come to its end.
    """

    FILL = "fill"
    START_OLD = "start_old"
    PREPARE = "prepare"
    CENSUS = "census"
    BACKUP = "backup"
    STOP_OLD = "stop_old"
    KILL_MIGRATION = "kill_migration"
    MIGRATE = "migrate"
    START_NEW = "start_new"
    VERIFY = "verify"
    OPEN = "open"
    CHECK = "check"
    STOP_NEW = "stop_new"
    ROLL_BACK = "roll_back"
    RECHECK = "recheck"
    RESTORE = "restore"
    START_RESTORED = "start_restored"
    VERIFY_RESTORED = "verify_restored"


class PlannedStep(Value):
    """One step of one trial. `phase` is what its time counts against, None for one that no night knows.

    From a step that is `past_return` on, the way back is the rollback alone. `stall_s` is how long it may show no sign
    of progress; `limit_s` bounds it whatever it shows. `kill_at` is the share of the time of a migration, as it was
    measured, after which a drill kills it. A step that `counts_with` another one is too short to be timed on its own:
    its time is part of the other's.
    """

    id: StepId
    kind: StepKind
    phase: Phase | None
    past_return: bool
    stall_s: Annotated[float, Field(gt=0)]
    limit_s: Annotated[float, Field(gt=0)]
    kill_at: Annotated[float, Field(gt=0, lt=1)] | None = None
    counts_with: StepKind | None = None


class Trial(Value):
    """One upgrade at one size; `repeat` tells trials of one size apart, counting from 1.

    In one that `crosses`, tests and probes run along; in one that `drills`, a migration is killed: their times do not
    count, and their `repeat` counts on its own.
    """

    patients: Patients
    repeat: Annotated[int, Field(ge=1)]
    crosses: bool
    drills: bool = False
    steps: Annotated[tuple[PlannedStep, ...], Field(min_length=1)]

    @property
    def timed(self) -> bool:
        """Whether its times tell of the real night."""
        return not self.crosses and not self.drills


class RehearsalPlan(Value):
    """Everything that a rehearsal is going to do, bounded; the same wish and seed give the same plan.

    `window_from` and `window_until` are local times of the hospital, `HH:MM`; `date` is the night's first day,
    ISO 8601, empty where none was named.
    """

    from_release: str
    to_release: str
    production_patients: Patients
    window_from: Annotated[str, Field(pattern=r"^\d\d:\d\d$")]
    window_until: Annotated[str, Field(pattern=r"^\d\d:\d\d$")]
    window_min: Annotated[float, Field(gt=0)]
    margin_min: Annotated[float, Field(ge=0)]
    date: str = ""
    seed: int
    trials: Annotated[tuple[Trial, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _no_step_twice(self) -> Self:
        ids = [step.id for trial in self.trials for step in trial.steps]
        if len(set(ids)) != len(ids):
            raise ValueError("two steps have the same id")
        return self

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes that are timed, in ascending order."""
        return tuple(sorted({trial.patients for trial in self.trials if trial.timed}))


class StepOutcome(StrEnum):
    """How a step ended, worst first.

    `failed`: what the candidate brings ended with an error, or did not come up. `stalled`: it showed no progress, or
    went beyond its limit. `broken`: the harness or its surroundings could not do it.
    """

    FAILED = "failed"
    STALLED = "stalled"
    BROKEN = "broken"
    DONE = "done"


class Tally(Value):
    """All records of one kind: how many, and one digest over what each of them means, whatever their order."""

    count: Annotated[int, Field(ge=0)]
    digest: str


class Census(Value):
    """What a database holds, by meaning: `kinds` are those of records, `states` counts each kind by its state.

    A census of nothing is none: a system that cannot count must say so by failing.
    """

    schema_version: Literal["epjgate/census/1"] = "epjgate/census/1"
    patients: Annotated[int, Field(ge=0)]
    kinds: Annotated[dict[str, Tally], Field(min_length=1)]
    states: dict[str, dict[str, int]] = {}
    audit_entries: Annotated[int, Field(ge=0)]
    queued: dict[str, int] = {}
    locks: tuple[str, ...] = ()


class CensusChange(Value):
    """Something that the census before and the one after tell differently, in words that name it."""

    what: str
    before: str
    after: str
