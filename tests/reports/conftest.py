"""One run with everything in it, as verdict and evidence, for the publishers to tell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from epjgate.model.events import Fault, Level, Requirement, Severity, TestFinished, TestsCollected
from epjgate.model.evidence import Evidence
from epjgate.model.manifest import DigestKind, Identity, Manifest, SuitePlan
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame, Finding, RuleResult, SuiteCount, Verdict

STARTED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
JUDGED = datetime(2026, 1, 5, 9, 2, 30, tzinfo=UTC)
SUITE = "contracts/fhir_r4"

MakeVerdict = Callable[..., Verdict]
MakeEvidence = Callable[..., Evidence]
MakeTest = Callable[..., TestFinished]


def _test(name: str, outcome: Outcome, **given: object) -> TestFinished:
    """Return a test of the suite; a failed one carries a fault and a requirement."""
    values: dict[str, object] = {
        "test": f"suites/{SUITE}/test_patients.py::{name}",
        "suite": SUITE,
        "title": f"Title of {name}",
        "outcome": outcome,
        "duration_s": 0.25,
    }
    if outcome in {Outcome.FAILED, Outcome.UNREACHABLE, Outcome.BROKEN}:
        values["fault"] = Fault(
            kind="AssertionError",
            message=f"expected 412, got 200 in {name}",
            location="test_patients.py:41",
            fingerprint="f1f2f3f4",
            trace="line 41\nassert status == 412",
        )
        values["requirements"] = (
            Requirement(
                specification="FHIR R4", section="3.1.0.5", level=Level.SHALL, url="https://hl7.org/fhir/R4/http.html"
            ),
        )
        values["severity"] = Severity.CRITICAL
    return TestFinished.model_validate(values | given)


_TESTS = (
    _test("test_reads_what_was_created", Outcome.PASSED),
    _test("test_refuses_a_stale_version", Outcome.FAILED, exchanges_file="exchanges/stale.jsonl"),
    _test("test_answers_at_all", Outcome.UNREACHABLE),
    _test("test_breaks_by_itself", Outcome.BROKEN),
    _test("test_never_ends", Outcome.UNFINISHED),
    _test("test_waits_for_a_mend", Outcome.SKIPPED, reason="waits for the vendor", owner="integration team"),
    _test("test_laboratory", Outcome.NOT_APPLICABLE, reason="the system has no laboratory"),
)


@pytest.fixture(scope="session")
def make_test() -> MakeTest:
    """Return the builder of one test."""
    return _test


@pytest.fixture(scope="session")
def make_evidence() -> MakeEvidence:
    """Return a builder of evidence, by default with one test of each outcome; arguments replace what they name."""

    def make(**given: object) -> Evidence:
        values: dict[str, object] = {
            "manifest": Manifest(
                run_id="run-1",
                epjgate_version="0.1.0",
                system="sekmet",
                candidate="0.1.1",
                baseline="0.1.0",
                environment="process",
                suites=(SuitePlan(name=SUITE, title="FHIR R4 contract", digest="sha256:" + "a" * 64),),
                suite_revision="sha256:" + "b" * 64,
                policy_digest="sha256:" + "c" * 64,
                seed=7,
                workers=2,
                started_at=STARTED,
                host="secret-host",
                python="3.11.2",
            ),
            "tests": _TESTS,
            "collected": (TestsCollected(tests={test.test: test.suite for test in _TESTS}),),
            "finished_at": JUDGED,
            "digest": "sha256:" + "d" * 64,
        }
        return Evidence(**(values | given))  # type: ignore[arg-type]  # the values are as the tests give them

    return make


@pytest.fixture(scope="session")
def make_verdict() -> MakeVerdict:
    """Return a builder of verdicts by blame, by default rejected; arguments replace what they name."""

    def make(blame: Blame = Blame.CANDIDATE, **given: object) -> Verdict:
        finding = Finding(
            rule="tests_passed",
            blame=blame,
            summary="1 test failed",
            detail="a stale version was accepted",
            fix="mend the candidate",
            tests=("test_refuses_a_stale_version",),
        )
        note = Finding(rule="skips_declared", blame=Blame.NOBODY, summary="1 skip is declared")
        stands = blame is not Blame.NOBODY
        values: dict[str, object] = {
            "decision": blame.decision,
            "blame": blame,
            "run_id": "run-1",
            "system": "sekmet",
            "candidate": "0.1.1",
            "baseline": "0.1.0",
            "environment": "process",
            "identities": (
                Identity(
                    service="sekmet",
                    reference="sekmet-fhir==0.1.1",
                    digest="sha256:" + "e" * 64,
                    kind=DigestKind.PACKAGES,
                    parts=("sekmet-fhir 0.1.1",),
                ),
            ),
            "suite_revision": "sha256:" + "b" * 64,
            "policy_digest": "sha256:" + "c" * 64,
            "evidence_digest": "sha256:" + "d" * 64,
            "seed": 7,
            "started_at": STARTED,
            "judged_at": JUDGED,
            "suites": (
                SuiteCount(
                    suite=SUITE, title="FHIR R4 contract", counts={test.outcome.value: 1 for test in _TESTS}, floor=3
                ),
            ),
            "rules": (
                RuleResult(rule="tests_passed", title="No test fails.", holds=not stands, findings=(finding,) * stands),
                RuleResult(rule="skips_declared", title="Skips have an owner.", holds=True, findings=(note,)),
            ),
        }
        return Verdict.model_validate(values | given)

    return make


@pytest.fixture(scope="session")
def verdict(make_verdict: MakeVerdict) -> Verdict:
    """Return a verdict that rejects."""
    return make_verdict()


@pytest.fixture(scope="session")
def evidence(make_evidence: MakeEvidence) -> Evidence:
    """Return evidence with one test of each outcome."""
    return make_evidence()
