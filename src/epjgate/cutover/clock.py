"""From a rehearsal to the night: when each step is due, when to turn back, and whether to begin at all."""

from __future__ import annotations

from epjgate.cutover.advice import cautions_about, reasons_against
from epjgate.cutover.schedule import must_belong, scheduled, steps_of_the_night
from epjgate.cutover.window import moment, window_of
from epjgate.errors import UsageError
from epjgate.model.cutover import Cutover, Moment, Window
from epjgate.model.forecast import WindowForecast
from epjgate.model.rehearsal import RehearsalPlan
from epjgate.model.verdict import Decision

LEAST_P = 0.95


def cutover_of(
    plan: RehearsalPlan,
    forecast: WindowForecast,
    *,
    system: str = "",
    run_id: str = "",
    verdict: Decision | None = None,
    least_fits_p: float = LEAST_P,
    least_rollback_fits_p: float = LEAST_P,
) -> Cutover:
    """Return the times of the night that `plan` names, and whether it should begin.

    The advice is go where the lower bounds of both probabilities reach what is asked, every step ends in the window by
    its cautious bound, a rollback is sure to fit, the night was checked, and `verdict`, where given, approves.
    Raises UsageError for a date that is none, a plan that shows no night, a forecast of something else, and a
    probability that is none.
    """
    _are_probabilities(least_fits_p, least_rollback_fits_p)
    must_belong(plan, forecast)
    upgrade, rollback = steps_of_the_night(plan)
    window = window_of(plan)
    abort = _abort(window, forecast)
    told = Cutover(
        system=system,
        run_id=run_id,
        from_release=plan.from_release,
        to_release=plan.to_release,
        production_patients=forecast.production_patients,
        largest_patients=forecast.largest_patients,
        margin_min=forecast.margin_min,
        window=window,
        upgrade=scheduled(upgrade, forecast.steps, window.begin),
        rollback=scheduled(rollback, forecast.steps, abort.at if abort else None),
        no_return=next((step.kind for step in upgrade if step.past_return), None),
        abort=abort,
        latest_rollback_start_min=forecast.latest_rollback_start_min,
        fits_p=forecast.fits_p,
        rollback_fits_p=forecast.rollback_fits_p,
        verdict=verdict,
        reasons=(),
        cautions=(),
    )
    reasons = tuple(reasons_against(told, least_fits_p, least_rollback_fits_p))
    return told.model_copy(update={"reasons": reasons, "cautions": tuple(cautions_about(told))})


def _abort(window: Window, forecast: WindowForecast) -> Moment | None:
    """Return when a rollback must have begun; a window that is shorter than the one forecast has no such time."""
    minute = forecast.abort_minute
    if minute is None or minute > forecast.latest_rollback_start_min.low or window.shorter:
        return None
    return moment(window.begin, minute * 60.0)


def _are_probabilities(*asked: float) -> None:
    for one in asked:
        if not 0 < one <= 1:
            raise UsageError(
                f"{one} is no probability to ask for", "it is out of range", "ask for more than 0, at most 1"
            )
