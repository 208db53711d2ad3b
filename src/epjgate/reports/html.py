"""Writes `report.html`: one page that needs nothing else, for screen and for paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from epjgate.model.events import TestFinished
from epjgate.model.evidence import Evidence
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Verdict
from epjgate.reports.exchanges import LastExchanges, last_exchanges
from epjgate.reports.files import write_file
from epjgate.reports.legible import legible
from epjgate.reports.view import ORDER, View, view_of
from epjgate.reports.words import Language, Words

FILE = "report.html"

# Bounds on what one page holds: past them it tells what is left out and where it is.
MOST_DETAILED = 100
MOST_EXCHANGES = 10
MOST_TEXT = 4_000


@dataclass(frozen=True)
class FaultyTest:
    """A test that did not pass; `read` is None for one of which no details are shown."""

    test: TestFinished
    read: LastExchanges | None


class HtmlPublisher:
    """Writes the page for release managers, in English or Danish: the verdict first, then why, then everything else.

    It loads nothing, runs no script, and shows texts of tests as text only.
    """

    name = "html"

    def __init__(self, *, language: Language = "en") -> None:
        self._words = Words(language)
        self._template = _environment().get_template("report.html.j2")

    def publish(self, verdict: Verdict, evidence: Evidence, folder: Path) -> tuple[Path, ...]:
        """Write `report.html` below `folder`, the exchanges read from it; raises EvidenceUnwritable."""
        view = view_of(verdict, evidence, self._words, folder.resolve().name)
        page = self._template.render(
            view=view,
            words=self._words,
            order=ORDER,
            failed=Outcome.FAILED,
            faulty=list(_faulty(view, folder)),
            most_detailed=MOST_DETAILED,
        )
        return (write_file(folder / FILE, page),)


def _faulty(view: View, folder: Path) -> Iterator[FaultyTest]:
    for number, test in enumerate(view.faulty):
        detailed = number < MOST_DETAILED
        yield FaultyTest(test, last_exchanges(folder, test.exchanges_file, most=MOST_EXCHANGES) if detailed else None)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("epjgate.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cut"] = _cut
    environment.tests["web_address"] = _is_web_address
    return environment


def _finalized(value: object) -> object:
    """Make every plain text legible; markup of our own macros is a subclass and stays."""
    return legible(value) if type(value) is str else value


def _cut(text: str, words: Words) -> str:
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}\n… [{words['cut']}]"


def _is_web_address(url: str) -> bool:
    return url.startswith(("https://", "http://"))
