"""Tests of epjgate.reports.view."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from epjgate.model.approved_change import JudgedChange
from epjgate.model.events import TestFinished, TestsCollected
from epjgate.model.evidence import Evidence
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame, Finding, Rehearsed, RuleResult, SuiteCount, Verdict
from epjgate.reports.view import ORDER, Returned, View, suite_rows, time_of, view_of
from epjgate.reports.words import Language, Words

ENGLISH = Words("en")


@pytest.fixture
def view(verdict: Verdict, evidence: Evidence) -> View:
    """Return the view of a rejected candidate."""
    return view_of(verdict, evidence, ENGLISH, "run-1")


def test_every_outcome_has_a_column() -> None:
    """No test can fall out of the table of suites."""
    assert set(ORDER) == set(Outcome)
    assert len(ORDER) == len(Outcome)


def test_every_test_is_in_one_list(view: View, evidence: Evidence) -> None:
    """Passed, faulty and not tested share all tests between them, the worst faults first."""
    listed = [*view.faulty, *view.passed]
    assert {test.test for test in listed} | {item.test for item in view.not_tested} == {
        test.test for test in evidence.tests
    }
    assert len(listed) + len(view.not_tested) == len(evidence.tests)
    assert [test.outcome for test in view.faulty] == sorted(
        (test.outcome for test in view.faulty), key=lambda outcome: outcome.rank
    )
    assert view.faults == 4
    assert view.untested == 2


def test_headline_and_why(view: View) -> None:
    """The first line says the verdict and of what, the second why."""
    assert view.headline == "Rejected: sekmet 0.1.1"
    assert view.why == ENGLISH.why(Blame.CANDIDATE)


def test_notes_do_not_stand_in_the_way(view: View) -> None:
    """Findings that blame nobody are kept apart from those that decide."""
    assert [finding.blame for finding in view.in_the_way] == [Blame.CANDIDATE]
    assert [finding.blame for finding in view.notes] == [Blame.NOBODY]


def test_what_decided_comes_first(make_verdict: Callable[..., Verdict], evidence: Evidence) -> None:
    """The first finding is of the blame that the verdict names."""
    rules = tuple(
        RuleResult(
            rule=blame.value, title=blame.value, holds=False, findings=(Finding(rule="r", blame=blame, summary="s"),)
        )
        for blame in reversed(Blame)
    )
    view = view_of(make_verdict(Blame.INTERRUPTED, rules=rules), evidence, ENGLISH, "b")
    assert view.in_the_way[0].blame is Blame.INTERRUPTED
    assert len(view.in_the_way) == len(Blame) - 1


def test_not_tested_has_reason_and_owner(view: View) -> None:
    """A skip shows its reason and who answers for it."""
    skipped = next(item for item in view.not_tested if item.outcome is Outcome.SKIPPED)
    assert (skipped.reason, skipped.owner) == ("waits for the vendor", "integration team")


def test_a_skip_without_a_reason_says_so(verdict: Verdict, make_test: Callable[..., TestFinished]) -> None:
    """An empty reason is told in words."""
    evidence = Evidence(manifest=None, tests=(make_test("test_a", Outcome.SKIPPED),))
    assert view_of(verdict, evidence, ENGLISH, "b").not_tested[0].reason == ENGLISH["not_tested.no_reason"]


def test_an_empty_suite_is_not_tested(
    make_verdict: Callable[..., Verdict], make_evidence: Callable[..., Evidence]
) -> None:
    """A planned suite of which nothing was found keeps its row and is listed as not tested."""
    view = view_of(make_verdict(suites=()), make_evidence(tests=()), ENGLISH, "b")
    assert [(row.suite, row.total) for row in view.suites] == [("contracts/fhir_r4", 0)]
    assert [item.suite for item in view.not_tested] == ["contracts/fhir_r4"]


def test_a_file_that_was_not_collected_is_not_tested(verdict: Verdict, evidence: Evidence) -> None:
    """Tests that could not even be found are as visible as skipped ones, each once."""
    collected = tuple(TestsCollected(tests={}, errors=("suites/a/test_x.py",)) for _ in range(2))
    view = view_of(verdict, replace(evidence, collected=collected), ENGLISH, "b")
    assert [item.test for item in view.not_tested].count("suites/a/test_x.py") == 1


def test_a_suite_that_was_not_counted_is_counted(
    verdict: Verdict, evidence: Evidence, make_test: Callable[..., TestFinished]
) -> None:
    """Tests of a suite that neither the verdict nor the plan knows are in the table."""
    stray = make_test("test_stray", Outcome.FAILED, suite="stray")
    rows = suite_rows(verdict, replace(evidence, tests=(*evidence.tests, stray)))
    assert [(row.suite, row.counts[Outcome.FAILED]) for row in rows] == [("contracts/fhir_r4", 1), ("stray", 1)]


def test_executed_and_floor(view: View, make_verdict: Callable[..., Verdict], evidence: Evidence) -> None:
    """Skipped, not applicable and unfinished tests were not executed; a floor is missed by passes only."""
    assert (view.suites[0].total, view.suites[0].executed, view.suites[0].passed) == (7, 4, 1)
    assert view.suites[0].below_floor
    enough = SuiteCount(suite="contracts/fhir_r4", title="t", counts={"passed": 3}, floor=3)
    assert not suite_rows(make_verdict(suites=(enough,)), evidence)[0].below_floor


def test_a_missing_manifest_is_told(verdict: Verdict) -> None:
    """What could not be read is a fact of the run."""
    view = view_of(verdict, Evidence(manifest=None), ENGLISH, "b")
    assert (ENGLISH["fact.manifest"], ENGLISH["fact.no_manifest"]) in view.facts


def test_facts_bind_the_verdict(view: View) -> None:
    """Run, seed, digests and times are there; the host's name is not."""
    facts = dict(view.facts)
    assert facts["run"] == "run-1"
    assert facts["seed"] == "7"
    assert facts["evidence digest"] == "sha256:" + "d" * 64
    assert facts["judged"] == "2026-01-05 09:02:30 UTC"
    assert "secret-host" not in facts.values()


def test_times_are_utc() -> None:
    """The same moment reads the same on every machine; none at all is told."""
    copenhagen = timezone(timedelta(hours=2))
    assert time_of(datetime(2026, 7, 1, 1, 30, tzinfo=copenhagen), ENGLISH) == "2026-06-30 23:30:00 UTC"
    assert time_of(None, ENGLISH) == "unknown"


def test_commands_can_be_pasted(make_verdict: Callable[..., Verdict], evidence: Evidence) -> None:
    """A shell reads back exactly what was said, whatever is in the names; no baseline is left out."""
    view = view_of(make_verdict(candidate="0.1; rm x", baseline=""), evidence, ENGLISH, "my run")
    again, judge = (shlex.split(command.line) for command in view.commands)
    expected = ["epjgate", "run", "--system", "sekmet", "--candidate", "0.1; rm x", "--environment", "process"]
    assert again == [*expected, "--seed", "7"]
    assert judge == ["epjgate", "judge", "my run"]


def test_equal_input_gives_an_equal_view(verdict: Verdict, evidence: Evidence) -> None:
    """The order in which tests ended does not show."""
    shuffled = replace(evidence, tests=tuple(reversed(evidence.tests)))
    assert view_of(verdict, shuffled, ENGLISH, "b") == view_of(verdict, evidence, ENGLISH, "b")


@pytest.mark.parametrize(
    ("language", "title", "hazard"),
    [("en", "The dose stayed", "The patient takes <it>."), ("da", "Dosis blev", "Patienten tager <den>.")],
)
def test_a_past_incident_that_came_back_is_told_in_the_language_of_the_report(
    verdict: Verdict, evidence: Evidence, returned: Evidence, language: Language, title: str, hazard: str
) -> None:
    """Only incidents of which a test failed are told, with their title and what patients would have suffered."""
    view = view_of(verdict, returned, Words(language), "run-1")
    assert view.incidents == (Returned("INC-0002", title, hazard),)
    assert view_of(verdict, evidence, Words(language), "run-1").incidents == ()


@pytest.mark.parametrize("language", ["en", "da"])
def test_a_proof_that_is_missing_is_not_told_as_a_fault_of_the_candidate(
    make_verdict: Callable[..., Verdict], evidence: Evidence, language: Language
) -> None:
    """Where nothing else rejects, the report says that nothing was found; one real fault beside it, and it does not."""
    words = Words(language)
    unproven = Finding(rule="incidents-proven", blame=Blame.CANDIDATE, summary="1 incident not proven")
    fault = Finding(rule="tests-passed", blame=Blame.CANDIDATE, summary="a stale version was accepted")
    for findings, key in (((unproven,), "why.unproven"), ((unproven, fault), "why.candidate")):
        rule = RuleResult(rule="any", title="Holds.", holds=False, findings=findings)
        assert view_of(make_verdict(rules=(rule,)), evidence, words, "run-1").why == words[key]
    assert words.blamed(unproven) == words["blame.unproven"]
    assert words.blamed(fault) == words.blame(Blame.CANDIDATE)


def test_changes_are_those_of_the_verdict_where_releases_were_compared(
    make_verdict: Callable[..., Verdict], evidence: Evidence, compared: Evidence, changes: tuple[JudgedChange, ...]
) -> None:
    """None means that nobody looked, an empty list that nothing changed."""
    assert view_of(make_verdict(changes=changes), compared, ENGLISH, "run-1").changes == changes
    assert view_of(make_verdict(), compared, ENGLISH, "run-1").changes == ()
    assert view_of(make_verdict(), evidence, ENGLISH, "run-1").changes is None


@pytest.mark.parametrize(
    ("language", "headline"),
    [
        ("en", "Rehearsal of an upgrade: approved: sekmet 0.9 -> 1.0"),
        ("da", "Generalprøve på en opgradering: godkendt: sekmet 0.9 -> 1.0"),
    ],
)
def test_a_rehearsal_is_never_told_as_a_release(
    make_rehearsal: Callable[..., Verdict], evidence: Evidence, language: Language, headline: str
) -> None:
    """Heading, headline, reason and what stands in the way all say that an upgrade was rehearsed."""
    words = Words(language)
    view = view_of(make_rehearsal(Blame.NOBODY), evidence, words, "run-1")
    assert view.headline == headline
    assert view.heading == headline.rpartition(":")[0].upper()
    assert view.subject == "sekmet 0.9 -> 1.0"
    assert view.why == f"{words.why(Blame.NOBODY)} {words['rehearsal.only']}"
    assert view.way == "upgrade_in_the_way"
    assert view.window is not None


def test_a_release_has_no_window(view: View) -> None:
    """Nothing of a rehearsal is told of it."""
    assert (view.window, view.way, view.heading, view.subject) == (None, "in_the_way", "REJECTED", "sekmet 0.1.1")


def test_a_rehearsal_is_repeated_by_its_own_command(
    make_rehearsal: Callable[..., Verdict], evidence: Evidence, rehearsed: Rehearsed
) -> None:
    """With the sizes, the repeats and the seed that were used; a night that was not named is left out."""
    again, _ = view_of(make_rehearsal(), evidence, ENGLISH, "run-1").commands
    assert again.line == (
        "epjgate rehearse --system sekmet --from 0.9 --to 1.0 --window 01:00-04:00 --date 2026-03-03 "
        "--production-size 50000 --sizes 1000,3000,10000 --repeats 2 --environment process --seed 7"
    )
    undated = rehearsed.model_copy(update={"plan": rehearsed.plan.model_copy(update={"date": ""})})
    again, _ = view_of(make_rehearsal(rehearsed=undated), evidence, ENGLISH, "run-1").commands
    assert "--date" not in again.line
