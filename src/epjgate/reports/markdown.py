"""Writes `summary.md`, for pull requests and job summaries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from epjgate.model.approved_change import ApprovalState, JudgedChange
from epjgate.model.events import TestFinished
from epjgate.model.evidence import Evidence
from epjgate.model.identity import Identity
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Finding, Verdict
from epjgate.reports.files import write_file
from epjgate.reports.legible import escaped, one_line
from epjgate.reports.view import ORDER, NotTested, Returned, SuiteRow, View, view_of
from epjgate.reports.window_markdown import window_lines
from epjgate.reports.words import Language, Words

FILE = "summary.md"
MOST_BYTES = 60_000
TESTS_NAMED = 5

Item = TypeVar("Item")


class MarkdownPublisher:
    """Writes a summary of less than 60 KB: what job summaries and comments have room for.

    Long lists are cut and tell how much is missing; a summary that is still too long gets shorter lists.
    """

    name = "markdown"

    def __init__(self, *, language: Language = "en") -> None:
        self._words = Words(language)

    def publish(self, verdict: Verdict, evidence: Evidence, folder: Path) -> tuple[Path, ...]:
        """Write `summary.md` below `folder`; raises EvidenceUnwritable when it cannot be written."""
        view = view_of(verdict, evidence, self._words, folder.resolve().name)
        texts = ("\n".join(_lines(view, most)) + "\n" for most in (50, 20, 8, 3, 1))
        shortest = ""
        for shortest in texts:
            if len(shortest.encode()) < MOST_BYTES:
                break
        return (write_file(folder / FILE, shortest),)


def _lines(view: View, most: int) -> Iterator[str]:
    words = view.words
    yield from (f"# {view.heading}: {escaped(view.subject)}", "")
    yield from (f"**{view.why}**", "", _figures(view), "")
    yield from _section(words, view.way, view.in_the_way, _finding, most)
    if view.window is not None:
        yield from window_lines(view.window, words, most)
    if view.incidents:
        yield from _section(words, "incidents", view.incidents, _returned, most)
    if view.changes is not None:
        yield from _section(words, "changes", view.changes, _change, most)
    yield from _section(words, "not_tested", view.not_tested, _not_tested, most)
    yield from _suites(view, most)
    yield from _section(words, "faults", view.faulty, _fault, most)
    if view.notes:
        yield from _section(words, "notes", view.notes, _finding, most)
    yield from _section(words, "identities", view.identities, _identity, most)
    yield from (f"## {words['facts']}", "")
    yield from (f"- **{label}** {escaped(value)}" for label, value in view.facts)
    yield from ("", f"## {words['reproduce']}")
    for command in view.commands:
        yield from ("", f"{command.purpose}:", "", f"    {one_line(command.line)}")


def _figures(view: View) -> str:
    words = view.words
    return (
        f"{words.count(view.total.total, 'test')}: **{view.total.passed}** {words.outcome(Outcome.PASSED)}, "
        f"**{view.faults}** {words['faults.figure']}, **{view.untested}** {words['not_tested.figure']}"
    )


def _section(
    words: Words, key: str, items: Sequence[Item], told: Callable[[Item, Words], str], most: int
) -> Iterator[str]:
    """Yield a heading and at most `most` items as bullets; an empty list and a cut are said in words."""
    yield from (f"## {words[key]} ({len(items)})", "")
    yield from (told(item, words) for item in items[:most])
    if not items:
        yield words[f"{key}.none"]
    if len(items) > most:
        yield f"- … {words.count(len(items) - most, 'more')}, {words['in_evidence']}"
    yield ""


def _finding(finding: Finding, words: Words) -> str:
    parts = [f"- **{words.blamed(finding)}** {escaped(finding.summary)} ({escaped(finding.rule)})"]
    if finding.detail:
        parts.append(f"  <br>{escaped(finding.detail)}")
    if finding.tests:
        shown = ", ".join(escaped(test, 120) for test in finding.tests[:TESTS_NAMED])
        left = len(finding.tests) - TESTS_NAMED
        parts.append(f"  <br>{shown}" + (f", … {words.count(left, 'more')}" if left > 0 else ""))
    if finding.fix:
        parts.append(f"  <br>{words['fix']}: {escaped(finding.fix)}")
    return "\n".join(parts)


def _returned(incident: Returned, words: Words) -> str:
    hazard = f"{words['incidents.hazard']}: {escaped(incident.hazard)}"
    return f"- **{incident.incident}** {escaped(incident.title)}\n  <br>{hazard}"


def _change(judged: JudgedChange, words: Words) -> str:
    change = judged.change
    what = f"{words[f'interface.{change.interface}']}, {escaped(change.place)}: {words[f'change.{change.kind.value}']}"
    parts = [f"- **{words[f'grade.{change.grade.value}']}** {what} ({escaped(change.rule)})"]
    parts.append(f"  <br>{escaped(change.says)}")
    if change.before or change.after:
        parts.append(f"  <br>{escaped(change.before) or '-'} → {escaped(change.after) or '-'}")
    if judged.approval is not ApprovalState.NOT_NEEDED:
        because = f": {escaped(judged.reason)}" if judged.reason else ""
        parts.append(f"  <br>{words['approval']}: {escaped(words.approval(judged))}{because}")
    return "\n".join(parts)


def _not_tested(item: NotTested, words: Words) -> str:
    what = escaped(item.test or item.suite, 160)
    owner = f" ({words['owner']}: {escaped(item.owner, 80)})" if item.owner else ""
    return f"- **{words.outcome(item.outcome)}** {what}: {escaped(item.reason)}{owner}"


def _fault(test: TestFinished, words: Words) -> str:
    message = escaped(test.fault.message if test.fault else test.reason or words["no_fault"])
    place = f"\n  <br>{words['location']}: {escaped(test.fault.location, 160)}" if test.fault else ""
    return f"- **{words.outcome(test.outcome)}** {escaped(test.test, 160)}: {message}{place}"


def _identity(identity: Identity, words: Words) -> str:
    digest = escaped(identity.digest) or words["digest.none"]
    kind = words[f"kind.{identity.kind.value}"]
    return f"- **{escaped(identity.service)}** {escaped(identity.reference)}: {digest} ({kind})"


def _suites(view: View, most: int) -> Iterator[str]:
    words = view.words
    yield from (f"## {words['suites']}", "")
    if not view.suites:
        yield from (words["suites.none"], "")
        return
    heads = [words["suite"], words["executed"], *(words.outcome(outcome) for outcome in ORDER), words["floor"]]
    yield from (f"| {' | '.join(heads)} |", "|---" + "|---:" * (len(heads) - 1) + "|")
    yield from (_row(row) for row in (*view.suites[:most], view.total))
    yield ""
    if len(view.suites) > most:
        yield from (f"… {words.count(len(view.suites) - most, 'more')}, {words['in_evidence']}", "")


def _row(row: SuiteRow) -> str:
    figures = [row.executed, *(row.counts[outcome] for outcome in ORDER), "" if row.floor is None else row.floor]
    return f"| {escaped(row.suite, 80)} | {' | '.join(str(figure) for figure in figures)} |"
