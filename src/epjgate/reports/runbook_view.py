"""The one view of a runbook that its Markdown and its page share: every sentence and figure, in one language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from epjgate.model.cutover import Cutover, TimedStep
from epjgate.model.forecast import Interval
from epjgate.model.rehearsal import StepKind
from epjgate.reports.runbook_texts import BEFORE, REOPEN, ROLES
from epjgate.reports.runbook_words import RunbookWords
from epjgate.reports.words import Language, Words

Facts = tuple[tuple[str, str], ...]
# A rollback may be verified by the very step that verifies the upgrade; what to look at is then the old release.
_BACK = {StepKind.VERIFY: StepKind.VERIFY_RESTORED}


@dataclass(frozen=True)
class StepRow:
    """A step as it stands on paper; `first_past_return` marks the point of no return just before it."""

    number: int
    name: str
    takes: str
    begins: str
    expected: str
    latest: str
    look: str
    late: str
    first_past_return: bool = False


@dataclass(frozen=True)
class RunbookView:
    """A runbook in words; texts from outside are as they came, and each form escapes them for itself.

    `abort` is said once and nowhere else as a time of the clock, lest a tired reader pick a later one.
    """

    words: RunbookWords
    go: bool
    advice: str
    what: str
    night: str
    reasons: tuple[str, ...]
    cautions: tuple[str, ...]
    abort: str
    abort_known: bool
    times: Facts
    facts: Facts
    roles: tuple[str, ...]
    before: tuple[str, ...]
    upgrade: tuple[StepRow, ...]
    upgrade_how: str
    reopen: tuple[str, ...]
    rollback: tuple[StepRow, ...]
    rollback_how: str
    how: tuple[str, ...]


def runbook_view(cutover: Cutover, language: Language) -> RunbookView:
    """Return `cutover` in words; equal input gives an equal view."""
    words = RunbookWords(language, cutover.window.begin)
    abort = cutover.abort
    return RunbookView(
        words=words,
        go=cutover.go,
        advice=words["go" if cutover.go else "no_go"],
        what=f"{cutover.system} {cutover.from_release} → {cutover.to_release}".strip(),
        night=_night(cutover, words),
        reasons=tuple(words.remark(reason) for reason in cutover.reasons),
        cautions=tuple(words.remark(caution) for caution in cutover.cautions),
        abort=words["abort.none"]
        if abort is None
        else words.fill("abort.is", at=words.moment(abort), minute=f"{abort.after_s / 60:.0f}"),
        abort_known=abort is not None,
        times=_times(cutover, words),
        facts=_facts(cutover, words),
        roles=words.texts("role", ROLES),
        before=words.texts("before", BEFORE),
        upgrade=_upgrade(cutover, words),
        upgrade_how=words["steps.how" if abort else "steps.no_abort"],
        reopen=words.texts("reopen", REOPEN),
        rollback=_rollback(cutover, words),
        rollback_how=words["rollback.how" if abort and abort.at else "rollback.relative"],
        how=_how(cutover, words),
    )


def _night(cutover: Cutover, words: RunbookWords) -> str:
    window = cutover.window
    local = f"{window.local_from}-{window.local_until}"
    if window.begin is None or window.end is None:
        return f"{local}, {words['no_date']}"
    days = dict.fromkeys(words.date(at) for at in (window.begin, window.end))
    return f"{' - '.join(days)}, {local}"


def _times(cutover: Cutover, words: RunbookWords) -> Facts:
    window, checked = cutover.window, cutover.checked.ends
    known = (
        ()
        if window.begin is None or window.end is None
        else (
            (words["begin"], f"{words.clock(window.begin)} ({_offset(window.begin)})"),
            (words["end"], f"{words.clock(window.end)} ({_offset(window.end)})"),
        )
    )
    decided = {"expected": words.moment(checked.expected), "latest": words.moment(checked.latest)}
    return (
        *known,
        (words["length"], words.duration(window.real_min * 60)),
        (words["no_return"], _no_return(cutover, words)),
        (words["decide"], words.fill("decide.is", **decided)),
        (words["margin"], words.duration(cutover.margin_min * 60)),
        (words["fits"], _probability(cutover.fits_p, words)),
        (words["rollback_fits"], _probability(cutover.rollback_fits_p, words)),
    )


def _facts(cutover: Cutover, words: RunbookWords) -> Facts:
    verdict = cutover.verdict
    return (
        (words["production"], words.count(cutover.production_patients, "patient")),
        (words["largest"], words.count(cutover.largest_patients, "patient")),
        (words["verdict"], Words(words.language).decision(verdict) if verdict else words["verdict.none"]),
        *(((words["run"], cutover.run_id),) if cutover.run_id else ()),
    )


def _no_return(cutover: Cutover, words: RunbookWords) -> str:
    step = next((step for step in cutover.upgrade if step.kind is cutover.no_return), None)
    if step is None:
        return words["no_return.none"]
    return words.fill("no_return.is", step=words.step(step.kind), latest=words.moment(step.begins.latest))


def _probability(told: Interval, words: RunbookWords) -> str:
    figures = {name: words.probability(getattr(told, name)) for name in ("estimate", "low", "high")}
    return words.fill("probability", **figures)


def _upgrade(cutover: Cutover, words: RunbookWords) -> tuple[StepRow, ...]:
    returning = "late.returning" if cutover.abort else "late.no_abort"
    first = next((step for step in cutover.upgrade if step.past_return), None)
    return tuple(
        _row(number, step, words, returning if step.past_return else "late.reversible", first=step is first)
        for number, step in enumerate(cutover.upgrade, start=1)
    )


def _rollback(cutover: Cutover, words: RunbookWords) -> tuple[StepRow, ...]:
    return tuple(_row(number, step, words, "late.rollback") for number, step in enumerate(cutover.rollback, start=1))


def _row(number: int, step: TimedStep, words: RunbookWords, late: str, *, first: bool = False) -> StepRow:
    return StepRow(
        number=number,
        name=words.step(step.kind),
        takes=_takes(step, words),
        begins=words.moment(step.begins.latest),
        expected=words.moment(step.ends.expected),
        latest=words.moment(step.ends.latest),
        look=words.look(_BACK.get(step.kind, step.kind) if late == "late.rollback" else step.kind),
        late=words[late],
        first_past_return=first,
    )


def _takes(step: TimedStep, words: RunbookWords) -> str:
    if step.counts_with is not None:
        return f"{words['counts_with']} {words.step(step.counts_with)}"
    return f"{words.duration(step.expected_s)}, {words['at_most']} {words.duration(step.cautious_s)}"


def _how(cutover: Cutover, words: RunbookWords) -> tuple[str, ...]:
    told = cutover.latest_rollback_start_min
    minutes = {name: f"{minute:.0f}" for name, minute in _rounded_down(told)}
    zone = words["how.zone" if cutover.window.begin else "how.relative"]
    abort = (words.fill("how.abort", **minutes),) if cutover.abort else ()
    return (words["how.expected"], words["how.latest"], *abort, words["how.rounded"], zone)


def _rounded_down(told: Interval) -> Iterable[tuple[str, float]]:
    return ((name, getattr(told, name) // 1) for name in ("estimate", "low", "high"))


def _offset(at: datetime) -> str:
    hours = f"{at:%z}"
    return f"UTC{hours[:3]}:{hours[3:5]}"
