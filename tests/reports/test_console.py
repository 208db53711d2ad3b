"""Tests of epjgate.reports.console."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from epjgate.errors import EvidenceUnwritable
from epjgate.model.approved_change import JudgedChange
from epjgate.model.events import TestFinished
from epjgate.model.evidence import Evidence
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame, Decision, Finding, Rehearsed, RuleResult, Verdict
from epjgate.reports.console import MOST, ConsolePublisher
from epjgate.reports.words import Language, Words


def _printed(
    verdict: Verdict, evidence: Evidence, folder: Path, *, language: Language = "en", colour: bool = False
) -> str:
    text = io.StringIO()
    console = Console(file=text, width=80, force_terminal=colour)
    assert ConsolePublisher(console, language=language).publish(verdict, evidence, folder) == ()
    return text.getvalue()


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize("blame", list(Blame))
def test_the_verdict_is_told(
    tmp_path: Path, make_verdict: Callable[..., Verdict], evidence: Evidence, blame: Blame, language: Language
) -> None:
    """The word of the verdict stands there in capitals, and no other of the three."""
    words = Words(language)
    text = _printed(make_verdict(blame), evidence, tmp_path, language=language)
    shown = [decision for decision in Decision if words.decision(decision).upper() in text]
    assert shown == [blame.decision]


def test_everything_a_reader_needs_fits_eighty_columns(tmp_path: Path, verdict: Verdict, evidence: Evidence) -> None:
    """Findings with fixes, skips with owners, the suite's name whole; only the path may be longer than a line."""
    text = _printed(verdict, evidence, tmp_path)
    *lines, last = text.splitlines()
    assert max(len(line) for line in lines) <= 80
    assert last == f"Report: {tmp_path / 'report.html'}"
    for told in (
        "contracts/fhir_r4",
        "1 test failed",
        "mend the candidate",
        "waits for",
        "integration team",
        "1 skip is",
    ):
        assert told in text
    assert "\x1b" not in text


def test_counts_of_a_suite(tmp_path: Path, verdict: Verdict, evidence: Evidence) -> None:
    """One line a suite: executed, then each outcome, then the floor."""
    text = _printed(verdict, evidence, tmp_path)
    row = next(line for line in text.splitlines() if line.startswith("contracts/fhir_r4"))
    assert row.split() == ["contracts/fhir_r4", "4", "1", "1", "1", "1", "1", "1", "1", "3"]


def test_no_color_is_honoured(
    tmp_path: Path, verdict: Verdict, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal gets colour, unless NO_COLOR asks for none (https://no-color.org)."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    red = "\x1b[31m"
    assert red in _printed(verdict, evidence, tmp_path, colour=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert red not in _printed(verdict, evidence, tmp_path, colour=True)


def test_a_test_cannot_steer_the_terminal(
    tmp_path: Path, make_verdict: Callable[..., Verdict], evidence: Evidence
) -> None:
    """Escape sequences, carriage returns and rich's own markup are shown, not obeyed."""
    finding = Finding(rule="r", blame=Blame.CANDIDATE, summary="\x1b[2J\rAPPROVED [bold]x[/bold]")
    verdict = make_verdict(rules=(RuleResult(rule="r", title="t", holds=False, findings=(finding,)),))
    text = _printed(verdict, evidence, tmp_path)
    assert "\\x1b[2J\\x0dAPPROVED [bold]x[/bold]" in text
    assert "\x1b" not in text
    assert "\r" not in text


def test_long_lists_are_cut_and_counted(
    tmp_path: Path, verdict: Verdict, make_test: Callable[..., TestFinished]
) -> None:
    """Past the bound the number of what is missing is told."""
    tests = tuple(make_test(f"test_{number:04}", Outcome.SKIPPED, reason="r") for number in range(MOST + 7))
    text = _printed(verdict, Evidence(manifest=None, tests=tests), tmp_path)
    assert f"Not tested ({MOST + 7})" in text
    assert text.count("[skipped]") == MOST
    assert "… 7 more" in text


def test_nothing_at_all(tmp_path: Path, make_verdict: Callable[..., Verdict]) -> None:
    """An empty run is told as one."""
    verdict = make_verdict(Blame.NOTHING_TESTED, suites=(), identities=())
    text = _printed(verdict, Evidence(manifest=None), tmp_path)
    assert "INCONCLUSIVE" in text
    assert "No suite was counted." in text


class _Broken(io.StringIO):
    """A stream that takes nothing and says why."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self._error = error

    def write(self, _text: str) -> int:
        raise self._error


@pytest.mark.parametrize("error", [BrokenPipeError(32, "Broken pipe"), OSError(28, "No space left on device")])
def test_a_console_that_takes_no_more_is_told(
    tmp_path: Path, verdict: Verdict, evidence: Evidence, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    """A reader that went away or a full disk ends as an error of the gate; nothing leaves the program."""
    with (tmp_path / "stdout").open("w") as stdout:
        monkeypatch.setattr("sys.stdout", stdout)  # rich closes it when a pipe breaks
        with pytest.raises(EvidenceUnwritable):
            ConsolePublisher(Console(file=_Broken(error), width=80)).publish(verdict, evidence, tmp_path)


def test_a_past_incident_that_came_back_is_told(tmp_path: Path, verdict: Verdict, returned: Evidence) -> None:
    """What patients would have suffered is told with the incident, in the language of the report."""
    text = _printed(verdict, returned, tmp_path, language="da")
    assert "INC-0002 Dosis blev" in text
    assert "Patienten tager <den>." in text
    assert "INC-0003" not in text


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ("What changed since production (3)", "[breaking] HL7 v2, out:ADT^A08 PID-11: changed", "not approved")),
        (
            "da",
            ("Hvad der er ændret siden drift (3)", "[brydende] HL7 v2, out:ADT^A08 PID-11: ændret", "ikke godkendt"),
        ),
    ],
)
def test_what_changed_since_production_is_told(
    tmp_path: Path,
    make_verdict: Callable[..., Verdict],
    compared: Evidence,
    changes: tuple[JudgedChange, ...],
    language: Language,
    expected: tuple[str, ...],
) -> None:
    """Each change with grade, place, reason and who answers for it, in the language of the report."""
    text = " ".join(_printed(make_verdict(changes=changes), compared, tmp_path, language=language).split())
    for words in (*expected, "filled → *empty*", "integration team", "no receiver reads it", "2026-02-04 09:02 UTC"):
        assert words in text


def test_that_nothing_changed_is_told_and_that_nobody_looked_is_not_taken_for_it(
    tmp_path: Path, verdict: Verdict, evidence: Evidence, compared: Evidence
) -> None:
    """The section is there once two releases were compared, and only then."""
    assert "Nothing changed that partners see." in _printed(verdict, compared, tmp_path)
    assert "What changed since production" not in _printed(verdict, evidence, tmp_path)


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize("blame", list(Blame))
def test_the_verdict_on_a_rehearsal_says_that_it_is_one(
    tmp_path: Path, make_rehearsal: Callable[..., Verdict], evidence: Evidence, blame: Blame, language: Language
) -> None:
    """Before the word of the verdict, and in the title of its box; it is said that nothing is released."""
    words = Words(language)
    text = _printed(make_rehearsal(blame), evidence, tmp_path, language=language)
    whole = " ".join(text.replace("│", " ").split())
    heading = f"{words['rehearsal.title']}: {words.decision(blame.decision)}".upper()
    assert f"{heading} sekmet 0.9 -> 1.0" in whole
    assert words["rehearsal.title"] in text.splitlines()[0]
    assert words["title"] not in text
    assert words["rehearsal.only"] in whole


@pytest.mark.parametrize("language", ["en", "da"])
def test_the_change_window_is_told(
    tmp_path: Path, make_rehearsal: Callable[..., Verdict], evidence: Evidence, language: Language
) -> None:
    """Plan, forecast, steps by size, records and outages, in eighty columns."""
    text = _printed(make_rehearsal(), evidence, tmp_path, language=language)
    words, dot = Words(language), "." if language == "en" else ","
    assert max(len(line) for line in text.splitlines()[:-1]) <= 80
    for key in ("window", "window.forecast", "window.steps", "window.census", "window.availability"):
        assert words[key] in text
    whole = " ".join(text.split())
    for told in (
        f"44{dot}0 min 38{dot}0 min 200{dot}0 min",
        f"migrate 1{dot}50 1{dot}50 / 1{dot}50",
        "prescriptions <ended>: 40 → *38*",
        f"{words['window.locks']}: changelog",
        f"10{dot}05-19{dot}95 s",
    ):
        assert told in whole


def test_a_rehearsal_without_a_forecast_says_so(
    tmp_path: Path, make_rehearsal: Callable[..., Verdict], evidence: Evidence, halted: Rehearsed
) -> None:
    """Why, and what to measure; that nothing was counted and nobody looked is told too."""
    whole = " ".join(_printed(make_rehearsal(rehearsed=halted), evidence, tmp_path).split())
    for told in (
        "There is no forecast",
        "two <sizes> only",
        "rehearse at 30000",
        "failed",
        "not done",
        "Nobody looked",
    ):
        assert told in whole


def test_a_release_has_no_change_window(tmp_path: Path, verdict: Verdict, evidence: Evidence) -> None:
    """Nothing of a rehearsal is told of it."""
    assert Words("en")["window"] not in _printed(verdict, evidence, tmp_path)
