"""Tests of epjgate.reports.junit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite
from junitparser.junitparser import FinalResult

from epjgate.errors import EvidenceUnwritable
from epjgate.model.events import Fault, TestFinished
from epjgate.model.evidence import Evidence
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame, SuiteCount, Verdict
from epjgate.reports.junit import JUnitPublisher

RESULTS: dict[Outcome, type[FinalResult] | None] = {
    Outcome.PASSED: None,
    Outcome.FAILED: Failure,
    Outcome.UNREACHABLE: Error,
    Outcome.BROKEN: Error,
    Outcome.UNFINISHED: Error,
    Outcome.SKIPPED: Skipped,
    Outcome.NOT_APPLICABLE: Skipped,
}


def _published(verdict: Verdict, evidence: Evidence, folder: Path) -> dict[str, TestSuite]:
    (path,) = JUnitPublisher().publish(verdict, evidence, folder)
    return {str(suite.name): suite for suite in JUnitXml.fromfile(str(path))}


def _results(case: TestCase) -> list[type[FinalResult]]:
    return [type(result) for result in case.result]


@pytest.mark.parametrize(
    ("blame", "results"),
    [(blame, [] if blame is Blame.NOBODY else [Failure] if blame is Blame.CANDIDATE else [Error]) for blame in Blame],
)
def test_the_verdict_is_a_test(
    tmp_path: Path,
    make_verdict: Callable[..., Verdict],
    evidence: Evidence,
    blame: Blame,
    results: list[type[FinalResult]],
) -> None:
    """Rejected fails, inconclusive is an error, only approved passes: who reads only JUnit is not misled."""
    (case,) = _published(make_verdict(blame), evidence, tmp_path)["epjgate"]
    assert case.name == "verdict"
    assert _results(case) == results


@pytest.mark.parametrize("outcome", list(Outcome))
def test_each_outcome(
    tmp_path: Path, verdict: Verdict, make_test: Callable[..., TestFinished], outcome: Outcome
) -> None:
    """Failed is a failure, harness faults are errors, what was not tested is skipped; the type names the outcome."""
    evidence = Evidence(manifest=None, tests=(make_test("test_a", outcome, reason="because", owner="us"),))
    (case,) = _published(verdict, evidence, tmp_path)["contracts/fhir_r4"]
    expected = RESULTS[outcome]
    assert _results(case) == ([] if expected is None else [expected])
    assert [result.type for result in case.result] == ([] if expected is None else [outcome.value])
    assert case.time == 0.25
    if expected is Skipped:
        assert case.result[0].message == "because (owner: us)"


def test_figures_add_up(tmp_path: Path, verdict: Verdict, evidence: Evidence) -> None:
    """The document's own figures count every test and the verdict."""
    (path,) = JUnitPublisher().publish(verdict, evidence, tmp_path)
    document = JUnitXml.fromfile(str(path))
    assert (document.tests, document.failures, document.errors, document.skipped) == (8, 2, 3, 2)


def test_an_empty_suite_is_not_green(tmp_path: Path, make_verdict: Callable[..., Verdict]) -> None:
    """A suite of which nothing was found holds one error."""
    verdict = make_verdict(Blame.NOTHING_TESTED, suites=(SuiteCount(suite="empty", title="t", counts={}),))
    (case,) = _published(verdict, Evidence(manifest=None), tmp_path)["empty"]
    assert _results(case) == [Error]


def test_results_are_bound_to_what_was_tested(tmp_path: Path, verdict: Verdict, evidence: Evidence) -> None:
    """Every suite names run and digests; a test names the requirement it pins."""
    (path,) = JUnitPublisher().publish(verdict, evidence, tmp_path)
    for suite in ElementTree.parse(path).iter("testsuite"):  # noqa: S314 - our own document
        facts = {fact.get("name"): fact.get("value") for fact in suite.findall("properties/property")}
        assert facts["run_id"] == "run-1"
        assert facts["digest:sekmet"] == "sha256:" + "e" * 64
        assert facts["evidence_digest"] == "sha256:" + "d" * 64
    assert '<property name="requirement" value="FHIR R4 3.1.0.5 (SHALL)"/>' in path.read_text()


@settings(deadline=None)
@given(text=st.text(st.characters(exclude_categories=())) | st.sampled_from(["]]>", "\x00\x1b", "<a & b>", "æøå"]))
def test_any_text_gives_valid_xml(
    tmp_path_factory: pytest.TempPathFactory,
    make_verdict: Callable[..., Verdict],
    make_test: Callable[..., TestFinished],
    text: str,
) -> None:
    """Whatever a test is called or says, the document can be parsed and holds the test."""
    fault = Fault(kind="E", message=text, location=text, fingerprint="f", trace=text)
    test = make_test("test_a", Outcome.FAILED, test=f"t{text}", title=text, fault=fault)
    verdict = make_verdict(candidate=f"c{text}", run_id=f"r{text}")
    suites = _published(verdict, Evidence(manifest=None, tests=(test,)), tmp_path_factory.mktemp("junit"))
    (case,) = suites["contracts/fhir_r4"]
    assert _results(case) == [Failure]


def test_order_of_tests_does_not_show(tmp_path: Path, verdict: Verdict, evidence: Evidence) -> None:
    """Equal input gives equal bytes."""
    (path,) = JUnitPublisher().publish(verdict, evidence, tmp_path)
    first = path.read_bytes()
    JUnitPublisher().publish(verdict, replace(evidence, tests=tuple(reversed(evidence.tests))), tmp_path)
    assert path.read_bytes() == first


def test_what_cannot_be_written_is_told(tmp_path: Path, verdict: Verdict, evidence: Evidence) -> None:
    """A folder in the way ends as an error of the gate."""
    (tmp_path / "junit.xml").mkdir()
    with pytest.raises(EvidenceUnwritable):
        JUnitPublisher().publish(verdict, evidence, tmp_path)


def test_the_verdict_on_a_rehearsal_is_not_a_test_of_the_release(
    tmp_path: Path, make_rehearsal: Callable[..., Verdict], evidence: Evidence
) -> None:
    """Its test has another name, and the document names the upgrade."""
    (case,) = _published(make_rehearsal(Blame.NOBODY), evidence, tmp_path)["epjgate"]
    assert (case.name, _results(case)) == ("rehearsal", [])
    root = ElementTree.parse(tmp_path / "junit.xml").getroot()  # noqa: S314 - our own document
    assert root.get("name") == "sekmet rehearsal of the upgrade 0.9 -> 1.0"
