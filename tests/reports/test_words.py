"""Tests of epjgate.reports.words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from epjgate.model.approved_change import ApprovalState, JudgedChange
from epjgate.model.availability import Connection, Standing
from epjgate.model.contract_change import Grade, Interface, Kind
from epjgate.model.events import Severity
from epjgate.model.identity import DigestKind
from epjgate.model.outcome import Outcome
from epjgate.model.rehearsal import StepOutcome
from epjgate.model.verdict import Blame, Decision
from epjgate.reports.exchanges import Gap
from epjgate.reports.words import TEXTS, Language, Words

SOURCES = Path(__file__).parents[2] / "src" / "epjgate" / "reports"


@pytest.mark.parametrize("language", ["en", "da"])
def test_every_decision_blame_and_outcome_has_a_word(language: Language) -> None:
    """Whatever the judge or a test can say has a text of its own in both languages."""
    words = Words(language)
    assert len({words.decision(decision) for decision in Decision}) == len(Decision)
    assert len({words.blame(blame) for blame in Blame}) == len(Blame)
    assert len({words.why(blame) for blame in Blame}) == len(Blame)
    assert len({words.outcome(outcome) for outcome in Outcome}) == len(Outcome)
    for key in [f"severity.{each.value}" for each in Severity] + [f"kind.{each.value}" for each in DigestKind]:
        assert words[key]
    for key in [f"exchanges.{each.value}" for each in Gap] + [f"short.{each.value}" for each in Outcome]:
        assert words[key]


@pytest.mark.parametrize("language", ["en", "da"])
def test_every_change_has_words(language: Language, changes: tuple[JudgedChange, ...]) -> None:
    """Whatever a comparison finds, and however it is approved, has a text of its own."""
    words = Words(language)
    for prefix, values in (
        ("interface", get_args(Interface)),
        ("grade", [grade.value for grade in Grade]),
        ("change", [kind.value for kind in Kind]),
        ("approval", [state.value for state in ApprovalState]),
    ):
        assert len({words[f"{prefix}.{value}"] for value in values}) == len(values)
    missing, approved, _ = map(words.approval, changes)
    assert missing == words["approval.missing"]
    assert approved == (
        f"{words['approval.approved']} integration team, {words['approval.until']} 2026-02-04 09:02 UTC"
    )


@pytest.mark.parametrize("language", ["en", "da"])
def test_everything_that_a_rehearsal_finds_has_words(language: Language) -> None:
    """However a step ends, and however a system stands, over whatever connection."""
    words = Words(language)
    for prefix, values in (("step", StepOutcome), ("standing", Standing), ("connection", Connection)):
        assert len({words[f"{prefix}.{value.value}"] for value in values}) == len(values)


def test_both_languages_have_every_text() -> None:
    """No text is empty in either language, and sentences are translated."""
    for key, (english, danish) in TEXTS.items():
        assert english.strip(), key
        assert danish.strip(), key
        assert english != danish or "." not in english, key


def test_a_text_that_does_not_exist_is_an_error() -> None:
    """A misspelt key never leaves an empty place in a report."""
    with pytest.raises(KeyError):
        Words("en")["no such text"]


def test_every_text_that_a_report_names_exists() -> None:
    """Keys written out in the publishers and templates are in the list."""
    every = [*SOURCES.glob("*.py"), *SOURCES.glob("templates/*.j2")]
    files = [file for file in every if not file.name.startswith("runbook")]  # it has words of its own
    named = {key for file in files for key in re.findall(r"words\[[\"']([a-z_.]+)[\"']\]", file.read_text("utf-8"))}
    assert len(named) > 50
    assert named <= TEXTS.keys()


@pytest.mark.parametrize(
    ("language", "number", "text"),
    [("en", 0, "0 tests"), ("en", 1, "1 test"), ("en", 2000, "2,000 tests"), ("da", 2000, "2.000 tests")],
)
def test_counts_in_words(language: Language, number: int, text: str) -> None:
    """Numbers follow the language: singular, plural, and the separator of thousands."""
    assert Words(language).count(number, "test") == text


def test_the_danish_verdicts() -> None:
    """The release manager reads the three words that were agreed on."""
    assert [Words("da").decision(decision) for decision in Decision] == ["godkendt", "afvist", "uafklaret"]
