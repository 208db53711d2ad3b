"""The runbook as Markdown and as a page, as it is carried into the night."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cutover.nights import forecast, interval, plan

from epjgate.cutover.clock import cutover_of
from epjgate.errors import EvidenceUnwritable
from epjgate.model.cutover import Cutover
from epjgate.reports.runbook import runbook_html, runbook_markdown, write_runbook
from epjgate.reports.runbook_view import runbook_view
from epjgate.reports.words import Language

VOID = {"meta", "link", "br"}
LANGUAGES: tuple[Language, Language] = ("en", "da")
NO_ABORT = forecast(abort_minute=None, latest_rollback_start_min=interval(3, -4, 9))
NIGHTS = {
    "ordinary": cutover_of(plan(), forecast(), system="tiny", run_id="run-1"),
    "an hour twice": cutover_of(plan(date="2026-10-25"), forecast()),
    "an hour missing": cutover_of(plan(date="2027-03-28"), forecast()),
    "no abort": cutover_of(plan(), NO_ABORT),
    "no date": cutover_of(plan(date=""), forecast()),
}


class Page(HTMLParser):
    """A page taken apart: its elements in order, its text, and what was left open."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the element, and that it is open now."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened last; anything else is a fault of the page."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep what a reader sees."""
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        """What a reader sees, on one line."""
        return " ".join(" ".join(self.texts).split())


def page(cutover: Cutover, language: Language = "en") -> Page:
    taken = Page(runbook_html(cutover, language))
    assert taken.open == []
    return taken


def plain(markdown: str) -> str:
    """Return Markdown without what escapes it, on one line."""
    return " ".join(re.sub(r"\\(.)", r"\1", markdown.replace("**", "")).split())


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize(("night", "word"), [("ordinary", "GO"), ("no abort", "NO-GO"), ("an hour missing", "NO-GO")])
def test_the_advice_comes_first(night: str, word: str, language: Language) -> None:
    """In the title, in the biggest letters, and in the first line of the Markdown."""
    source = runbook_html(NIGHTS[night], language)
    assert f"<h1>{word}</h1>" in source
    assert f"<title>{word}: " in source
    assert f'<html lang="{language}">' in source
    assert runbook_markdown(NIGHTS[night], language).startswith(f"# {word}: ")


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize("night", ["no abort", "an hour missing"])
def test_without_an_abort_time_none_is_given(night: str, language: Language) -> None:
    """The place where it would stand says no-go."""
    text = page(NIGHTS[night], language).text
    place = {"en": "ABORT: a rollback begins by", "da": "AFBRYD: tilbagerulning begynder senest"}[language]
    assert f"{place} NO-GO" in text
    assert "minute 127" not in text
    assert "minut 127" not in text


@pytest.mark.parametrize("night", NIGHTS)
def test_both_languages_and_both_forms_tell_the_same_figures(night: str) -> None:
    """Every number in the same order, in Danish as in English."""

    def figures(text: str) -> list[str]:
        return re.findall(r"\d+", text)

    told = NIGHTS[night]
    english, danish = (figures(page(told, language).text) for language in LANGUAGES)
    assert english == danish
    assert len(english) > 50
    assert figures(runbook_markdown(told, "en")) == figures(runbook_markdown(told, "da"))
    assert set(figures(runbook_markdown(told, "en"))) == set(english)


@settings(deadline=None, max_examples=30)
@given(day=st.dates(date(2020, 1, 1), date(2040, 12, 31)), begins=st.integers(0, 23), lasts_h=st.integers(1, 12))
def test_any_night_can_be_told(day: date, begins: int, lasts_h: int) -> None:
    """Markdown and page hold every time of the night, whenever it begins."""
    window = {"window_from": f"{begins:02}:30", "window_until": f"{(begins + lasts_h) % 24:02}:30"}
    if (day.month, begins) == (3, 2) or (day.month, (begins + lasts_h) % 24) == (3, 2):
        return  # 02:30 may be missing
    foretold = forecast(window_min=lasts_h * 60.0, latest_rollback_start_min=interval(9), abort_minute=9)
    told = cutover_of(plan(date=day.isoformat(), window_min=lasts_h * 60.0, **window), foretold)
    times = {f"{at:%H:%M}" for step in told.upgrade for at in [step.begins.latest.at, step.ends.latest.at] if at}
    for text in (page(told).text, runbook_markdown(told, "da")):
        assert all(f"{time} CE" in text for time in times)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("night", NIGHTS)
def test_markdown_and_page_say_all_that_the_view_holds(night: str, language: Language) -> None:
    """Every reason, caution, time and instruction stands in both forms."""
    view = runbook_view(NIGHTS[night], language)
    told = [
        *(view.what, view.night, view.abort, view.upgrade_how, view.rollback_how),
        *(*view.reasons, *view.cautions, *view.roles, *view.before, *view.reopen, *view.how),
        *(text for fact in (*view.times, *view.facts) for text in fact),
    ]
    for row in (*view.upgrade, *view.rollback):
        told += [f"{row.number}. {row.name}", row.takes, row.expected, row.begins, row.latest, row.look, row.late]
    for text in (plain(runbook_markdown(NIGHTS[night], language)), page(NIGHTS[night], language).text):
        assert [one for one in told if one not in text] == []


def test_what_a_hand_fills_in_is_left_blank() -> None:
    """Whom to call, when each step was done and by whom, and the boxes to tick."""
    taken = page(NIGHTS["ordinary"])
    for role in ("change lead", "database", "integrations", "clinical on-call", "supplier"):
        assert role in taken.text
    blank = [attributes for tag, attributes in taken.elements if tag == "td" and attributes.get("class") == "hand"]
    assert len(blank) == 5 * 3 + (7 + 4) * 2
    boxes = [attributes for _, attributes in taken.elements if attributes.get("class") == "box"]
    assert len(boxes) == 2 + 6 + 5 + (7 + 4) * 2
    markdown = runbook_markdown(NIGHTS["ordinary"], "en")
    assert markdown.count("[ ]") == len(boxes)
    assert "| supplier | ________ | ________ | ________ |" in markdown


def test_the_way_from_the_rehearsal_to_the_paper_is_told() -> None:
    """System, releases, sizes, run, and what expected and no later than mean."""
    text = page(NIGHTS["ordinary"]).text
    for told in (
        *("tiny 1.0 → 1.1", "Tuesday 11 May 2027", "run-1", "500,000 patients", "99.9 % (bounds 99.7 % to 100.0 %)"),
        *("99.0 % (bounds 97.3 % to 100.0 %)", "An external receipt", "what 95 of 100 runs keep", "01:55 CEST"),
    ):
        assert told in text


def test_the_page_needs_nothing_else() -> None:
    """No script, no image, nothing from elsewhere: that night there may be no network."""
    source = runbook_html(NIGHTS["ordinary"], "en")
    taken = Page(source)
    assert not {"script", "img", "iframe", "object", "form", "base"} & {tag for tag, _ in taken.elements}
    assert not any("src" in attributes for _, attributes in taken.elements)
    assert source.startswith("<!DOCTYPE html>")
    assert "default-src 'none'" in source
    assert "url(" not in source
    assert "@page { size: A4" in source


def test_the_page_can_be_read_aloud() -> None:
    """One main heading, no level skipped, and every cell of a table head says what it heads."""
    taken = page(NIGHTS["ordinary"])
    levels = [int(tag[1]) for tag, _ in taken.elements if tag in {"h1", "h2", "h3"}]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(attributes.get("scope") in {"col", "row"} for tag, attributes in taken.elements if tag == "th")


@settings(deadline=None, max_examples=30)
@given(text=st.text(min_size=1) | st.sampled_from(["</title><script>alert(1)</script>", "| a |\n# GO", "**GO**"]))
def test_names_from_outside_stay_text(text: str) -> None:
    """Whatever a release is called adds no element to the page and no line to the Markdown."""

    def told(name: str) -> Cutover:
        return cutover_of(plan(from_release=name, to_release=name), forecast(), system=name, run_id=f"x{name}")

    assert [tag for tag, _ in page(told(text)).elements] == [tag for tag, _ in page(told("a")).elements]
    assert len(runbook_markdown(told(text), "en").split("\n")) == len(runbook_markdown(told("a"), "en").split("\n"))
    assert "<" not in re.sub(r"\\.|<!-- -->", "", runbook_markdown(told(text), "en"))


def test_both_files_are_written(tmp_path: Path) -> None:
    """The same bytes each time; a folder that cannot be made is an error, never half a runbook."""
    files = write_runbook(NIGHTS["ordinary"], "da", tmp_path / "new")
    assert [file.name for file in files] == ["runbook.md", "runbook.html"]
    first = [file.read_bytes() for file in files]
    assert [file.read_bytes() for file in write_runbook(NIGHTS["ordinary"], "da", tmp_path / "new")] == first
    (tmp_path / "file").write_text("")
    with pytest.raises(EvidenceUnwritable, match=r"runbook\.md"):
        write_runbook(NIGHTS["ordinary"], "da", tmp_path / "file")
