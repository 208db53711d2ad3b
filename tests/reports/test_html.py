"""Tests of epjgate.reports.html."""

from __future__ import annotations

import json
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import availability, track

from epjgate.model.approved_change import JudgedChange
from epjgate.model.availability import Standing
from epjgate.model.events import Fault, Requirement, TestFinished
from epjgate.model.evidence import Evidence
from epjgate.model.exchange import Exchange
from epjgate.model.outcome import Outcome
from epjgate.model.rehearsal import CensusChange
from epjgate.model.verdict import Blame, Finding, Rehearsed, RuleResult, Verdict
from epjgate.reports.html import MOST_DETAILED, MOST_EXCHANGES, MOST_TEXT, HtmlPublisher
from epjgate.reports.words import Language, Words

VOID = {"meta", "link", "br"}


class Page(HTMLParser):
    """A page taken apart: its elements in order, its text, and what was left open."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
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
            self.text += data

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every element called `tag`."""
        return [attributes for name, attributes in self.elements if name == tag]


def _published(verdict: Verdict, evidence: Evidence, folder: Path, *, language: Language = "en") -> Page:
    (path,) = HtmlPublisher(language=language).publish(verdict, evidence, folder)
    page = Page(path.read_text(encoding="utf-8"))
    assert page.open == []
    return page


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize("blame", list(Blame))
def test_the_verdict_comes_first(
    tmp_path: Path, make_verdict: Callable[..., Verdict], evidence: Evidence, blame: Blame, language: Language
) -> None:
    """The first words on the screen are the verdict, in the language that the page declares."""
    words = Words(language)
    page = _published(make_verdict(blame), evidence, tmp_path, language=language)
    title, word = page.text.split(maxsplit=4)[0], words.decision(blame.decision)
    assert title == f"{word.capitalize()}:"
    assert page.text.split("0.1.1", 1)[1].split()[0] == word.upper()
    assert page.attributes("html") == [{"lang": language}]
    assert words.why(blame) in page.text


def test_the_page_needs_nothing_else(tmp_path: Path, verdict: Verdict, evidence: Evidence) -> None:
    """No script, no image, no style from elsewhere; the page itself forbids every request."""
    page = _published(verdict, evidence, tmp_path)
    assert not {"script", "img", "iframe", "object", "form", "base"} & {tag for tag, _ in page.elements}
    assert [link["href"] for link in page.attributes("link")] == ["data:,"]
    assert not any("src" in attributes for _, attributes in page.elements)
    policy = [meta["content"] for meta in page.attributes("meta") if "http-equiv" in meta]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
    source = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert source.startswith("<!DOCTYPE html>")
    assert "url(" not in source
    assert "@import" not in source


def test_the_page_can_be_read_aloud(tmp_path: Path, verdict: Verdict, evidence: Evidence) -> None:
    """One main heading, no level skipped, and every cell of a table head says what it heads."""
    page = _published(verdict, evidence, tmp_path)
    levels = [int(tag[1]) for tag, _ in page.elements if tag in {"h1", "h2", "h3"}]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(cell.get("scope") in {"col", "row"} for cell in page.attributes("th"))


def test_a_page_holds_everything(tmp_path: Path, verdict: Verdict, evidence: Evidence) -> None:
    """Findings, fixes, suites, what was not tested, faults, rules, identities, facts, and how to repeat it."""
    text = _published(verdict, evidence, tmp_path).text
    for told in (
        "1 test failed",
        "mend the candidate",
        "below the floor",
        "waits for the vendor",
        "integration team",
        "expected 412, got 200",
        "test_patients.py:41",
        "assert status == 412",
        "does not hold",
        "sha256:" + "e" * 64,
        "run-1",
        "epjgate run --system sekmet",
        "Title of test_reads_what_was_created",
    ):
        assert told in text


def _exchange(number: int, body: str) -> str:
    exchange = Exchange("PUT", f"http://127.0.0.1/Patient/{number}", {}, body, None, {}, None, 0.012, "reset")
    return json.dumps(exchange.as_dict()) + "\n"


def test_the_last_exchanges_are_shown(tmp_path: Path, verdict: Verdict, evidence: Evidence) -> None:
    """A failing test shows what was asked and answered, cut where it is long, and says what came before."""
    (tmp_path / "exchanges").mkdir()
    lines = [_exchange(number, f"{'x' * MOST_TEXT}<b>end{number}") for number in range(MOST_EXCHANGES + 3)]
    (tmp_path / "exchanges" / "stale.jsonl").write_text("".join(lines))
    text = _published(verdict, evidence, tmp_path).text
    assert f"http://127.0.0.1/Patient/{MOST_EXCHANGES + 2}" in text
    assert "http://127.0.0.1/Patient/2\n" not in text
    assert "3 exchanges earlier, in exchanges/stale.jsonl" in text
    assert "no answer" in text
    assert "end5" not in text
    assert "cut here" in text


def test_missing_exchanges_are_told(tmp_path: Path, verdict: Verdict, evidence: Evidence) -> None:
    """What the evidence should hold and does not is not hidden."""
    assert Words("en")["exchanges.missing"] in _published(verdict, evidence, tmp_path).text


@settings(deadline=None, max_examples=40)
@given(text=st.text(min_size=1) | st.sampled_from(["</pre><script>alert(1)</script>", '"><img src=x>', "æøå ]]>"]))
def test_text_of_a_test_stays_text(
    tmp_path_factory: pytest.TempPathFactory,
    make_verdict: Callable[..., Verdict],
    make_test: Callable[..., TestFinished],
    text: str,
) -> None:
    """Whatever a test is called or says adds no element to the page."""

    def tags(told: str) -> list[str]:
        fault = Fault(kind="E", message=told, location=told, fingerprint=told, trace=told)
        rule = Requirement(specification=told, section=told, url=f"https://example.org/{told}")
        faulty = make_test("t", Outcome.FAILED, test=told, title=told, fault=fault, requirements=(rule,))
        skipped = make_test("s", Outcome.SKIPPED, test=told, reason=told, owner=told)
        finding = Finding(rule=told, blame=Blame.CANDIDATE, summary=told, detail=told, fix=told, tests=(told,))
        rules = (RuleResult(rule=told, title=told, holds=False, findings=(finding,)),)
        verdict = make_verdict(rules=rules, candidate=told)
        evidence = Evidence(manifest=None, tests=(faulty, skipped))
        return [tag for tag, _ in _published(verdict, evidence, tmp_path_factory.mktemp("html")).elements]

    assert tags(text) == tags("a")


@pytest.mark.parametrize(("url", "links"), [("https://hl7.org/fhir", 1), ("javascript:alert(1)", 0)])
def test_only_web_addresses_are_links(
    tmp_path: Path, verdict: Verdict, make_test: Callable[..., TestFinished], url: str, links: int
) -> None:
    """A requirement is linked where its address is one of the web, and never as a script."""
    rule = Requirement(specification="FHIR R4", section="3.1", url=url)
    evidence = Evidence(manifest=None, tests=(make_test("t", Outcome.FAILED, requirements=(rule,)),))
    page = _published(verdict, evidence, tmp_path)
    assert [link["href"] for link in page.attributes("a")] == [url] * links
    assert "FHIR R4 3.1" in page.text


def test_two_thousand_tests(tmp_path: Path, verdict: Verdict, make_test: Callable[..., TestFinished]) -> None:
    """Every test is named, the details are bounded and the bound is told, and the page stays within 3 MB."""
    outcomes = (Outcome.FAILED, Outcome.PASSED)
    tests = tuple(make_test(f"test_{number:04}", outcomes[number % 2]) for number in range(2000))
    page = _published(verdict, Evidence(manifest=None, tests=tests), tmp_path)
    assert all(f"::test_{number:04}" in page.text for number in range(2000))
    assert page.text.count("assert status == 412") == MOST_DETAILED
    assert f"details of the first only {MOST_DETAILED}" in page.text
    assert (tmp_path / "report.html").stat().st_size < 3_000_000


def test_nothing_at_all(tmp_path: Path, make_verdict: Callable[..., Verdict]) -> None:
    """An empty run says so in every section instead of leaving it out."""
    verdict = make_verdict(Blame.NOTHING_TESTED, suites=(), identities=(), rules=())
    text = _published(verdict, Evidence(manifest=None), tmp_path).text
    for key in ("in_the_way.none", "suites.none", "faults.none", "rules.none", "identities.none", "fact.no_manifest"):
        assert Words("en")[key] in text


def test_equal_input_gives_equal_bytes(tmp_path: Path, verdict: Verdict, evidence: Evidence) -> None:
    """The page holds no clock and no chance."""
    (path,) = HtmlPublisher().publish(verdict, evidence, tmp_path)
    first = path.read_bytes()
    HtmlPublisher().publish(verdict, evidence, tmp_path)
    assert path.read_bytes() == first


def test_a_past_incident_that_came_back_is_told(tmp_path: Path, verdict: Verdict, returned: Evidence) -> None:
    """What patients would have suffered is told with the incident, in the language of the report."""
    page = _published(verdict, returned, tmp_path, language="da")
    assert "INC-0002 Dosis blev" in page.text
    assert "Patienten tager <den>." in page.text
    assert "INC-0003" not in page.text


@pytest.mark.parametrize("language", ["en", "da"])
def test_what_changed_since_production_is_told(
    tmp_path: Path,
    make_verdict: Callable[..., Verdict],
    compared: Evidence,
    changes: tuple[JudgedChange, ...],
    language: Language,
) -> None:
    """Each change with grade, place, reason and who answers for it; what stands in the way is marked."""
    page = _published(make_verdict(changes=changes), compared, tmp_path, language=language)
    words = Words(language)
    for text in (
        words["changes"],
        "out:ADT^A08 PID-11",
        "A receiver that reads <it> finds another.",
        words["approval.missing"],
        "integration team",
        "no receiver reads it",
        "diff-hl7v2-field-changed",
    ):
        assert text in page.text
    source = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert source.count(f"<strong>{words['grade.breaking']}</strong>") == 1


def test_a_run_without_a_comparison_has_no_section_of_changes(
    tmp_path: Path, verdict: Verdict, evidence: Evidence, compared: Evidence
) -> None:
    """An empty list of changes would look like a candidate that changed nothing."""
    assert "What changed since production" not in _published(verdict, evidence, tmp_path).text
    assert "Nothing changed that partners see." in _published(verdict, compared, tmp_path).text


@pytest.mark.parametrize("language", ["en", "da"])
def test_the_first_words_of_a_rehearsal_say_that_it_is_one(
    tmp_path: Path, make_rehearsal: Callable[..., Verdict], evidence: Evidence, language: Language
) -> None:
    """In the title and in the heading; the release in production is part of the upgrade's name."""
    words = Words(language)
    page = _published(make_rehearsal(Blame.NOBODY), evidence, tmp_path, language=language)
    heading = f"{words['rehearsal.title']}: {words['decision.approved']}"
    assert page.text.split("\n", 3)[0].strip() == "" or heading.capitalize() in page.text
    assert f"{heading.upper()}\nsekmet 0.9 -> 1.0" in page.text
    assert words["rehearsal.only"] in page.text
    assert words["against"] not in page.text


@pytest.mark.parametrize("language", ["en", "da"])
def test_the_change_window_is_told(
    tmp_path: Path, make_rehearsal: Callable[..., Verdict], evidence: Evidence, language: Language
) -> None:
    """Plan, forecast, steps by size, records, and the course of each track with its closed times."""
    words, dot = Words(language), "." if language == "en" else ","
    page = _published(make_rehearsal(), evidence, tmp_path, language=language)
    for key in ("window", "window.forecast", "window.steps", "window.census", "window.availability"):
        assert words[key] in page.text
    for told in (
        "0.9 → 1.0",
        f"200{dot}0 min",
        f"1{dot}50 / 1{dot}50",
        "prescriptions <ended>",
        "changelog",
        f"10{dot}05-19{dot}95 s",
    ):
        assert told in page.text
    (course,) = page.attributes("svg")
    assert course["role"] == "img"
    assert (course["aria-label"] or "").startswith("read, ")
    assert [bar["class"] for bar in page.attributes("rect")] == ["closed", "closed", "up", "up", "up", "down", "down"]
    levels = [int(tag[1]) for tag, _ in page.elements if tag in {"h1", "h2", "h3"}]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(cell.get("scope") in {"col", "row"} for cell in page.attributes("th"))


def test_a_rehearsal_without_a_forecast_says_so(
    tmp_path: Path, make_rehearsal: Callable[..., Verdict], evidence: Evidence, halted: Rehearsed
) -> None:
    """Why, and what to measure; the step that failed stands out."""
    page = _published(make_rehearsal(rehearsed=halted), evidence, tmp_path)
    for told in ("There is no forecast", "two <sizes> only", "rehearse at 30000", "failed (1.50) / not done"):
        assert told in page.text
    source = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<strong>failed (1.50) / not done</strong>" in source


@settings(deadline=None, max_examples=20)
@given(text=st.text(min_size=1) | st.sampled_from(["</pre><script>alert(1)</script>", '"><img src=x>', "æøå ]]>"]))
def test_text_of_a_system_stays_text(
    tmp_path_factory: pytest.TempPathFactory,
    make_rehearsal: Callable[..., Verdict],
    evidence: Evidence,
    rehearsed: Rehearsed,
    text: str,
) -> None:
    """Whatever a census, a probe or a step says adds no element to the page."""

    def tags(told: str) -> list[str]:
        change = CensusChange(what=told, before=told, after=told)
        censuses = (rehearsed.censuses[0].model_copy(update={"changes": (change,)}),)
        found = track((Standing.DOWN, 60.0), probe=told)
        stretches = tuple(one.model_copy(update={"why": told}) for one in found.stretches)
        seen = availability(found.model_copy(update={"stretches": stretches}))
        strange = rehearsed.model_copy(update={"censuses": censuses, "availability": seen})
        verdict = make_rehearsal(rehearsed=strange, rehearsal=told)
        return [tag for tag, _ in _published(verdict, evidence, tmp_path_factory.mktemp("html")).elements]

    assert tags(text) == tags("a")


def test_a_release_has_nothing_of_a_rehearsal(tmp_path: Path, verdict: Verdict, evidence: Evidence) -> None:
    """Neither the section nor the styles of it."""
    _published(verdict, evidence, tmp_path)
    source = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "course" not in source
    assert 'id="window"' not in source
