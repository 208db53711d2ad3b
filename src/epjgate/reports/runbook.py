"""Writes the runbook of a cutover as Markdown and as one page that needs nothing else: in that night it is on paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from epjgate.model.cutover import Cutover
from epjgate.reports.files import write_file
from epjgate.reports.legible import escaped, legible
from epjgate.reports.runbook_view import Facts, RunbookView, StepRow, runbook_view
from epjgate.reports.words import Language

MARKDOWN_FILE = "runbook.md"
HTML_FILE = "runbook.html"
_BLANK = "________"


def write_runbook(cutover: Cutover, language: Language, folder: Path) -> tuple[Path, ...]:
    """Write both forms below `folder` and return the files; raises EvidenceUnwritable when one cannot be written."""
    return (
        write_file(folder / MARKDOWN_FILE, runbook_markdown(cutover, language)),
        write_file(folder / HTML_FILE, runbook_html(cutover, language)),
    )


def runbook_html(cutover: Cutover, language: Language) -> str:
    """Return the page: it loads nothing, runs no script, and shows texts from outside as text only."""
    view = runbook_view(cutover, language)
    return _environment().get_template("runbook.html.j2").render(view=view, words=view.words)


def runbook_markdown(cutover: Cutover, language: Language) -> str:
    """Return the runbook as Markdown, with the same sentences and figures as the page."""
    return "\n".join(_lines(runbook_view(cutover, language))) + "\n"


def _lines(view: RunbookView) -> Iterator[str]:
    words = view.words
    yield from (f"# {view.advice}: {escaped(view.what)}", "", f"**{words['title']}, {view.night}**", "")
    yield from (words["go.why" if view.go else "no_go.why"], "")
    yield from _bullets(view.reasons)
    yield from (f"## {words['abort']}: {view.abort}", "", words["advice"], "")
    yield from _section(words["cautions"], _bullets(view.cautions or (words["cautions.none"],)))
    yield from _section(words["times"], _facts(view.times))
    yield from _section(words["decision"], _decision(view))
    yield from _section(words["whom"], _table(_heads(view, "role", "name", "phone", "deputy"), _blank_rows(view.roles)))
    yield from _section(words["before"], _boxes(view, view.before))
    yield from _section(words["steps"], _steps(view, view.upgrade, view.upgrade_how))
    yield from _section(words["reopen"], _boxes(view, view.reopen))
    yield from _section(words["rollback"], _steps(view, view.rollback, view.rollback_how))
    yield from _section(words["how"], (*_bullets(view.how), *_facts(view.facts)))


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from (f"## {title}", "")
    yield from lines


def _bullets(texts: Iterable[str]) -> Iterator[str]:
    yield from (f"- {text}" for text in texts)
    yield ""


def _facts(facts: Facts) -> Iterator[str]:
    return _bullets(f"**{label}**: {escaped(value)}" for label, value in facts)


def _boxes(view: RunbookView, texts: Iterable[str]) -> Iterator[str]:
    return _bullets(f"[ ] {text} {_signed(view)}" for text in texts)


def _decision(view: RunbookView) -> Iterator[str]:
    words = view.words
    yield from (f"- [ ] {words['box.go']}", f"- [ ] {words['box.no_go']}")
    yield from (f"- {_signed(view)}", f"- {words['against']}: {_BLANK * 3}", "")


def _signed(view: RunbookView) -> str:
    return f"({view.words['name']}: {_BLANK} {view.words['time']}: {_BLANK})"


def _steps(view: RunbookView, rows: Sequence[StepRow], how: str) -> Iterator[str]:
    words = view.words
    heads = _heads(view, "step", "takes", "expected", "begins", "latest", "actual", "box.go", "box.no_go", "name")
    cells = (
        (f"{row.number}. {row.name}", row.takes, row.expected, row.begins, f"**{row.latest}**", "", "[ ]", "[ ]", "")
        for row in rows
    )
    yield from (how, "")
    yield from _table(heads, cells)
    for row in rows:
        if row.first_past_return:
            yield from (f"**{words['returning']}**", "")
        yield f"{row.number}. **{row.name}**. {words['look']}: {row.look}. {words['late']}: {row.late}"
        yield ""


def _heads(view: RunbookView, *keys: str) -> tuple[str, ...]:
    return tuple(view.words[key] for key in keys)


def _blank_rows(labels: Iterable[str]) -> Iterator[tuple[str, ...]]:
    return ((label, _BLANK, _BLANK, _BLANK) for label in labels)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield from (f"| {' | '.join(heads)} |", "|---" * len(heads) + "|")
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("epjgate.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: legible(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
