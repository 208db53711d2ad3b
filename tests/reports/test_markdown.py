"""Tests of epjgate.reports.markdown."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epjgate.model.approved_change import JudgedChange
from epjgate.model.events import Fault, TestFinished
from epjgate.model.evidence import Evidence
from epjgate.model.outcome import Outcome
from epjgate.model.rehearsal import CensusChange
from epjgate.model.verdict import Blame, Rehearsed, SuiteCount, Verdict
from epjgate.reports.legible import escaped
from epjgate.reports.markdown import MOST_BYTES, MarkdownPublisher
from epjgate.reports.words import Language, Words


def _published(verdict: Verdict, evidence: Evidence, folder: Path, *, language: Language = "en") -> str:
    (path,) = MarkdownPublisher(language=language).publish(verdict, evidence, folder)
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize("blame", list(Blame))
def test_the_first_line_is_the_verdict(
    tmp_path: Path, make_verdict: Callable[..., Verdict], evidence: Evidence, blame: Blame, language: Language
) -> None:
    """Who reads one line reads the verdict, in the language asked for."""
    first = _published(make_verdict(blame), evidence, tmp_path, language=language).splitlines()[0]
    assert first == f"# {Words(language).decision(blame.decision).upper()}: sekmet 0.1.1"


def test_a_summary_holds_what_a_reviewer_needs(tmp_path: Path, verdict: Verdict, evidence: Evidence) -> None:
    """Findings and fixes, what was not tested and why, faults with their place, digests, and how to repeat it."""
    text = _published(verdict, evidence, tmp_path)
    for told in (
        "**candidate** 1 test failed",
        "What to do: mend the candidate",
        "waits for the vendor (owner: integration team)",
        "the system has no laboratory",
        "expected 412, got 200",
        "location: test\\_patients.py:41",
        "sha256:" + "e" * 64,
        "    epjgate run --system sekmet --candidate 0.1.1 --baseline 0.1.0 --environment process --seed 7",
    ):
        assert told in text
    assert text.index("## Not tested") < text.index("## Tests that did not pass")


def test_the_table_of_suites(tmp_path: Path, verdict: Verdict, evidence: Evidence) -> None:
    """Every row has as many cells as the head."""
    rows = [line for line in _published(verdict, evidence, tmp_path).splitlines() if line.startswith("|")]
    assert [cell.strip() for cell in rows[2].split("|")[1:-1]] == ["contracts/fhir\\_r4", *"41111111", "3"]
    assert {row.count("|") for row in rows} == {11}


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_no_text_is_obeyed(text: str) -> None:
    """Escaped text is one line in which every special character is escaped and nobody is mentioned."""
    shown = escaped(text)
    assert "\n" not in shown
    plain = re.sub(r"\\[\\`*_\[\]<>|~$&]|[@#]<!-- -->", "", shown)
    assert not set(plain) & set("\\`*_[]<>|~$&@#")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>", "\\<script\\>"),
        ("a|b", "a\\|b"),
        ("``` x", "\\`\\`\\` x"),
        ("@team #12", "@<!-- -->team #<!-- -->12"),
        ("linje\nto æøå", "linje to æøå"),
    ],
)
def test_escapes(text: str, shown: str) -> None:
    """The forms that reviewers know from other tools' injected comments."""
    assert escaped(text) == shown


@pytest.mark.parametrize("letter", ["a", "@", "æ", "😀"])
def test_two_thousand_failures_fit(
    tmp_path: Path, make_verdict: Callable[..., Verdict], make_test: Callable[..., TestFinished], letter: str
) -> None:
    """However much is said, the summary has room in a comment, keeps the verdict, and tells what is missing."""
    fault = Fault(kind="E", message=letter * 5000, location=letter * 5000, fingerprint="f")
    tests = [
        make_test("test", Outcome.FAILED, test=f"{number:04}{letter * 500}", fault=fault) for number in range(1000)
    ]
    tests += [
        make_test("test", Outcome.SKIPPED, test=f"{number:04}{letter * 500}", reason=letter * 5000)
        for number in range(1000)
    ]
    suites = tuple(
        SuiteCount(suite=f"{number}{letter * 500}", title="t", counts={"failed": 1}) for number in range(300)
    )
    text = _published(make_verdict(suites=suites), Evidence(manifest=None, tests=tuple(tests)), tmp_path)
    assert len(text.encode()) < MOST_BYTES
    assert text.startswith("# REJECTED")
    assert "(1000)" in text
    assert re.search(r"- … \d+ more, in the evidence", text)


def test_nothing_at_all(tmp_path: Path, make_verdict: Callable[..., Verdict]) -> None:
    """An empty run says so in every section instead of leaving it out."""
    verdict = make_verdict(Blame.NOTHING_TESTED, suites=(), identities=(), rules=())
    text = _published(verdict, Evidence(manifest=None), tmp_path)
    assert "No suite was counted." in text
    assert "No service was identified." in text
    assert "**0** passed" in text


def test_a_past_incident_that_came_back_is_told(tmp_path: Path, verdict: Verdict, returned: Evidence) -> None:
    """What patients would have suffered is read before what was not tested, in the language of the report."""
    text = _published(verdict, returned, tmp_path, language="da")
    assert "- **INC-0002** Dosis blev" in text
    assert "Hvad patienterne ville have været udsat for: Patienten tager \\<den\\>." in text
    assert text.index("INC-0002") < text.index("## Ikke afprøvet")


def test_what_changed_since_production_is_told(
    tmp_path: Path, make_verdict: Callable[..., Verdict], compared: Evidence, changes: tuple[JudgedChange, ...]
) -> None:
    """Each change with grade, place, reason and who answers for it; nothing in it is read as Markdown."""
    text = _published(make_verdict(changes=changes), compared, tmp_path, language="da")
    section = text.partition("## Hvad der er ændret siden drift (3)")[2].partition("##")[0]
    assert "- **brydende** HL7 v2, out:ADT^A08 PID-11: ændret (diff-hl7v2-field-changed)" in section
    assert "filled → \\*empty\\*" in section
    assert "godkendelse: godkendt af integration team, indtil 2026-02-04 09:02 UTC: no receiver reads it" in section
    assert "godkendelse: ikke godkendt" in section
    assert "reads \\<it\\> finds" in section
    assert section.count("godkendelse:") == 2, "what breaks nothing needs no approval"


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("en", "# REHEARSAL OF AN UPGRADE: APPROVED: sekmet 0.9 -\\> 1.0"),
        ("da", "# GENERALPRØVE PÅ EN OPGRADERING: GODKENDT: sekmet 0.9 -\\> 1.0"),
    ],
)
def test_the_first_line_of_a_rehearsal_says_that_it_is_one(
    tmp_path: Path, make_rehearsal: Callable[..., Verdict], evidence: Evidence, language: Language, first: str
) -> None:
    """And that it releases nothing."""
    text = _published(make_rehearsal(Blame.NOBODY), evidence, tmp_path, language=language)
    assert text.splitlines()[0] == first
    assert Words(language)["rehearsal.only"] in text


@pytest.mark.parametrize("language", ["en", "da"])
def test_the_change_window_is_told(
    tmp_path: Path, make_rehearsal: Callable[..., Verdict], evidence: Evidence, language: Language
) -> None:
    """Plan, forecast, steps by size, records and outages; tables are whole, and nothing is read as Markdown."""
    words = Words(language)
    text = _published(make_rehearsal(), evidence, tmp_path, language=language)
    section = text.partition(f"## {words['window']}\n")[2].partition("\n## ")[0]
    for heading in ("window.forecast", "window.steps", "window.census", "window.availability"):
        assert f"### {words[heading]}" in section
    dot = "." if language == "en" else ","
    assert f"| 44{dot}0 min | 38{dot}0 min | 200{dot}0 min |" in section
    assert f"| migrate | 1{dot}50 | 1{dot}50 / 1{dot}50 |" in section
    assert "prescriptions \\<ended\\>: 40 → \\*38\\*" in section
    assert f"{words['window.locks']}: changelog" in section
    assert f"10{dot}05-19{dot}95 s" in section
    tables = [line for line in section.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in tables} == {5, 7}


def test_a_rehearsal_without_a_forecast_says_so(
    tmp_path: Path, make_rehearsal: Callable[..., Verdict], evidence: Evidence, halted: Rehearsed
) -> None:
    """Why, and what to measure; the step that failed is marked."""
    text = _published(make_rehearsal(rehearsed=halted), evidence, tmp_path)
    for told in (
        "**There is no forecast, so nobody knows whether the upgrade fits its window.**",
        "- two \\<sizes\\> only",
        "- rehearse at 30000",
        "| **migrate** | not done | failed (1.50) / not done |",
        "Nothing was counted.",
        "Nobody looked whether the system could be used.",
    ):
        assert told in text


def test_a_long_rehearsal_fits(
    tmp_path: Path, make_rehearsal: Callable[..., Verdict], evidence: Evidence, rehearsed: Rehearsed
) -> None:
    """Hundreds of changes in every census are cut, and the cut is told."""
    many = tuple(CensusChange(what=f"kind {number} {'x' * 200}", before="1", after="2") for number in range(300))
    censuses = tuple(one.model_copy(update={"changes": many}) for one in rehearsed.censuses)
    long = rehearsed.model_copy(update={"censuses": censuses})
    text = _published(make_rehearsal(rehearsed=long), evidence, tmp_path)
    assert len(text.encode()) < MOST_BYTES
    assert "more, in the evidence" in text
