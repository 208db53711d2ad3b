"""Writes `junit.xml`, made so that a pipeline that reads nothing else cannot be misled."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import assert_never

from junitparser import Error, Failure, JUnitXml, Skipped, TestSuite
from junitparser.junitparser import FinalResult
from junitparser.xunit2 import TestCase

from epjgate.model.events import Requirement, TestFinished
from epjgate.model.evidence import Evidence
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame, Decision, Verdict
from epjgate.reports.files import write_file
from epjgate.reports.legible import legible, one_line
from epjgate.reports.view import SuiteRow, suite_rows

FILE = "junit.xml"
VERDICT_SUITE = "epjgate"


class JUnitPublisher:
    """Writes one test suite per suite, and a suite `epjgate` whose only test is the verdict, `rehearsal` for one.

    Failed is a failure; unreachable, broken and unfinished are errors; skipped and not applicable are skipped. A suite
    of which nothing was found holds one error. The test `verdict` passes only when the candidate is approved.
    """

    name = "junit"

    def publish(self, verdict: Verdict, evidence: Evidence, folder: Path) -> tuple[Path, ...]:
        """Write `junit.xml` below `folder`; raises EvidenceUnwritable when it cannot be written."""
        rehearsal = f"rehearsal of the upgrade {verdict.rehearsal}" if verdict.rehearsal else ""
        document = JUnitXml(legible(f"{verdict.system} {rehearsal or verdict.candidate}"))
        document.add_testsuite(_verdict_suite(verdict))
        for row in suite_rows(verdict, evidence):
            document.add_testsuite(_suite(row, verdict, evidence))
        document.update_statistics()  # type: ignore[no-untyped-call]  # junitparser leaves it without annotations
        text = io.BytesIO()
        document.write(text, pretty=True)
        return (write_file(folder / FILE, text.getvalue().decode()),)


def _verdict_suite(verdict: Verdict) -> TestSuite:
    suite = _described(VERDICT_SUITE, verdict)
    case = TestCase("rehearsal" if verdict.rehearsal else "verdict", VERDICT_SUITE, 0.0)
    if verdict.decision is not Decision.APPROVED:
        found = [finding for finding in verdict.findings if finding.blame is not Blame.NOBODY]
        head = one_line(found[0].summary) if found else verdict.blame.value
        result = Failure if verdict.decision is Decision.REJECTED else Error
        text = "\n".join(f"{finding.rule} ({finding.blame.value}): {finding.summary}" for finding in found)
        case.result = [_told(result(f"{verdict.decision.value}: {head}", verdict.decision.value), text)]
    suite.add_testcases([case])
    return suite


def _suite(row: SuiteRow, verdict: Verdict, evidence: Evidence) -> TestSuite:
    suite = _described(legible(row.suite), verdict)
    tests = sorted((test for test in evidence.tests if test.suite == row.suite), key=lambda test: test.test)
    suite.add_testcases([_case(test) for test in tests] or [_nothing_found(row)])
    return suite


def _described(name: str, verdict: Verdict) -> TestSuite:
    """Return an empty suite that carries what binds its results to what was tested."""
    suite = TestSuite(name)
    suite.add_property("run_id", legible(verdict.run_id))
    suite.add_property("environment", legible(verdict.environment))
    suite.add_property("suite_revision", legible(verdict.suite_revision))
    suite.add_property("evidence_digest", legible(verdict.evidence_digest))
    for identity in sorted(verdict.identities, key=lambda identity: identity.service):
        suite.add_property(legible(f"digest:{identity.service}"), legible(identity.digest or "none"))
    return suite


def _named(requirement: Requirement) -> str:
    return f"{requirement.specification} {requirement.section} ({requirement.level.value.upper()})"


def _nothing_found(row: SuiteRow) -> TestCase:
    case = TestCase("tests found", legible(row.suite), 0.0)
    case.result = [Error("no test of this suite was found", "nothing_tested")]
    return case


def _case(test: TestFinished) -> TestCase:
    case = TestCase(legible(test.test), legible(test.suite), max(test.duration_s, 0.0))
    for requirement in test.requirements:
        case.add_property("requirement", legible(_named(requirement)))
    case.result = list(_results(test))
    return case


def _results(test: TestFinished) -> Iterator[FinalResult]:
    match test.outcome:
        case Outcome.PASSED:
            return
        case Outcome.FAILED:
            yield _told(Failure(_message(test), test.outcome.value), _account(test))
        case Outcome.UNREACHABLE | Outcome.BROKEN | Outcome.UNFINISHED:
            yield _told(Error(_message(test), test.outcome.value), _account(test))
        case Outcome.SKIPPED | Outcome.NOT_APPLICABLE:
            yield _told(Skipped(_message(test), test.outcome.value), _account(test))
        case _:
            assert_never(test.outcome)


def _message(test: TestFinished) -> str:
    told = test.fault.message if test.fault else test.reason
    return one_line(f"{told or test.outcome.value} (owner: {test.owner})" if test.owner else told or test.outcome.value)


def _account(test: TestFinished) -> str:
    rules = [f"requirement: {_named(requirement)}" for requirement in test.requirements]
    if test.fault is None:
        return "\n".join([test.title, *rules, test.reason])
    fault = test.fault
    where = [f"location: {fault.location}", f"fingerprint: {fault.fingerprint}"]
    return "\n".join([test.title, *rules, f"{fault.kind}: {fault.message}", *where, fault.trace])


def _told(result: FinalResult, text: str) -> FinalResult:
    result.text = legible(text)
    return result
