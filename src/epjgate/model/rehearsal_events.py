"""The events of a rehearsal, which the journal keeps among those of any run."""

from __future__ import annotations

from typing import Literal

from epjgate.model.availability import Availability
from epjgate.model.base import Value
from epjgate.model.forecast import WindowForecast
from epjgate.model.rehearsal import Census, CensusChange, StepId, StepOutcome


class StepBegan(Value):
    """A step of a rehearsal began; without a matching `step_ended` nobody knows what came of it."""

    event: Literal["step_began"] = "step_began"
    step: StepId


class StepEnded(Value):
    """A step of a rehearsal ended: `problem` and `why` say what went wrong, empty where it was done."""

    event: Literal["step_ended"] = "step_ended"
    step: StepId
    outcome: StepOutcome
    duration_s: float
    problem: str = ""
    why: str = ""


class CensusTaken(Value):
    """What the database held at `step`; `changes` names what differs from the census before the upgrade."""

    event: Literal["census_taken"] = "census_taken"
    step: StepId
    census: Census
    changes: tuple[CensusChange, ...] = ()


class AvailabilitySeen(Value):
    """What probes saw of the system from before the upgrade until after the way back, in the trial of `step`.

    `closed` are the times in which the plan has it closed, as seconds since probing began: from, until.
    """

    event: Literal["availability_seen"] = "availability_seen"
    step: StepId
    availability: Availability
    closed: tuple[tuple[float, float], ...] = ()


class WindowForecasted(Value):
    """What the timings of the rehearsal say of the change window."""

    event: Literal["window_forecasted"] = "window_forecasted"
    forecast: WindowForecast


class WindowNotForecasted(Value):
    """The timings bear no forecast, so nobody knows whether the upgrade fits its window."""

    event: Literal["window_not_forecasted"] = "window_not_forecasted"
    problem: str
    why: str
    fix: str
