"""The go/no-go clock of a change window: when each step is due, when to turn back, and whether to begin at all."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from epjgate.model.base import Value
from epjgate.model.forecast import Finite, Interval, Phase
from epjgate.model.rehearsal import StepKind
from epjgate.model.verdict import Decision

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
LocalTime = Annotated[str, Field(pattern=r"^\d\d:\d\d$")]


class Moment(Value):
    """A time of the night: seconds from the start it counts from, and where the date is known, the time of the clock.

    `at` carries the offset from UTC that holds then, because a time of the clock may come twice in one night.
    """

    after_s: Seconds
    at: datetime | None = None

    @model_validator(mode="after")
    def _offset_known(self) -> Self:
        if self.at is not None and self.at.utcoffset() is None:
            raise ValueError("a time of the clock needs its offset from UTC")
        return self


class Due(Value):
    """One time, told twice: as the estimates of all steps so far add up, and as their cautious bounds do."""

    expected: Moment
    latest: Moment


class TimedStep(Value):
    """A step of the night. From one that is `past_return` on, the way back is the rollback alone.

    `expected_s` is the estimate of its duration, `cautious_s` the upper bound of what 95 of 100 runs keep. Moments
    count from the start of the window, in a rollback from the start of the rollback. A step that `counts_with` another
    one takes a moment that is part of the other's time, and none of its own.
    """

    kind: StepKind
    phase: Phase
    past_return: bool
    expected_s: Seconds
    cautious_s: Seconds
    counts_with: StepKind | None = None
    begins: Due
    ends: Due


class ClockShift(Value):
    """The clock is set forward or back by `by_min` minutes (forward is positive); `at` is the first time told anew."""

    at: datetime
    by_min: int


class Window(Value):
    """The change window on the real time line; begin, end and shift are None where no date was named.

    `planned_min` is the window that was forecast, `real_min` how long it truly is in that night; without a date, as
    long as the clock's face tells.
    """

    date: str
    local_from: LocalTime
    local_until: LocalTime
    planned_min: Annotated[float, Field(gt=0)]
    real_min: Annotated[float, Field(gt=0)]
    begin: datetime | None = None
    end: datetime | None = None
    shift: ClockShift | None = None

    @property
    def shorter(self) -> bool:
        """Whether the night has less time than the forecast was made for."""
        return self.real_min < self.planned_min


class Reason(StrEnum):
    """Why the advice is no-go."""

    NO_ABORT = "no_abort"
    WINDOW_SHORTER = "window_shorter"
    MAY_NOT_FIT = "may_not_fit"
    ROLLBACK_MAY_NOT_FIT = "rollback_may_not_fit"
    OVERRUNS = "overruns"
    CHECKED_TOO_LATE = "checked_too_late"
    NO_RETURN_UNKNOWN = "no_return_unknown"
    NO_DATE = "no_date"
    NOT_APPROVED = "not_approved"


class Caution(StrEnum):
    """What those of the night must know beforehand, although it does not stop them."""

    CLOCKS_BACK = "clocks_back"
    CLOCKS_FORWARD = "clocks_forward"
    BEGINS_TWICE = "begins_twice"
    ENDS_TWICE = "ends_twice"
    WINDOW_LONGER = "window_longer"
    LPR_LIST_MADE = "lpr_list_made"
    LPR_LIST_SENT = "lpr_list_sent"
    LPR_IN_ROLLBACK = "lpr_in_rollback"
    BACKUP_BEFORE_STOP = "backup_before_stop"
    RESTORE_LOSES = "restore_loses"
    CHECK_MEETS_ABORT = "check_meets_abort"
    ROLLBACK_TIGHT = "rollback_tight"
    EXTRAPOLATED = "extrapolated"
    NO_VERDICT = "no_verdict"


class Remark(Value):
    """A reason or a caution with the figures and the times of the clock that belong into its words."""

    about: Reason | Caution
    figures: dict[str, Finite] = {}
    clocks: dict[str, datetime] = {}


class Cutover(Value):
    """What is needed on the night of an upgrade: steps with times, the abort, and the advice with its reasons.

    `upgrade` ends with the step that lets users in; `rollback` is what is done, verified, when the night turns back.
    `no_return` is the first step after which only the rollback leads back. `abort` is when a rollback must have begun
    at the latest, None where no rollback is sure to fit. `verdict` is the gate's own, None where it was not asked.
    The advice is to the meeting: it neither replaces nor changes that verdict.
    """

    system: str = ""
    run_id: str = ""
    from_release: str
    to_release: str
    production_patients: Annotated[int, Field(ge=1)]
    largest_patients: Annotated[int, Field(ge=1)]
    margin_min: Annotated[float, Field(ge=0)]
    window: Window
    upgrade: Annotated[tuple[TimedStep, ...], Field(min_length=1)]
    rollback: Annotated[tuple[TimedStep, ...], Field(min_length=1)]
    no_return: StepKind | None
    abort: Moment | None
    latest_rollback_start_min: Interval
    fits_p: Interval
    rollback_fits_p: Interval
    verdict: Decision | None = None
    reasons: tuple[Remark, ...]
    cautions: tuple[Remark, ...]

    @property
    def go(self) -> bool:
        """Whether nothing speaks against beginning."""
        return not self.reasons

    @property
    def checked(self) -> TimedStep:
        """The last step that verifies the upgrade: when it ends, the meeting decides whether to let users in."""
        return [step for step in self.upgrade if step.phase is Phase.VERIFICATION][-1]
