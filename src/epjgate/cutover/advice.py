"""What speaks against beginning, and what those of the night must know beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from epjgate.cutover.batches import batches_between
from epjgate.cutover.window import instants, told_locally
from epjgate.model.cutover import Caution, Cutover, Moment, Reason, Remark, Window
from epjgate.model.forecast import Interval
from epjgate.model.rehearsal import StepKind
from epjgate.model.verdict import Decision


def reasons_against(cutover: Cutover, least_fits_p: float, least_rollback_fits_p: float) -> Iterator[Remark]:
    """Yield every reason not to begin, the gravest first; none means go."""
    window = cutover.window
    if cutover.verdict not in (None, Decision.APPROVED):
        yield Remark(about=Reason.NOT_APPROVED)
    if window.shorter:
        yield Remark(about=Reason.WINDOW_SHORTER, figures=_lengths(window))
    if cutover.latest_rollback_start_min.low < 0 or (cutover.abort is None and not window.shorter):
        yield Remark(about=Reason.NO_ABORT)
    yield from _too_unsure(Reason.MAY_NOT_FIT, cutover.fits_p, least_fits_p)
    yield from _too_unsure(Reason.ROLLBACK_MAY_NOT_FIT, cutover.rollback_fits_p, least_rollback_fits_p)
    yield from _too_late(cutover)
    if cutover.no_return is None:
        yield Remark(about=Reason.NO_RETURN_UNKNOWN)
    if window.begin is None:
        yield Remark(about=Reason.NO_DATE)


def cautions_about(cutover: Cutover) -> Iterator[Remark]:
    """Yield what to know beforehand: about the clock, the registers, the backup, and how sure the forecast is."""
    yield from _of_the_clock(cutover.window)
    yield from _of_registers(cutover)
    yield from _of_the_backup(cutover)
    yield from _of_the_forecast(cutover)
    if cutover.verdict is None:
        yield Remark(about=Caution.NO_VERDICT)


def _too_unsure(reason: Reason, told: Interval, least: float) -> Iterator[Remark]:
    if told.low < least:
        yield Remark(about=reason, figures={"low_p": told.low, "least_p": least})


def _too_late(cutover: Cutover) -> Iterator[Remark]:
    window, last = cutover.window, cutover.upgrade[-1].ends.latest
    length_min = min(window.planned_min, window.real_min)
    if last.after_s > length_min * 60:
        figures = {"ends_min": last.after_s / 60, "window_min": length_min}
        yield Remark(about=Reason.OVERRUNS, figures=figures, clocks=_clock("ends", last))
    check = cutover.checked.ends.expected
    if cutover.abort is not None and check.after_s > cutover.abort.after_s:
        yield _against_abort(Reason.CHECKED_TOO_LATE, check, cutover.abort)


def _of_the_clock(window: Window) -> Iterator[Remark]:
    if window.begin is None or window.end is None:
        return
    if window.shift is not None:
        caution = Caution.CLOCKS_FORWARD if window.shift.by_min > 0 else Caution.CLOCKS_BACK
        told = {"until": window.shift.at.astimezone(window.begin.tzinfo), "again": window.shift.at}
        yield Remark(about=caution, figures=_lengths(window), clocks=told)
    for caution, end in ((Caution.BEGINS_TWICE, window.begin), (Caution.ENDS_TWICE, window.end)):
        if len(instants(end.date(), end.time())) > 1:
            yield Remark(about=caution, clocks={"at": end})
    if window.real_min > window.planned_min:
        planned_end = window.begin + timedelta(minutes=window.planned_min)
        yield Remark(
            about=Caution.WINDOW_LONGER,
            figures=_lengths(window),
            clocks={"planned": told_locally(planned_end), "end": window.end},
        )


def _of_registers(cutover: Cutover) -> Iterator[Remark]:
    window = cutover.window
    if window.begin is None or window.end is None:
        return
    back_from = cutover.abort.at if cutover.abort else None
    last_back = cutover.rollback[-1].ends.latest.at
    for batch, at in batches_between(window.begin, window.end):
        yield Remark(about=batch, clocks={"at": at})
        if back_from is not None and last_back is not None and back_from <= at <= last_back:
            yield Remark(about=Caution.LPR_IN_ROLLBACK, clocks={"at": at, "abort": back_from})


def _of_the_backup(cutover: Cutover) -> Iterator[Remark]:
    kinds = [step.kind for step in cutover.upgrade]
    if StepKind.BACKUP in kinds and StepKind.STOP_OLD in kinds[kinds.index(StepKind.BACKUP) :]:
        yield Remark(about=Caution.BACKUP_BEFORE_STOP)
    if any(step.kind is StepKind.RESTORE for step in cutover.rollback):
        yield Remark(about=Caution.RESTORE_LOSES)


def _of_the_forecast(cutover: Cutover) -> Iterator[Remark]:
    abort = cutover.abort
    if abort is not None:
        check = cutover.checked.ends
        if check.expected.after_s <= abort.after_s < check.latest.after_s:
            yield _against_abort(Caution.CHECK_MEETS_ABORT, check.latest, abort)
        back = cutover.rollback[-1].ends.latest
        ends_s = abort.after_s + back.after_s
        if ends_s > cutover.window.planned_min * 60:
            yield Remark(about=Caution.ROLLBACK_TIGHT, figures={"ends_min": ends_s / 60}, clocks=_clock("ends", back))
    factor = cutover.production_patients / cutover.largest_patients
    if factor > 1:
        yield Remark(about=Caution.EXTRAPOLATED, figures={"factor": factor})


def _against_abort(about: Reason | Caution, check: Moment, abort: Moment) -> Remark:
    figures = {"check_min": check.after_s / 60, "abort_min": abort.after_s / 60}
    return Remark(about=about, figures=figures, clocks=_clock("check", check) | _clock("abort", abort))


def _lengths(window: Window) -> dict[str, float]:
    return {"real_min": window.real_min, "planned_min": window.planned_min}


def _clock(name: str, told: Moment) -> dict[str, datetime]:
    return {name: told.at} if told.at is not None else {}
