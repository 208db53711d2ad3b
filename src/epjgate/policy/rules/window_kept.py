"""Rule window-kept: by cautious bounds of the forecast, the upgrade and a rollback after it fit the change window."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from epjgate.model.evidence import Evidence
from epjgate.model.forecast import Interval, StepForecast, WindowForecast
from epjgate.model.rehearsal import RehearsalPlan, StepOutcome
from epjgate.model.verdict import Blame, Finding
from epjgate.policy.course import cut_short, not_rehearsed, unjudged
from epjgate.policy.document import WindowKept
from epjgate.policy.interface import Case, Rule
from epjgate.policy.rehearsed import ends, plan_of
from epjgate.policy.wording import brief, counted, listed

ID = "window-kept"
_DEAREST = 5


def check(case: Case) -> tuple[Finding, ...]:
    """Return a finding where upgrade or rollback do not fit by the bound that hurts, or where nobody knows.

    An estimate that fits is not enough: whether the window is kept is asked of its upper bound.
    """
    evidence, demands = case.evidence, case.policy.window_kept
    plan = plan_of(evidence)
    if plan is None:
        return not_rehearsed(ID, evidence)
    if evidence.forecasted is None:
        return (*_unknown(evidence), *unjudged(ID, evidence))
    forecast = evidence.forecasted.forecast
    return (
        *_upgrade(forecast, demands),
        *_rollback(forecast, demands),
        *_of_another(forecast, plan),
        *_too_little(forecast, plan, evidence, demands),
        *unjudged(ID, evidence),
    )


def _unknown(evidence: Evidence) -> Iterator[Finding]:
    """Yield that there is no forecast; where a step was not done, or the run was cut short, that is blamed already."""
    refused = evidence.not_forecasted
    if cut_short(evidence):
        return
    if refused is not None:
        yield Finding(
            rule=ID,
            blame=Blame.HARNESS,
            summary=brief(f"Nobody knows whether the upgrade fits its window: {refused.problem}"),
            detail=refused.why,
            fix=refused.fix or "rehearse at more sizes, with more repeats",
        )
    else:
        yield Finding(
            rule=ID,
            blame=Blame.NOTHING_TESTED,
            summary="Nobody knows whether the upgrade fits its window: there is no forecast, and nothing says why",
            fix="rehearse again; if it recurs, report it as a fault of epjgate",
        )


def _upgrade(forecast: WindowForecast, demands: WindowKept) -> Iterator[Finding]:
    window, takes = forecast.window_min, forecast.upgrade_s
    if takes.high <= window * 60 and forecast.fits_p.low >= demands.min_fits_p:
        return
    hopeful = takes.estimate <= window * 60
    words = "may not fit its window, although the estimate does" if hopeful else "does not fit its window"
    size, least = forecast.production_patients, demands.min_fits_p
    lines = [
        f"Upgrade and verification take {_minutes(takes)} at {size:,} patients, of {window:g} min.",
        f"They fit with probability {_probability(forecast.fits_p)}; the lower bound must be {least:g} or more.",
        "The bound that hurts decides, whatever the estimate says. What may take longest:",
        *_dearest(forecast),
    ]
    yield Finding(
        rule=ID,
        blame=Blame.CANDIDATE,
        summary=brief(f"The upgrade {words}: {_minutes(takes)} of {window:g} min"),
        detail="\n".join(lines),
        fix=_fix(forecast, hopeful=hopeful),
    )


def _rollback(forecast: WindowForecast, demands: WindowKept) -> Iterator[Finding]:
    abort = forecast.abort_minute
    if abort is not None and forecast.rollback_fits_p.low >= demands.min_rollback_fits_p:
        return
    hopeful = abort is not None and forecast.rollback_fits_p.estimate >= demands.min_rollback_fits_p
    words = "may not fit" if hopeful else "does not fit"
    surely = "by no minute is a rollback sure to fit" if abort is None else f"the last minute to abort is {abort}"
    least = demands.min_rollback_fits_p
    told, latest = _probability(forecast.rollback_fits_p), forecast.latest_rollback_start_min
    left = f"{forecast.margin_min:g} of {forecast.window_min:g} min are to be left"
    lines = [
        f"Rollback and verification take {_minutes(forecast.rollback_s)}, and {left}.",
        f"After a whole upgrade they fit with probability {told}; the lower bound must be {least:g} or more.",
        f"The latest start of a rollback is minute {latest.estimate:.0f} ({latest.low:.0f} to {latest.high:.0f}).",
        *_dearest(forecast),
    ]
    yield Finding(
        rule=ID,
        blame=Blame.CANDIDATE,
        summary=brief(f"A rollback after the last check {words}: probability {told}; {surely}"),
        detail="\n".join(lines),
        fix=_fix(forecast, hopeful=hopeful),
    )


def _fix(forecast: WindowForecast, *, hopeful: bool) -> str:
    if hopeful:
        size = forecast.production_patients
        return f"make the steps named cheaper, or narrow the bounds: rehearse nearer to {size:,} patients, more often"
    return "make the steps named cheaper, do part of them before the night, or agree on a longer window"


def _dearest(forecast: WindowForecast) -> Iterator[str]:
    """Yield the steps that may take longest, with how they grow: where the time goes."""
    for step in sorted(forecast.steps, key=lambda one: -one.duration_s.high)[:_DEAREST]:
        yield f"{step.step}: {_minutes(step.duration_s)}, {_growth(step)}"


def _growth(step: StepForecast) -> str:
    growth = step.growth
    return f"growing as patients to the power of {growth.estimate:.1f} ({growth.low:.1f} to {growth.high:.1f})"


def _of_another(forecast: WindowForecast, plan: RehearsalPlan) -> Iterator[Finding]:
    """Yield a finding for a forecast that is not about this plan: of another size, window or margin, or less sure."""
    asked = (
        ("patients", forecast.production_patients, plan.production_patients),
        ("minutes of window", forecast.window_min, plan.window_min),
        ("minutes of margin", forecast.margin_min, plan.margin_min),
    )
    other = [f"{had:g} {what} for {wanted:g}" for what, had, wanted in asked if had != wanted]
    strange = sorted({size for step in forecast.steps for size in step.sizes} - set(plan.sizes))
    other += [f"timings at {listed(map(str, strange))} patients, which the plan does not have"] if strange else []
    if other:
        yield Finding(
            rule=ID,
            blame=Blame.HARNESS,
            summary=brief(f"The forecast is not that of this rehearsal: {listed(other)}"),
            fix="rehearse again; if it recurs, report it as a fault of epjgate",
        )


def _too_little(
    forecast: WindowForecast, plan: RehearsalPlan, evidence: Evidence, demands: WindowKept
) -> Iterator[Finding]:
    """Yield a finding for a forecast that rests on less than the policy asks for, with what to measure."""
    few = [*_not_sure(forecast, demands), *_few_sizes(forecast, demands)]
    if not cut_short(evidence):
        few += _few_repeats(plan, evidence, demands)
    if few:
        yield Finding(
            rule=ID,
            blame=Blame.HARNESS,
            summary=brief(f"The forecast rests on too little: {few[0]}"),
            detail="\n".join(few),
            fix=f"rehearse at {demands.min_timed_sizes} sizes or more, each {demands.min_repeats} times or more",
        )


def _not_sure(forecast: WindowForecast, demands: WindowKept) -> Iterator[str]:
    figures = (
        forecast.upgrade_s,
        forecast.fits_p,
        forecast.rollback_fits_p,
        forecast.latest_rollback_start_min,
    )
    least = min(figure.confidence for figure in figures)
    if least < demands.min_confidence:
        yield f"its bounds hold with a confidence of {least:g}, and {demands.min_confidence:g} is asked for"


def _few_sizes(forecast: WindowForecast, demands: WindowKept) -> Iterator[str]:
    for step in forecast.steps:
        if len(set(step.sizes)) < demands.min_timed_sizes:
            yield f"{step.step} was timed at {len(set(step.sizes))} sizes, and {demands.min_timed_sizes} are asked for"


def _few_repeats(plan: RehearsalPlan, evidence: Evidence, demands: WindowKept) -> Iterator[str]:
    """Yield the sizes that were rehearsed as a whole, and timed, less often than asked for."""
    how = ends(evidence)
    whole = Counter(
        trial.patients
        for trial in plan.trials
        if trial.timed and all(step.id in how and how[step.id].outcome is StepOutcome.DONE for step in trial.steps)
    )
    for size in plan.sizes:
        if whole[size] < demands.min_repeats:
            often = counted(whole[size], "time")
            yield f"{size:,} patients were rehearsed {often}, and {demands.min_repeats} are asked for"


def _minutes(interval: Interval) -> str:
    return f"{interval.estimate / 60:.4g} min ({interval.low / 60:.4g} to {interval.high / 60:.4g})"


def _probability(interval: Interval) -> str:
    """Return the figures rounded down, so that none looks as if it reached a demand that it does not."""
    told = [f"{math.floor(figure * 1000) / 1000:g}" for figure in (interval.estimate, interval.low, interval.high)]
    return f"{told[0]} ({told[1]} to {told[2]})"


RULE = Rule(ID, "By its cautious bounds, the upgrade and a rollback after it fit the change window.", check)
