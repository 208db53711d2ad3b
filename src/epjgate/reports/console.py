"""Tells the verdict to the person at the terminal, or to who reads the pipeline's log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from epjgate.model.approved_change import ApprovalState, JudgedChange
from epjgate.model.evidence import Evidence
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Decision, Finding, Verdict
from epjgate.reports.files import unwritable
from epjgate.reports.legible import legible, one_line
from epjgate.reports.view import NOT_TESTED, ORDER, NotTested, Returned, SuiteRow, View, view_of
from epjgate.reports.window_console import window_parts
from epjgate.reports.words import Language, Words

REPORT = "report.html"
MOST = 20
TESTS_NAMED = 5

Item = TypeVar("Item")

_COLOUR = {Decision.APPROVED: "green", Decision.REJECTED: "red", Decision.INCONCLUSIVE: "yellow"}
# These columns are always shown: a zero in them says something. The others appear where they hold a number.
_ALWAYS = (Outcome.PASSED, Outcome.FAILED, *NOT_TESTED)


class ConsolePublisher:
    """Prints the verdict, the counts, the findings with what to do, and what was not tested.

    The console decides about colour (`NO_COLOR`) and width. Nothing that a test says can steer the terminal.
    """

    name = "console"

    def __init__(self, console: Console, *, language: Language = "en") -> None:
        self._console = console
        self._words = Words(language)

    def publish(self, verdict: Verdict, evidence: Evidence, folder: Path) -> tuple[Path, ...]:
        """Print the verdict and return no files; raises EvidenceUnwritable when the console takes no more."""
        view = view_of(verdict, evidence, self._words, folder.resolve().name)
        try:
            for part in _parts(view):
                self._console.print(part)
            # On one line whatever the width, so that the path can be copied.
            self._console.print(Text(f"{self._words['report']}: {legible(str(folder / REPORT))}"), soft_wrap=True)
        except OSError as err:
            raise unwritable(Path(self.name), err) from err
        except SystemExit as err:  # rich leaves the program when its reader has gone; only the command line may do that
            raise unwritable(Path(self.name), BrokenPipeError("nobody reads it any more")) from err
        return ()


def _parts(view: View) -> Iterator[RenderableType]:
    words = view.words
    yield _verdict(view)
    yield _counts(view) if view.suites else Text(words["suites.none"])
    yield from _list(words, view.way, view.in_the_way, _finding)
    if view.window is not None:
        yield from window_parts(view.window, words)
    if view.incidents:
        yield from _list(words, "incidents", view.incidents, _returned)
    if view.changes is not None:
        yield from _list(words, "changes", view.changes, _change)
    yield from _list(words, "not_tested", view.not_tested, _not_tested)
    if view.notes:
        yield from _list(words, "notes", view.notes, _finding)


def _verdict(view: View) -> Panel:
    colour = _COLOUR[view.verdict.decision]
    text = Text.assemble((view.heading, f"bold {colour}"), f"  {one_line(view.subject)}\n{view.why}")
    title = view.words["rehearsal.title" if view.verdict.rehearsal else "title"]
    return Panel(text, border_style=colour, title=Text(title), title_align="left")


def _counts(view: View) -> Table:
    words = view.words
    shown = [outcome for outcome in ORDER if outcome in _ALWAYS or view.total.counts[outcome]]
    table = Table(box=None, pad_edge=False, collapse_padding=True, header_style="bold")
    table.add_column(words["suite"], overflow="fold")
    for key in ("executed", *(outcome.value for outcome in shown), "floor"):
        table.add_column(words[f"short.{key}"].replace(" ", "\n"), justify="right", no_wrap=True)
    rows = (*view.suites, view.total) if len(view.suites) > 1 else view.suites
    for row in rows:
        table.add_row(Text(one_line(row.suite)), *_figures(row, shown))
    return table


def _figures(row: SuiteRow, shown: list[Outcome]) -> Iterator[Text]:
    yield Text(str(row.executed))
    yield from (Text(str(row.counts[outcome])) for outcome in shown)
    yield Text("-" if row.floor is None else str(row.floor), style="bold red" if row.below_floor else "")


def _list(
    words: Words, key: str, items: Sequence[Item], told: Callable[[Item, Words], Text]
) -> Iterator[RenderableType]:
    """Yield a heading with the number of items and at most `MOST` of them; a cut is told."""
    yield Text(f"\n{words[key]} ({len(items)})", style="bold")
    bullets = Table.grid(padding=(0, 1))
    bullets.add_column()
    bullets.add_column(overflow="fold")
    for item in items[:MOST]:
        bullets.add_row("*", told(item, words))
    yield bullets if items else Text(words[f"{key}.none"])
    if len(items) > MOST:
        yield Text(f"… {words.count(len(items) - MOST, 'more')}, {words['in_evidence']}")


def _finding(finding: Finding, words: Words) -> Text:
    lines = [f"[{words.blamed(finding)}] {one_line(finding.summary)} ({one_line(finding.rule)})"]
    if finding.detail:
        lines.append(one_line(finding.detail))
    lines += [f"- {one_line(test)}" for test in finding.tests[:TESTS_NAMED]]
    if len(finding.tests) > TESTS_NAMED:
        lines.append(f"- … {words.count(len(finding.tests) - TESTS_NAMED, 'more')}")
    if finding.fix:
        lines.append(f"{words['fix']}: {one_line(finding.fix)}")
    return Text("\n".join(lines))


def _returned(incident: Returned, words: Words) -> Text:
    hazard = f"{words['incidents.hazard']}: {one_line(incident.hazard)}"
    return Text(f"{incident.incident} {one_line(incident.title)}\n{hazard}")


def _change(judged: JudgedChange, words: Words) -> Text:
    change = judged.change
    what = f"{words[f'interface.{change.interface}']}, {one_line(change.place)}: {words[f'change.{change.kind.value}']}"
    lines = [f"[{words[f'grade.{change.grade.value}']}] {what} ({one_line(change.rule)})", one_line(change.says)]
    if change.before or change.after:
        lines.append(f"{one_line(change.before) or '-'} → {one_line(change.after) or '-'}")
    if judged.approval is not ApprovalState.NOT_NEEDED:
        because = f": {one_line(judged.reason)}" if judged.reason else ""
        lines.append(f"{words['approval']}: {one_line(words.approval(judged))}{because}")
    return Text("\n".join(lines))


def _not_tested(item: NotTested, words: Words) -> Text:
    owner = f" ({words['owner']}: {one_line(item.owner)})" if item.owner else ""
    what = one_line(item.test or item.suite)
    return Text(f"[{words.outcome(item.outcome)}] {what}: {one_line(item.reason)}{owner}")
